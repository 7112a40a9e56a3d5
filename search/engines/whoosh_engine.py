"""The second engine: Whoosh's own index, pure Python, for machines without a wheel of tantivy.

Slower than tantivy (`bench/engines.py`) and the same in what it finds. Additions wait in memory until the
commit. Whoosh reads pickles from its files, so nothing may be opened whose digest was not checked.
Rescaling by `Statistics` is exact in the inverse document frequency and approximate in the average field
length, as with tantivy.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import Any

from whoosh import columns, fields, index
from whoosh.analysis import RegexTokenizer
from whoosh.searching import Searcher

from archive.errors import SearchError
from search.engines.fields import (
    DAYS,
    FACETS,
    MENTIONS,
    NAMED,
    STEMMED,
    TermMaker,
    check_facet,
    facet_values,
    period,
)
from search.engines.nodes import scored_terms
from search.engines.plan import Planner, check_cost, check_page
from search.engines.port import (
    NO_BOUNDS,
    Analysis,
    Bounds,
    Document,
    Hit,
    Node,
    Results,
    Statistics,
    check_empty,
)
from search.engines.whoosh_compile import Bm25, bounded, compile_plan

WRITER_MEGABYTES = 64
_KEYWORDS = ("language", "item", "kind")
_STORED = ("key", "item", "rendition", "locator", "language", "order")


class WhooshEngine:
    """One Whoosh index in one folder."""

    def __init__(self, opened: index.FileIndex, folder: Path, analysis: Analysis) -> None:
        self._index = opened
        self._folder = folder
        self._analysis = analysis
        self._terms = TermMaker(analysis)
        self._added: list[dict[str, Any]] = []
        self._deleted: set[str] = set()
        # Whoosh does not say that its readers may be shared by threads.
        self._lock = RLock()
        self._searcher: Searcher = opened.searcher()

    @classmethod
    def create(cls, folder: Path, analysis: Analysis) -> "WhooshEngine":
        """Make an empty index in an empty folder."""
        with _guarded("S31", "an index cannot be made here"):
            check_empty(folder)
            return cls(index.create_in(str(folder), _schema()), folder, analysis)

    @classmethod
    def open(cls, folder: Path, analysis: Analysis) -> "WhooshEngine":
        """Open the index in a folder."""
        with _guarded("S32", "the index cannot be opened"):
            return cls(index.open_dir(str(folder), schema=_schema()), folder, analysis)

    def add(self, documents: Iterable[Document]) -> int:
        """Keep documents for the next commit and return how many."""
        made = [self._document(document) for document in documents]
        self._added.extend(made)
        return len(made)

    def delete_item(self, item: str) -> None:
        """Remove every document of an item at the next commit."""
        self._deleted.add(item)
        self._added = [document for document in self._added if document["item"] != item]

    def commit(self) -> None:
        """Write the changes and make them visible."""
        if not self._added and not self._deleted:
            return
        with self._lock, _guarded():
            writer = self._index.writer(limitmb=WRITER_MEGABYTES)
            for item in self._deleted:
                writer.delete_by_term("item", item)
            for document in self._added:
                writer.add_document(**document)
            writer.commit()
            self._added, self._deleted = [], set()
            self._searcher.close()
            self._searcher = self._index.searcher()

    def search(
        self,
        query: Node,
        *,
        limit: int,
        offset: int = 0,
        bounds: Bounds = NO_BOUNDS,
        statistics: Statistics | None = None,
    ) -> Results:
        """Return a page of hits, best first."""
        check_page(limit, offset)
        with self._lock, _guarded():
            compiled = self._compiled(query, bounds)
            with Searcher(self._searcher.reader(), weighting=Bm25(statistics), closereader=False) as searcher:
                found = list(_scored(searcher, compiled))
            best = heapq.nsmallest(offset + limit, found)[offset:]
            hits = (_hit(self._searcher.stored_fields(number), -score) for score, number in best)
            return Results(len(found), tuple(hits))

    def matching(self, query: Node, *, bounds: Bounds = NO_BOUNDS) -> set[str]:
        """Return the keys of all matching documents."""
        with self._lock, _guarded():
            return {stored["key"] for stored in self._stored(query, bounds)}

    def facet(self, query: Node, name: str, *, limit: int = 50, bounds: Bounds = NO_BOUNDS) -> dict[str, int]:
        """Count the matching documents by each value of a facet, the most frequent first."""
        check_facet(name)
        counts: Counter[str] = Counter()
        with self._lock, _guarded():
            for stored in self._stored(query, bounds):
                counts.update(stored[f"{name}_facet"])
        return dict(sorted(counts.items(), key=lambda found: (-found[1], found[0]))[:limit])

    def document_frequencies(self, query: Node) -> dict[tuple[str, str], int]:
        """Return how many documents hold each term the query scores."""
        with self._lock, _guarded():
            plan = Planner(self._analysis, self).plan(query)
            return {(field, term): self.frequency(field, term) for field, term in scored_terms(plan)}

    def live_documents(self) -> int:
        """Return how many documents can be found."""
        return int(self._searcher.doc_count())

    def files(self) -> tuple[Path, ...]:
        """Return all files but the lock."""
        return tuple(sorted(path for path in self._folder.iterdir() if not path.name.endswith("LOCK")))

    def close(self) -> None:
        """Close the readers; what was not committed is lost."""
        self._searcher.close()
        self._index.close()

    def frequency(self, field: str, term: str) -> int:
        """Return how many documents hold a term, deleted ones included."""
        return int(self._searcher.reader().doc_frequency(field, term))

    def beginning(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return up to `limit` terms that begin so."""
        found = self._searcher.reader().expand_prefix(field, prefix)
        return [term.decode() for term in islice(found, limit)]

    def _compiled(self, query: Node, bounds: Bounds) -> Node:
        plan = Planner(self._analysis, self).plan(query)
        check_cost(plan, self, bounds.postings)
        return bounded(compile_plan(plan), bounds)

    def _stored(self, query: Node, bounds: Bounds) -> Iterator[dict[str, Any]]:
        for number in self._searcher.docs_for_query(self._compiled(query, bounds)):
            yield self._searcher.stored_fields(number)

    def _document(self, document: Document) -> dict[str, Any]:
        made: dict[str, Any] = {field: getattr(document, field) for field in (*_STORED, "kind")}
        made |= {field: terms for field, terms in self._terms.terms(document) if terms}
        made |= {f"{name}_facet": facet_values(document, name) for name in FACETS}
        made["ref"] = list(document.refs)
        days = period(document)
        if days is not None:
            made["first"], made["last"] = days
        return made


