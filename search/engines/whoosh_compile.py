"""Compile a plan to Whoosh's own queries, by the same rules as the one for tantivy.

Places with alternatives, periods and lists of items are gathered here from postings and columns: that keeps
them one short function each, whose meaning can be read. It is a choice, not the avoidance of a fault; the
faults that are avoided are listed, and shown, in `tests/search/test_oracle.py`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from whoosh import matching, query
from whoosh.reading import IndexReader, TermNotFound
from whoosh.scoring import WeightingModel, WeightLengthScorer

from search.engines.fields import DAYS
from search.engines.nodes import AllOf, AnyOf, Dates, Every, Maybe, Not, Phrase, Plan, Word
from search.engines.port import Bounds, Node, Statistics
from search.engines.scoring import bm25, idf

Gather = Callable[[IndexReader], Iterable[int]]


class Gathered(query.Query):  # type: ignore[misc]  # whoosh has no types
    """Documents of a segment found by a function of its reader; they add nothing to the score."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather

    def is_leaf(self) -> bool:
        return True

    def estimate_size(self, reader: IndexReader) -> int:
        return int(reader.doc_count())

    def matcher(self, searcher: Any, context: Any = None) -> matching.Matcher:  # noqa: ARG002
        reader = searcher.reader()
        found = sorted(number for number in set(self._gather(reader)) if not reader.is_deleted(number))
        return matching.ListMatcher(found, [0.0] * len(found)) if found else matching.NullMatcher()


class Bm25(WeightingModel):  # type: ignore[misc]  # whoosh has no types
    """BM25 as tantivy counts it, with the index's own or with summed statistics."""

    def __init__(self, statistics: Statistics | None) -> None:
        self._statistics = statistics

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: float = 1) -> WeightLengthScorer:  # noqa: ARG002
        reader = searcher.get_parent().reader()
        term = text.decode() if isinstance(text, bytes) else text
        frequency, documents = reader.doc_frequency(fieldname, term), reader.doc_count_all()
        if self._statistics is not None:
            frequency = self._statistics.frequencies.get((fieldname, term), frequency)
            documents = self._statistics.documents
        average = reader.field_length(fieldname) / max(reader.doc_count_all(), 1)
        scorer = _Scorer(idf(frequency, documents), average)
        if searcher.schema[fieldname].scorable:
            scorer.setup(searcher, fieldname, text)
        return scorer


class _Scorer(WeightLengthScorer):  # type: ignore[misc]  # whoosh has no types
    def __init__(self, weight: float, average_length: float) -> None:
        self._idf = weight
        self._average_length = average_length
        # What holds for keywords, which have no lengths; `setup` replaces both.
        self.dfl = lambda _: 1
        self._maxquality = self._score(1.0, 1)

    def _score(self, weight: float, length: float) -> float:
        return self._idf * bm25(weight, length, self._average_length)


def compile_plan(plan: Plan) -> Node:
    """Return the query that matches exactly the plan's documents."""
    match plan:
        case Word(field, terms, boost):
            return _or([query.Term(field, term, boost=boost) for term in terms])
        case Phrase(field, places, _, boost):
            words = sorted({term for place in places for term in place})
            scored = _or([query.Term(field, word, boost=boost) for word in words])
            return query.And([Gathered(lambda reader: _fitting(reader, plan)), scored])
        case Dates(first, last):
            return Gathered(lambda reader: _overlapping(reader, first, last))
        case Every():
            return _every()
        case Not():
            return _and((plan,))
        case AllOf(parts):
            return _and(parts)
        case AnyOf(parts):
            return _or([compile_plan(part) for part in parts])
        case Maybe(part, bonus):
            return query.AndMaybe(compile_plan(part), compile_plan(bonus))


def bounded(node: Node, bounds: Bounds) -> Node:
    """Shut items out, or restrict the query to some, without touching the scores."""
    parts = [node]
    if bounds.only_items is not None:
        parts.append(_items(bounds.only_items))
    if bounds.excluded_items:
        parts.append(query.Not(_items(bounds.excluded_items)))
    return query.And(parts) if len(parts) > 1 else node


def _or(parts: list[Node]) -> Node:
    if not parts:
        return query.NullQuery
    return parts[0] if len(parts) == 1 else query.Or(parts)


def _and(parts: tuple[Plan, ...]) -> Node:
    negatives = [query.Not(compile_plan(part.part)) for part in parts if isinstance(part, Not)]
    positives = [compile_plan(part) for part in parts if not isinstance(part, Not)]
    return query.And([*(positives or [_every()]), *negatives])


def _every() -> Node:
    return Gathered(lambda reader: reader.all_doc_ids())


def _items(items: frozenset[str]) -> Node:
    def gather(reader: IndexReader) -> Iterable[int]:
        for item in items:
            yield from _positions(reader, "item", item)

    return Gathered(gather)


def _overlapping(reader: IndexReader, first: int, last: int) -> Iterable[int]:
    if not (reader.has_column("first") and reader.has_column("last")):
        return []
    begins, ends = reader.column_reader("first"), reader.column_reader("last")
    return (n for n in reader.all_doc_ids() if -DAYS <= begins[n] <= last and first <= ends[n] <= DAYS)


def _fitting(reader: IndexReader, phrase: Phrase) -> Iterable[int]:
    """Find the documents where some position can be reached through all places, one step after another."""
    reached: dict[int, set[int]] | None = None
    for place in phrase.places:
        here: dict[int, set[int]] = {}
        for term in place:
            for number, positions in _positions(reader, phrase.field, term).items():
                if reached is None or number in reached:
                    here.setdefault(number, set()).update(positions)
        if reached is not None:
            here = {n: _stepped(reached[n], positions, phrase.slop) for n, positions in here.items()}
        reached = {number: positions for number, positions in here.items() if positions}
    return reached or {}


def _stepped(before: set[int], here: set[int], slop: int) -> set[int]:
    return {position for position in here if any(position - step in before for step in range(1, slop + 1))}


def _positions(reader: IndexReader, field: str, term: str) -> dict[int, list[int]]:
    """Return the positions of a term by document; of a field without positions, empty lists."""
    try:
        postings = reader.postings(field, term)
    except TermNotFound:
        return {}
    found: dict[int, list[int]] = {}
    placed = postings.supports("positions")
    while postings.is_active():
        found[postings.id()] = postings.value_as("positions") if placed else []
        postings.next()
    return found
