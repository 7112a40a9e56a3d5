"""One state of a tantivy index, as a search sees it from beginning to end while commits go on beside it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Query

from archive.errors import SearchError
from search.engines.nodes import scored_terms
from search.engines.plan import Planner, check_cost
from search.engines.port import Analysis, Bounds, Hit, Node, Results, Statistics
from search.engines.scoring import idf
from search.engines.tantivy_compile import Compiler

STORED = ("key", "item", "rendition", "locator", "language")


class Snapshot:
    """The index as last committed. A document's address means nothing in another snapshot."""

    def __init__(self, index: tantivy.Index, folder: Path, analysis: Analysis) -> None:
        index.reload()
        self._schema = index.schema
        self._searcher = index.searcher()
        self._planner = Planner(analysis, self)
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        self.segments: list[dict[str, Any]] = meta["segments"]
        self._documents = sum(segment["max_doc"] for segment in self.segments)

    @property
    def live_documents(self) -> int:
        """How many documents can be found."""
        return int(self._searcher.num_docs)

    def search(
        self, query: Node, limit: int, offset: int, *, bounds: Bounds, statistics: Statistics | None
    ) -> Results:
        """Return a page of hits, best first."""
        compiled = self._compiled(query, bounds, statistics)
        found = self._searcher.search(compiled, max(limit, 1), count=True, offset=offset)
        hits = tuple(self._hit(score, address) for score, address in found.hits[:limit])
        return Results(found.count, hits)  # type: ignore[attr-defined]  # missing in its stub

    def matching(self, query: Node, bounds: Bounds) -> set[str]:
        """Return the keys of all matching documents."""
        compiled = self._compiled(query, bounds, None)
        found = self._searcher.search(compiled, max(self.live_documents, 1), count=False)
        return {str(self._searcher.doc(address).get_first("key")) for _, address in found.hits}

    def counts(self, query: Node, field: str, limit: int, bounds: Bounds) -> dict[str, int]:
        """Count the matching documents by each value of a field, the most frequent first."""
        terms = {"field": field, "size": limit, "segment_size": 65_000}
        found = self._searcher.aggregate(self._compiled(query, bounds, None), {"counts": {"terms": terms}})
        counted = [(bucket["key"], bucket["doc_count"]) for bucket in found["counts"]["buckets"]]
        return dict(sorted(counted, key=lambda one: (-one[1], one[0])))

    def document_frequencies(self, query: Node) -> dict[tuple[str, str], int]:
        """Return how many documents hold each term the query scores."""
        scored = scored_terms(self._planner.plan(query))
        return {(field, term): self.frequency(field, term) for field, term in scored}

    def frequency(self, field: str, term: str) -> int:
        """Return how many documents hold a term, deleted ones included."""
        return int(self._searcher.doc_freq(field, term))

    def beginning(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return up to `limit` terms that begin so."""
        return [term for term, _ in self._searcher.terms_with_prefix(field, prefix, limit=limit)]

    def _compiled(self, query: Node, bounds: Bounds, statistics: Statistics | None) -> Query:
        plan = self._planner.plan(query)
        check_cost(plan, self, bounds.postings)
        compiler = Compiler(self._schema, self._weigher(statistics))
        return compiler.bounded(compiler.compile(plan), bounds)

    def _weigher(self, statistics: Statistics | None) -> Callable[[str, str], float]:
        def weight(field: str, term: str) -> float:
            if statistics is None:
                return 1.0
            own = self.frequency(field, term)
            summed = statistics.frequencies.get((field, term), own)
            return idf(summed, statistics.documents) / idf(own, self._documents)

        return weight

    def _hit(self, score: float, address: tantivy.DocAddress) -> Hit:
        stored = self._searcher.doc(address)
        texts = {field: str(stored.get_first(field)) for field in STORED}
        return Hit(**texts, order=int(stored.get_first("order") or 0), score=score)


@contextmanager
def guarded(code: str = "S30", message: str = "the index failed") -> Iterator[None]:
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