def _scored(searcher: Searcher, query: Node) -> Iterator[tuple[float, int]]:
    """Yield (negative score, number) of each match, from every matcher as it was made.

    Whoosh's collectors replace matchers on the way, by the best score each could still give; with parts that
    score nothing they were seen to lose matches (13 of 31 left), so the matchers are walked to their end.
    """
    for leaf, offset in searcher.leaf_searchers():
        matcher = query.matcher(leaf)
        while matcher.is_active():
            yield -matcher.score(), offset + matcher.id()
            matcher.next()


def _hit(stored: dict[str, Any], score: float) -> Hit:
    return Hit(score=score, **{field: stored[field] for field in _STORED})


def _schema() -> fields.Schema:
    split = RegexTokenizer(r"[^ ]+")
    schema = fields.Schema(
        key=fields.STORED, rendition=fields.STORED, locator=fields.STORED, order=fields.STORED
    )
    for field in STEMMED:
        schema.add(field, fields.TEXT(analyzer=split, phrase=True))
    for field in (*NAMED, MENTIONS):
        schema.add(field, fields.TEXT(analyzer=split, phrase=False))
    for field in _KEYWORDS:
        schema.add(field, fields.ID(stored=True))
    schema.add("ref", fields.KEYWORD(commas=True))
    for field in FACETS:
        schema.add(f"{field}_facet", fields.STORED)
    for field, default in (("first", DAYS + 1), ("last", -DAYS - 1)):
        column = columns.NumericColumn("q", default=default)
        schema.add(field, fields.COLUMN(column))
    return schema


@contextmanager
def _guarded(code: str = "S30", message: str = "the index failed") -> Iterator[None]:
    """Turn whatever Whoosh raises into one error that quotes nothing."""
    try:
        yield
    except SearchError:
        raise
    except Exception:
        raise SearchError(code, message) from None
