"""Asking the open indexes: one query over several compartments, ranked as if they were one.

Gives ids and scores only; what is shown of them is `disclosure`'s work, after the event is logged.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from whoosh import query as whoosh

from archive.access.keyring import Held
from archive.ids import Id
from search.consent_gate import Items
from search.engines.port import Bounds, Hit, Node, summed
from search.naming import broaden_names
from search.query.resolve import expand
from search.resolving import Resolver
from search.sealed_index import SealedIndex
from search.shelf import Shelf
from search.telling import worded

#: All that one search tells of stands in one log entry.
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Gated:
    """The items that consent shuts out for a purpose, and of which of them one may be told."""

    shut: Items
    told: Items


@dataclass(frozen=True, slots=True)
class RankedHit:
    """One matching segment, and the compartment it is in."""

    compartment: Id
    item: Id
    rendition: Id
    locator: str
    language: str
    score: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """One page of hits over all compartments, and the stems to show them by.

    `told` are compartments and items of which it may only be said that there is something.
    """

    total: int
    hits: tuple[RankedHit, ...]
    facets: dict[str, dict[str, int]]
    stems: set[str] = field(repr=False)
    told: tuple[tuple[Id, Id], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of the ranking is asked for, which facets, and whether names match in every spelling."""

    limit: int = 20
    offset: int = 0
    facets: tuple[str, ...] = ()
    names: bool = True


def retrieve(
    shelf: Shelf, readable: dict[Id, Held], node: Node, page: Page, *, gate: Callable[[], Gated]
) -> Ranked:
    """Ask every readable compartment's index; `gate` names the items whose consent excludes the purpose.

    It is called once nothing can come into the indexes any more. Every count is of segments of
    items that are not shut out. Of others it is told on the first page only.
    """
    with shelf.wording_lock:
        asked = None if page.offset else worded(node, shelf.wording.words)
    with shelf.borrowed(readable.values()) as indexes:
        prepared, gated = _prepared(shelf, indexes, node, page), gate()
        ranked = _rank(indexes, prepared, page, gated.shut)
        if asked is None or not gated.told:
            return ranked
        return replace(ranked, told=_told(indexes, _prepared(shelf, indexes, asked, page), gated.told))


def _told(indexes: list[SealedIndex], node: Node, told: Items) -> tuple[tuple[Id, Id], ...]:
    """Return of which items it may be told, by compartment; never how many there are beyond some."""
    found = {
        (index.compartment, Id(hit.item))
        for index in indexes
        if (items := told.get(index.compartment))
        for hit in index.engine.search(node, limit=MOST_TOLD, bounds=Bounds(only_items=items)).hits
    }
    return tuple(sorted(found))[:MOST_TOLD]


def _prepared(shelf: Shelf, indexes: list[SealedIndex], node: Node, page: Page) -> Node:
    resolved = expand(node, Resolver([index.engine for index in indexes]))
    if page.names:
        resolved = broaden_names(resolved)
    return whoosh.And([whoosh.Term("kind", "segment"), shelf.institutions.broaden(resolved)])


def _rank(indexes: list[SealedIndex], node: Node, page: Page, shut: Items) -> Ranked:
    engines = {index.compartment: index.engine for index in indexes}
    statistics = summed((one.live_documents(), one.document_frequencies(node)) for one in engines.values())
    total, hits = 0, list[RankedHit]()
    facets: dict[str, dict[str, int]] = {name: {} for name in page.facets}
    for compartment, engine in engines.items():
        bounds = Bounds(excluded_items=shut.get(compartment, frozenset()))
        found = engine.search(node, limit=page.offset + page.limit, bounds=bounds, statistics=statistics)
        total += found.total
        hits += [_hit(compartment, hit) for hit in found.hits]
        for name, counts in facets.items():
            for value, count in engine.facet(node, name, bounds=bounds).items():
                counts[value] = counts.get(value, 0) + count
    hits.sort(key=lambda hit: -hit.score)
    stems = {term for _, term in statistics.frequencies}
    return Ranked(total, tuple(hits[page.offset : page.offset + page.limit]), facets, stems)


def _hit(compartment: Id, hit: Hit) -> RankedHit:
    return RankedHit(compartment, Id(hit.item), Id(hit.rendition), hit.locator, hit.language, hit.score)
