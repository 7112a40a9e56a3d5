"""The port between search and an index engine: what goes in, what comes out, and what an engine promises.

Two engines implement it (`tantivy_engine`, `whoosh_engine`); one suite of tests runs against both. An index
belongs to one compartment. It keeps terms, ids and the few fields that lists and facets need, never a text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from whoosh.query import Query

from archive.errors import SearchError

Node: TypeAlias = Query


class Analysis(Protocol):
    """How words become index terms. No term may be empty or hold white space.

    It is called from every thread that searches or writes.
    """

    def words(self, text: str) -> list[str]:
        """Cut a text into its words, folded in case and look-alike letters but not stemmed."""
        ...

    def analyse(self, text: str, language: str | None) -> list[str]:
        """Return one stem for each word of `words(text)`."""
        ...

    def query_stems(self, word: str) -> tuple[str, ...]:
        """Return the stems one word of a query may have in any language of its script."""
        ...

    def name_keys(self, word: str) -> tuple[str, ...]:
        """Return the phonetic keys of one word of a name; two spellings match when they share a key."""
        ...


@dataclass(frozen=True, slots=True)
class Document:
    """One segment of a rendition, or one record, as it goes into the index.

    `key` is unique in its index: `<rendition>/<ordinal>`. Dates are days (`date.toordinal`); where only one
    is given the period is open at the other end. `refs` are exact keywords such as `perpetrator:<id>`.
    """

    key: str
    item: str
    kind: str = "segment"
    rendition: str = ""
    locator: str = ""
    language: str = ""
    title: str = ""
    text: str = ""
    perpetrators: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    date_from: int | None = None
    date_to: int | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One matching document."""

    key: str
    item: str
    rendition: str
    locator: str
    language: str
    order: int
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """How many documents match, and the asked-for page of them, best first."""

    total: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Document counts summed over several indexes, so that their scores can be compared."""

    documents: int
    frequencies: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a search may touch: items shut out, items it is restricted to, and the postings it may read.

    Totals, facets and matching sets are exactly those of an index that never held the other items.
    """

    excluded_items: frozenset[str] = frozenset()
    only_items: frozenset[str] | None = None
    postings: int = 20_000_000


NO_BOUNDS = Bounds()


def summed(counts: Iterable[tuple[int, Mapping[tuple[str, str], int]]]) -> Statistics:
    """Add up `(live_documents(), document_frequencies(query))` of several indexes."""
    documents, frequencies = 0, dict[tuple[str, str], int]()
    for live, found in counts:
        documents += live
        for term, count in found.items():
            frequencies[term] = frequencies.get(term, 0) + count
    return Statistics(documents, frequencies)


def check_empty(folder: Path) -> None:
    """Refuse (S31) to make an index where something is already."""
    if any(folder.iterdir()):
        raise SearchError("S31", "an index cannot be made here", expected="an empty folder")


class Engine(Protocol):
    """One index of one compartment in a folder of the runtime directory.

    Any number of threads may search at once; one thread at a time may write. What was added or deleted is
    found after `commit`. After a write that failed, the index is not to be used any more. Every failure is a
    `SearchError`; no message quotes a term.
    """

    @classmethod
    def create(cls, folder: Path, analysis: Analysis) -> "Engine":
        """Make an empty index in an empty folder."""
        ...

    @classmethod
    def open(cls, folder: Path, analysis: Analysis) -> "Engine":
        """Open the index that `files` of an earlier engine named. The caller has checked their digests."""
        ...

    def add(self, documents: Iterable[Document]) -> int:
        """Add documents and return how many; their keys must be new to the index."""
        ...

    def delete_item(self, item: str) -> None:
        """Remove every document of an item. It is gone from results at once; its terms go with a rebuild."""
        ...

    def commit(self) -> None:
        """Make additions and deletions visible, and wait until no segment is being written or merged."""
        ...

    def search(
        self,
        query: Node,
        *,
        limit: int,
        offset: int = 0,
        bounds: Bounds = NO_BOUNDS,
        statistics: Statistics | None = None,
    ) -> Results:
        """Return a page of hits, best first by BM25, with the given statistics replacing the index's."""
        ...

    def matching(self, query: Node, *, bounds: Bounds = NO_BOUNDS) -> set[str]:
        """Return the keys of all matching documents."""
        ...

    def facet(self, query: Node, name: str, *, limit: int = 50, bounds: Bounds = NO_BOUNDS) -> dict[str, int]:
        """Count the matching documents by each value of a facet, the most frequent first."""
        ...

    def document_frequencies(self, query: Node) -> dict[tuple[str, str], int]:
        """Return for every term the query scores with how many documents hold it."""
        ...

    def live_documents(self) -> int:
        """Return how many documents can be found."""
        ...

    def files(self) -> tuple[Path, ...]:
        """Return the closed files that make up the index as last committed; their names never return."""
        ...

    def close(self) -> None:
        """Let go of everything; what was not committed is lost."""
        ...
