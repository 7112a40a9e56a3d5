"""The default engine: tantivy, fed with our own terms through a tokenizer that only splits at spaces.

tantivy knows i64 numbers only, panics at a limit of 0, and its errors and panics (which are no `Exception`)
quote terms, so none of them gets out of here. One writing thread: a commit then makes one segment.

Rescaling by `Statistics` is exact in the inverse document frequency of every term (each term is weighed by
the ratio of the summed to this index's own) and approximate in the average field length, which stays this
index's own. Phrases score as the sum of their words.
"""

from collections.abc import Iterable
from pathlib import Path

import tantivy

from search.engines.fields import (
    FACETS,
    MENTIONS,
    NAMED,
    STEMMED,
    TermMaker,
    check_facet,
    facet_values,
    period,
)
from search.engines.plan import check_page
from search.engines.port import (
    NO_BOUNDS,
    Analysis,
    Bounds,
    Document,
    Node,
    Results,
    Statistics,
    check_empty,
)
from search.engines.tantivy_snapshot import STORED, Snapshot, guarded

WRITER_BYTES = 64_000_000
_KEYWORDS = ("language", "item", "ref", "kind")


class TantivyEngine:
    """One tantivy index in one folder."""

    def __init__(self, index: tantivy.Index, folder: Path, analysis: Analysis) -> None:
        self._index = index
        self._folder = folder
        self._terms = TermMaker(analysis)
        self._analysis = analysis
        self._writer: tantivy.IndexWriter | None = None
        self._snapshot = Snapshot(index, folder, analysis)

    @classmethod
    def create(cls, folder: Path, analysis: Analysis) -> "TantivyEngine":
        """Make an empty index in an empty folder."""
        with guarded("S31", "an index cannot be made here"):
            check_empty(folder)
            return cls(tantivy.Index(_schema(), path=str(folder), reuse=False), folder, analysis)

    @classmethod
    def open(cls, folder: Path, analysis: Analysis) -> "TantivyEngine":
        """Open the index in a folder."""
        with guarded("S32", "the index cannot be opened"):
            return cls(tantivy.Index.open(str(folder)), folder, analysis)

    def add(self, documents: Iterable[Document]) -> int:
        """Add documents and return how many."""
        count = 0
        with guarded():
            writer = self._writing()
            for document in documents:
                writer.add_document(self._document(document))
                count += 1
        return count

    def delete_item(self, item: str) -> None:
        """Remove every document of an item at the next commit."""
        with guarded():
            self._writing().delete_documents_by_term("item", item)

    def commit(self) -> None:
        """Make changes visible; waits for merges."""
        if self._writer is None:
            return
        with guarded():
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._writer = None
            self._snapshot = Snapshot(self._index, self._folder, self._analysis)

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
        with guarded():
            return self._snapshot.search(query, limit, offset, bounds=bounds, statistics=statistics)

    def matching(self, query: Node, *, bounds: Bounds = NO_BOUNDS) -> set[str]:
        """Return the keys of all matching documents."""
        with guarded():
            return self._snapshot.matching(query, bounds)

    def facet(self, query: Node, name: str, *, limit: int = 50, bounds: Bounds = NO_BOUNDS) -> dict[str, int]:
        """Count the matching documents by each value of a facet, the most frequent first."""
        check_facet(name)
        with guarded():
            return self._snapshot.counts(query, f"{name}_facet", limit, bounds)

    def document_frequencies(self, query: Node) -> dict[tuple[str, str], int]:
        """Return how many documents hold each term the query scores."""
        with guarded():
            return self._snapshot.document_frequencies(query)

    def live_documents(self) -> int:
        """Return how many documents can be found."""
        return self._snapshot.live_documents

    def files(self) -> tuple[Path, ...]:
        """Return the files of the live segments and the two that name them."""
        kept = {"meta.json", ".managed.json"}
        for segment in self._snapshot.segments:
            name = str(segment["segment_id"]).replace("-", "")
            kept |= {path.name for path in self._folder.glob(f"{name}.*") if path.suffix != ".del"}
            if segment["deletes"]:
                kept.add(f"{name}.{segment['deletes']['opstamp']}.del")
        return tuple(self._folder / name for name in sorted(kept))

    def close(self) -> None:
        """Drop the writer with what was not committed."""
        if self._writer is not None:
            with guarded():
                self._writer.rollback()
                self._writer.wait_merging_threads()
                self._writer = None

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(WRITER_BYTES, 1)
        return self._writer

    def _document(self, document: Document) -> tantivy.Document:
        made = tantivy.Document()
        for field, terms in self._terms.terms(document):
            if terms:
                made.add_text(field, terms)
        for field in STORED:
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


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in STEMMED:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    for field in (*NAMED, MENTIONS):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    for field in (*_KEYWORDS, "key", "rendition", "locator"):
        builder.add_text_field(field, stored=field in STORED, tokenizer_name="raw", index_option="basic")
    for field in FACETS:
        builder.add_text_field(f"{field}_facet", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("order", stored=True, fast=True)
    for field in ("first", "last"):
        builder.add_integer_field(field, indexed=True, fast=True)
    return builder.build()
