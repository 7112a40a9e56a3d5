"""What our engines cost beside bare tantivy: passages indexed per second and milliseconds per kind of query.

    python bench/engines.py [--passages 20000] [--whoosh 2000] [--folder DIR]

On passages of the `trc` corpus. Bare tantivy has its own English stemmer and one field; ours has our
analysis, names heard in the text, twelve fields, filters and exact totals. Nothing is sealed here.
"""

import argparse
import gzip
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import tantivy

# A script's own folder comes first among the places of modules, and `bench/search.py` is not `search`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from search.engines.port import Bounds, Document, Engine
from search.engines.tantivy_engine import TantivyEngine
from search.engines.whoosh_engine import WhooshEngine
from search.query.parse import parse
from search.wording import Wording

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results" / "engines.json"
COMMIT = 5_000
ROUNDS = 30
SHUT_OUT = 10

# Kind of query: (ours, bare tantivy's).
QUERIES = {
    "common word": ("commission", "commission"),
    "rare word": ("electrocuted", "electrocuted"),
    "two words": ("police torture", "+police +torture"),
    "phrase": ('"security police"', '"security police"'),
    "phrase with gaps": ('"police station"~4', '"police station"~4'),
    "boolean": ("(torture OR assault) AND prison NOT hospital", "+(torture assault) +prison -hospital"),
    "prefix": ("tortur*", None),
    "name in the text": ('name:~"Thabiso Makoala"', None),
    "perpetrator's name": ('perpetrator:"Mthembu"', None),
}


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=20_000, help="for tantivy (default 20000)")
    parser.add_argument("--whoosh", type=int, default=2_000, help="for Whoosh (default 2000)")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    arguments = parser.parse_args()
    passages = list(itertools.islice(documents(), arguments.passages))
    runs: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        runs["bare tantivy"] = bare(passages, folder)
        runs["our tantivy"] = ours(TantivyEngine, passages, Path(folder) / "tantivy")
        runs["our whoosh"] = ours(WhooshEngine, passages[: arguments.whoosh], Path(folder) / "whoosh")
    for name, run in runs.items():
        print(f"\n{name}: {run['passages']} passages, {run['passages_per_second']:.0f}/s")
        for kind, found in run["queries"].items():
            print(
                f"  {kind:<20} p50 {found['p50_ms']:8.2f} ms   p95 {found['p95_ms']:8.2f} ms", found["total"]
            )
    RESULTS.parent.mkdir(exist_ok=True)
    report = {"cores": os.cpu_count(), "python": sys.version.split()[0], "runs": runs}
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def documents() -> Iterable[Document]:
    """Yield the passages of the corpus; every fifth names an alleged perpetrator."""
    corpus = Path(os.environ.get("SVIEDKA_CORPUS", ROOT.parent / "shared" / "corpus"))
    names = ["J. Mthembu", "Zaicau, Ivan", "Piotr Bojka", "Ян Карповіч", "A. Kritsinger"]
    with gzip.open(corpus / "trc" / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            passage = json.loads(line)
            yield Document(
                key=passage["id"],
                item=passage["doc"],
                rendition=passage["doc"],
                locator=str(number),
                language="en",
                text=passage["text"],
                perpetrators=(names[number // 5 % 5],) if number % 5 == 0 else (),
                order=number,
            )


def ours(kind: type[Engine], passages: list[Document], folder: Path) -> dict[str, Any]:
    """Index with commits of 5,000, then ask for the first ten hits with every tenth item shut out."""
    folder.mkdir()
    engine = kind.create(folder, Wording())
    started = time.perf_counter()
    for first in range(0, len(passages), COMMIT):
        engine.add(passages[first : first + COMMIT])
        engine.commit()
    elapsed = time.perf_counter() - started
    items = sorted({passage.item for passage in passages})
    bounds = Bounds(excluded_items=frozenset(items[::SHUT_OUT]))

    def ask(query: str) -> int:
        return engine.search(parse(query), limit=10, bounds=bounds).total

    return report(passages, elapsed, {kind: (lambda q=own: ask(q)) for kind, (own, _) in QUERIES.items()})


def bare(passages: list[Document], folder: str) -> dict[str, Any]:
    """Do the same with nothing but tantivy."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="en_stem")
    builder.add_text_field("key", stored=True, tokenizer_name="raw")
    path = Path(folder) / "bare"
    path.mkdir()
    index = tantivy.Index(builder.build(), path=str(path))
    started = time.perf_counter()
    for first in range(0, len(passages), COMMIT):
        writer = index.writer(64_000_000, 1)
        for passage in passages[first : first + COMMIT]:
            writer.add_document(tantivy.Document(text=passage.text, key=passage.key))
        writer.commit()
        writer.wait_merging_threads()
    elapsed = time.perf_counter() - started
    index.reload()
    searcher = index.searcher()

    def ask(query: str) -> int:
        found = searcher.search(index.parse_query(query, ["text"]), 10)
        for _, address in found.hits:
            searcher.doc(address)
        return int(found.count)

    asked = {kind: (lambda q=query: ask(q)) for kind, (_, query) in QUERIES.items() if query}
    return report(passages, elapsed, asked)


def report(passages: list[Document], elapsed: float, asked: dict[str, Callable[[], int]]) -> dict[str, Any]:
    """Run each query often enough for a 95th percentile."""
    queries = {}
    for kind, ask in asked.items():
        total, times = ask(), []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            ask()
            times.append((time.perf_counter() - started) * 1000)
        p95 = statistics.quantiles(times, n=20)[-1]
        queries[kind] = {"p50_ms": statistics.median(times), "p95_ms": p95, "total": total}
    return {"passages": len(passages), "passages_per_second": len(passages) / elapsed, "queries": queries}


if __name__ == "__main__":
    main()
