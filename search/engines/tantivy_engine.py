"""The default engine: tantivy, fed with our own terms through a tokenizer that only splits at spaces.

tantivy knows i64 numbers only, panics at a limit of 0, and its errors and panics (which are no `Exception`)
quote terms, so none of them gets out of here. One writing thread: a commit then makes one segment.

Rescaling by `Statistics` is exact in the inverse document frequency of every term (each term is weighed by
the ratio of the summed to this index's own) and approximate in the average field length, which stays this
index's own. Phrases score as the sum of their words.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tantivy
from tantivy import Query

from archive.errors import SearchError
from search.engines.fields import FACETS, TermMaker, check_facet, facet_values, period
from search.engines.nodes import Plan, scored_terms
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
from search.engines.scoring import idf
from search.engines.tantivy_compile import Compiler

WRITER_BYTES = 64_000_000
_POSITIONED = ("text", "title", "institution", "place", "act")
_BAGS = ("perpetrator", "victim", "mention")
_KEYWORDS = ("language", "item", "ref", "kind")
_STORED = ("key", "item", "rendition", "locator", "language")


class TantivyEngine:
    """One tantivy index in one folder."""

    def __init__(self, index: tantivy.Index, folder: Path, analysis: Analysis) -> None:
        self._index = index
        self._folder = folder
        self._terms = TermMaker(analysis)
        self._analysis = analysis
        self._writer: tantivy.IndexWriter | None = None
        self._load()

    @classmethod
    def create(cls, folder: Path, analysis: Analysis) -> "TantivyEngine":
        """Make an empty index in an empty folder."""
        with _guarded("S31", "an index cannot be made here"):
            check_empty(folder)
            return cls(tantivy.Index(_schema(), path=str(folder), reuse=False), folder, analysis)

    @classmethod
    def open(cls, folder: Path, analysis: Analysis) -> "TantivyEngine":
        """Open the index in a folder."""
        with _guarded("S32", "the index cannot be opened"):
            return cls(tantivy.Index.open(str(folder)), folder, analysis)

    def add(self, documents: Iterable[Document]) -> int:
        """Add documents and return how many."""
        count = 0
        with _guarded():
            writer = self._writing()
            for document in documents:
                writer.add_document(self._document(document))
                count += 1
        return count

    def delete_item(self, item: str) -> None:
        """Remove every document of an item at the next commit."""
        with _guarded():
            self._writing().delete_documents_by_term("item", item)

    def commit(self) -> None:
        """Make changes visible; waits for merges."""
        if self._writer is None:
            return
        with _guarded():
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._writer = None
            self._load()

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
        with _guarded():
            compiled = self._compiled(query, bounds, statistics)
            found = self._searcher.search(compiled, max(limit, 1), count=True, offset=offset)
            hits = tuple(self._hit(score, address) for score, address in found.hits[:limit])
            return Results(found.count, hits)  # type: ignore[attr-defined]  # missing in its stub

    def matching(self, query: Node, *, bounds: Bounds = NO_BOUNDS) -> set[str]:
        """Return the keys of all matching documents."""
        with _guarded():
            compiled = self._compiled(query, bounds, None)
            found = self._searcher.search(compiled, max(self._searcher.num_docs, 1), count=False)
            return {str(self._searcher.doc(address).get_first("key")) for _, address in found.hits}

    def facet(self, query: Node, name: str, *, limit: int = 50, bounds: Bounds = NO_BOUNDS) -> dict[str, int]:
        """Count the matching documents by each value of a facet, the most frequent first."""
        check_facet(name)
        terms = {"field": f"{name}_facet", "size": limit, "segment_size": 65_000}
        with _guarded():
            found = self._searcher.aggregate(self._compiled(query, bounds, None), {"facet": {"terms": terms}})
            return {bucket["key"]: bucket["doc_count"] for bucket in found["facet"]["buckets"]}

    def document_frequencies(self, query: Node) -> dict[tuple[str, str], int]:
        """Return how many documents hold each term the query scores."""
        with _guarded():
            plan = Planner(self._analysis, self).plan(query)
            return {(field, term): self.frequency(field, term) for field, term in scored_terms(plan)}

    def live_documents(self) -> int:
        """Return how many documents can be found."""
        return int(self._searcher.num_docs)

    def files(self) -> tuple[Path, ...]:
        """Return the files of the live segments and the two that name them."""
        kept = {"meta.json", ".managed.json"}
        for segment in self._segments:
            name = str(segment["segment_id"]).replace("-", "")
            kept |= {path.name for path in self._folder.glob(f"{name}.*") if path.suffix != ".del"}
            if segment["deletes"]:
                kept.add(f"{name}.{segment['deletes']['opstamp']}.del")
        return tuple(self._folder / name for name in sorted(kept))

    def close(self) -> None:
        """Drop the writer with what was not committed."""
        if self._writer is not None:
            with _guarded():
                self._writer.rollback()
                self._writer.wait_merging_threads()
                self._writer = None

    def frequency(self, field: str, term: str) -> int:
        """Return how many documents hold a term, deleted ones included."""
        return int(self._searcher.doc_freq(field, term))

    def beginning(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return up to `limit` terms of live documents that begin so."""
        found = self._searcher.terms_with_prefix(field, prefix, filter_query=Query.all_query(), limit=limit)
        return [term for term, _ in found]

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(WRITER_BYTES, 1)
        return self._writer

    def _load(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()
        self._segments = json.loads((self._folder / "meta.json").read_text(encoding="utf-8"))["segments"]
        self._documents = sum(segment["max_doc"] for segment in self._segments)

    def _compiled(self, query: Node, bounds: Bounds, statistics: Statistics | None) -> Query:
        plan: Plan = Planner(self._analysis, self).plan(query)
        check_cost(plan, self, bounds.postings)
        compiler = Compiler(self._index.schema, self._weigher(statistics))
        return compiler.bounded(compiler.compile(plan), bounds)

    def _weigher(self, statistics: Statistics | None) -> Callable[[str, str], float]:
        def weight(field: str, term: str) -> float:
            if statistics is None:
                return 1.0
            own = self.frequency(field, term)
            summed = statistics.frequencies.get((field, term), own)
            return idf(summed, statistics.documents) / idf(own, self._documents)

        return weight

    def _document(self, document: Document) -> tantivy.Document:
        made = tantivy.Document()
        for field, terms in self._terms.terms(document):
            if terms:
                made.add_text(field, terms)
        for field in _STORED:
            made.add_text(field, getattr(document, field))
        made.add_text("kind", document.kind)
        made.add_integer("order", document.order)
        for ref in document.refs:
            made.add_text("ref", ref)
        for name in FACETS:
            for value in facet_values(document, name):
                made.add_text(f"{name}_facet", value)
        days = period(document)
        if days is not None:
            made.add_integer("first", days[0])
            made.add_integer("last", days[1])
        return made

    def _hit(self, score: float, address: tantivy.DocAddress) -> Hit:
        stored = self._searcher.doc(address)
        texts = {field: str(stored.get_first(field)) for field in _STORED}
        return Hit(**texts, order=int(stored.get_first("order") or 0), score=score)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in _POSITIONED:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    for field in _BAGS:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    for field in (*_KEYWORDS, "key", "rendition", "locator"):
        builder.add_text_field(field, stored=field in _STORED, tokenizer_name="raw", index_option="basic")
    for field in FACETS:
        builder.add_text_field(f"{field}_facet", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("order", stored=True, fast=True)
    for field in ("first", "last"):
        builder.add_integer_field(field, indexed=True, fast=True)
    return builder.build()


@contextmanager
def _guarded(code: str = "S30", message: str = "the index failed") -> Iterator[None]:
    """Turn whatever tantivy raises into one error that quotes nothing; its panics are no `Exception`."""
    try:
        yield
    except SearchError:
        raise
    except (ValueError, OSError, RuntimeError, TypeError, KeyError):
        raise SearchError(code, message) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SearchError(code, message) from None
