"""The `trc` corpus as hearings, and the questions asked of it: drawn by a fixed seed from its own words."""

import gzip
import itertools
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

CORPUS = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "corpus"
SEED = 20_26
TITLE_WORDS = 8
FIRST_DAY = date(1996, 4, 15)
DAYS = 900

_WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class Hearing:
    """One hearing: its passages, the names it is known to concern, and a day, which is invented."""

    id: str
    passages: tuple[str, ...]
    names: tuple[str, ...]
    day: date

    @property
    def title(self) -> str:
        return " ".join(self.passages[0].split()[:TITLE_WORDS])


@dataclass(frozen=True, slots=True)
class Question:
    """One query: as people write it to us, and as words in a shape, for engines with a syntax of their own.

    Shapes: all, any, phrase, prefix; None where a bare engine has nothing like it. `relevant` is the hearing
    that a known-item query is after.
    """

    kind: str
    query: str
    words: tuple[str, ...] = ()
    shape: str | None = None
    relevant: frozenset[str] = frozenset()


def hearings(most_passages: int) -> list[Hearing]:
    """Read whole hearings until there are so many passages; the last one may be cut."""
    folder = Path(os.environ.get("SVIEDKA_CORPUS", CORPUS)) / "trc"
    with gzip.open(folder / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        passages = [json.loads(line) for line in itertools.islice(lines, most_passages)]
    names: dict[str, list[str]] = {}
    for known in _known(folder):
        for hearing in known["relevant"]:
            names.setdefault(hearing, []).append(known["query"])
    grouped = itertools.groupby(passages, key=lambda passage: passage["doc"])
    return [
        Hearing(
            doc,
            tuple(passage["text"] for passage in group),
            tuple(names.get(doc, ())),
            FIRST_DAY + timedelta(days=number * 7 % DAYS),
        )
        for number, (doc, group) in enumerate(grouped)
    ]


def _known(folder: Path) -> Iterator[dict[str, list[str]]]:
    with (folder / "known_item_queries.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def questions(corpus: list[Hearing], each: int) -> list[Question]:
    """Draw `each` questions of every kind from what the hearings say, fewer where they say too little."""
    draw = random.Random(SEED)
    passages = [passage for hearing in corpus for passage in hearing.passages]
    counts = Counter(word for passage in passages for word in set(_WORD.findall(passage.lower())))
    total = len(passages)
    ordered = sorted(counts)
    common = [word for word in ordered if counts[word] >= total / 10]
    middling = [word for word in ordered if total / 100 <= counts[word] < total / 10]
    rare = [word for word in ordered if 3 <= counts[word] <= 10]
    spoken = [_neighbours(draw, passages) for _ in range(each)]
    couples = [tuple(draw.sample(middling, 2)) for _ in range(2 * each)]
    known = [(name, hearing.id) for hearing in corpus for name in hearing.names]
    wanted = draw.sample(known, min(each, len(known)))
    relevant = {name: frozenset(h for n, h in known if n == name) for name, _ in wanted}
    heads = sorted({word[:6] for word in middling if len(word) > 6})
    named = [(name, tuple(re.findall(r"\w+", name.lower()))) for name, _ in wanted]
    titled = sorted({word for one in corpus for word in _WORD.findall(one.title.lower())})
    months = [f"{year}-{month:02}" for year in (1996, 1997) for month in range(5, 12)]
    return [
        *(Question("common word", word, (word,), "all") for word in _some(draw, common, each)),
        *(Question("rare word", word, (word,), "all") for word in _some(draw, rare, each)),
        *(Question("phrase", f'"{" ".join(two)}"', two, "phrase") for two in spoken),
        *(Question("both words", f"{a} AND {b}", (a, b), "all") for a, b in couples[:each]),
        *(Question("either word", f"{a} OR {b}", (a, b), "any") for a, b in couples[each:]),
        *(Question("prefix", f"{head}*", (head,), "prefix") for head in _some(draw, heads, each)),
        *(
            Question("name in the text", f'name:~"{name}"', words, "all", relevant[name])
            for name, words in named
        ),
        *(
            Question("alleged perpetrator", f'perpetrator:"{name}"', relevant=relevant[name])
            for name, _ in named
        ),
        *(Question("field", f"title:{word}") for word in _some(draw, titled, each)),
        *(
            Question("word and date", f"{word} date:[{month} TO {month}]")
            for word, month in zip(_some(draw, middling, each), itertools.cycle(months), strict=False)
        ),
    ]


def _some(draw: random.Random, words: list[str], count: int) -> list[str]:
    return draw.sample(words, min(count, len(words)))


def _neighbours(draw: random.Random, passages: list[str]) -> tuple[str, str]:
    """Draw two words that stand beside each other somewhere."""
    while True:
        found = re.search(r"\b([a-z]{4,}) ([a-z]{4,})\b", draw.choice(passages)[draw.randrange(500) :])
        if found:
            return found[1], found[2]
