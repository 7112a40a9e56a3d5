"""What searching costs on the whole road, beside engines with nothing around them.

    python bench/search.py [--passages 77748] [--whoosh 4000] [--folder DIR]

On the `trc` corpus. Ours: passages a second from sealed index batches to a sealed index (opening, analysis,
engine, commits of at least 2,000 passages, sealing new files and manifest, all durable); milliseconds from a
query to ten snippets (`search.disclosure.find`: keyring, policy, gate of consent with every tenth hearing
shut out, engine, search event signed and logged durably, titles and texts opened from what is sealed). The
reader is signed in, the index open. Bare engines give ten keys and nothing else. Both our engines are asked
the same kinds of question; Whoosh gets fewer passages, bare Whoosh the same as ours. On a busy machine the
processor's time says more than the clock, which also holds the waiting for a disk that others use.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# A script's own folder comes first among the places of modules, where this file would stand for `search`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.searching.hearings import Hearing, Question, hearings, questions
from bench.searching.peers import Ask, Passages, bare_fts5, bare_tantivy, bare_whoosh
from bench.searching.road import Road, opened_road
from search.disclosure import find
from search.engines.port import Engine
from search.engines.tantivy_engine import TantivyEngine
from search.engines.whoosh_engine import WhooshEngine
from search.retrieval import Page

RESULTS = Path(__file__).resolve().parent / "results" / "search.json"
EACH = 25
ROUNDS = 2
HITS = 10
MARKS = {"passages_per_second": 3_000, "p95_ms": 50}


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=77_748, help="for tantivy (default: all)")
    parser.add_argument(
        "--whoosh", type=int, default=4_000, help="for Whoosh (default 4000; 0: leave it out)"
    )
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    arguments = parser.parse_args()
    runs: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder, corpus = Path(name), hearings(arguments.passages)
        asked = questions(corpus, EACH)
        runs["ours, tantivy"] = road(folder, TantivyEngine, corpus, asked)
        runs["bare tantivy"] = peer(bare_tantivy, folder, corpus, asked)
        runs["SQLite FTS5"] = peer(bare_fts5, folder, corpus, asked)
        if arguments.whoosh:
            few = hearings(arguments.whoosh)
            asked = questions(few, EACH)
            runs["ours, Whoosh"] = road(folder, WhooshEngine, few, asked)
            runs["bare Whoosh"] = peer(bare_whoosh, folder, few, asked)
    show(runs)
    RESULTS.parent.mkdir(exist_ok=True)
    about = {"cores": os.cpu_count(), "python": sys.version.split()[0], "load": os.getloadavg()[0]}
    RESULTS.write_text(json.dumps({**about, "marks": MARKS, "runs": runs}, indent=1) + "\n", encoding="utf-8")


def road(folder: Path, engine: type[Engine], corpus: list[Hearing], asked: list[Question]) -> dict[str, Any]:
    """Measure our whole road with one engine."""
    with opened_road(folder / engine.__name__, engine, corpus) as opened:
        opened.library.shelf.open(opened.held)
        found = timed(asked, lambda question: ask(opened, question))
        return {
            "passages": opened.passages,
            "hearings": len(corpus),
            "commits": opened.commits,
            "passages_per_second": opened.passages / opened.fold_seconds,
            "passages_per_processor_second": opened.passages / opened.fold_processor_seconds,
            "deposited_per_second": opened.passages / opened.deposit_seconds,
            "known_items_in_ten": known_items(opened, asked),
            **found,
        }


def ask(opened: Road, question: Question) -> int:
    return len(find(opened.library, opened.lawyer, question.query, page=Page(limit=HITS)).hits)


def known_items(opened: Road, asked: list[Question]) -> float:
    """Return the share of names whose hearing is among ten hits, of hearings that are not shut out."""
    gate = opened.library.shelf.gate.shut(opened.archive.ledger(), opened.lawyer.purpose)
    shut = {opened.hearing_of[item] for items in gate.values() for item in items}
    open_to_her = [one for one in asked if one.kind == "name in the text" and one.relevant - shut]
    found = 0
    for question in open_to_her:
        hits = find(opened.library, opened.lawyer, question.query, page=Page(limit=HITS)).hits
        found += bool({opened.hearing_of[hit.item] for hit in hits} & question.relevant)
    return found / max(len(open_to_her), 1)


def peer(
    made: Callable[[Passages, Path], tuple[float, Ask]],
    folder: Path,
    corpus: list[Hearing],
    asked: list[Question],
) -> dict[str, Any]:
    """Measure a bare engine on the same passages and, of the same questions, those it can be asked."""
    passages = [(f"{one.id}#{n}", text) for one in corpus for n, text in enumerate(one.passages)]
    place = folder / made.__name__
    place.mkdir()
    elapsed, answer = made(passages, place)
    found = timed([question for question in asked if question.shape], answer)
    return {"passages": len(passages), "passages_per_second": len(passages) / elapsed, **found}


def timed(asked: list[Question], answer: Ask) -> dict[str, Any]:
    """Ask everything, the kinds mixed, `ROUNDS` times after one question to warm up."""
    answer(asked[0])
    times: dict[str, list[float]] = {question.kind: [] for question in asked}
    processor: list[float] = []
    kinds = list(times)
    mixed = sorted(enumerate(asked), key=lambda one: (one[0] % EACH, kinds.index(one[1].kind)))
    for _ in range(ROUNDS):
        for _, question in mixed:
            worked, started = time.process_time(), time.perf_counter()
            answer(question)
            times[question.kind].append((time.perf_counter() - started) * 1000)
            processor.append((time.process_time() - worked) * 1000)
    return {
        "all": percentiles([one for kind in times.values() for one in kind]),
        "processor": percentiles(processor),
        "kinds": {kind: percentiles(found) for kind, found in times.items()},
    }


def percentiles(times: list[float]) -> dict[str, float]:
    return {"p50_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[-1]}


def show(runs: dict[str, dict[str, Any]]) -> None:
    """Print what was measured: ours, then each bare engine and how many times ours takes."""
    bare_of = {"ours, tantivy": ("bare tantivy", "SQLite FTS5"), "ours, Whoosh": ("bare Whoosh",)}
    for name, bare_names in bare_of.items():
        if name not in runs:
            continue
        run, bare = runs[name], [runs[one] for one in bare_names]
        print(f"\n{name}: {run['passages']} passages of {run['hearings']} hearings, {run['commits']} commits")
        print(f"  {'':<26}{name:>22}" + "".join(f"{one:>34}" for one in bare_names))
        speeds = "".join(beside(run["passages_per_second"], one["passages_per_second"], 0) for one in bare)
        print(f"  {'passages a second':<26}{run['passages_per_second']:>22.0f}{speeds}")
        flat = {**run["kinds"], "all": run["all"], "all, processor": run["processor"]}
        for kind, found in flat.items():
            for key in ("p50_ms", "p95_ms"):
                everything = {"all": "all", "all, processor": "processor"}.get(kind)
                others = [one[everything] if everything else one["kinds"].get(kind) for one in bare]
                cells = "".join(beside(found[key], other[key], 2) if other else " " * 34 for other in others)
                print(f"  {kind + ', ' + key[:3] + ' ms':<26}{found[key]:>22.2f}{cells}")
        print(f"  known items among ten hits: {run['known_items_in_ten']:.0%}")


def beside(ours: float, theirs: float, digits: int) -> str:
    return f"{theirs:>22.{digits}f} (ours x{ours / theirs:>5.2f})"


if __name__ == "__main__":
    main()
