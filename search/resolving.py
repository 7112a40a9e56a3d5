"""What a name in a query stands for, as the records know it: persons behind names and nicknames, and the
items that speak of them.

Nothing is merged: an identification is looked up at each query, so withdrawing it takes effect at once.
"""

from collections.abc import Iterable, Sequence

from whoosh import query as whoosh

from search.engines.port import Engine, Node

_PERSONAL = frozenset({"perpetrator", "victim"})
_MOST_PERSONS = 64
_MOST_ITEMS = 512


class Resolver:
    """Looks names up in the open indexes of one sitting; an instance serves one query."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = engines

    def __call__(self, field: str, text: str) -> Iterable[str]:
        """Return references (`item:<id>`) of what the records connect with this name."""
        if field not in _PERSONAL:
            return ()
        persons = self._same(self._records(_named(text)))
        role = "perpetrator" if field == "perpetrator" else "victims"
        return sorted(self._items(persons, role))[:_MOST_ITEMS]

    def _same(self, persons: set[str]) -> set[str]:
        """Add the persons that unwithdrawn identifications say are the same, in either direction."""
        known = set(persons)
        for person in persons:
            for ref, other in (("described", "person"), ("person", "described")):
                found = self._refs(whoosh.And([_ref("type:identification"), _ref(f"{ref}:{person}")]), other)
                known |= found
        return set(sorted(known)[:_MOST_PERSONS])

    def _items(self, persons: set[str], role: str) -> set[str]:
        items: set[str] = set()
        for person in persons:
            items |= self._refs(_ref(f"{role}:{person}"), "assertion.source_item")
        return {f"item:{item}" for item in items}

    def _records(self, query: Node) -> set[str]:
        found = (engine.search(query, limit=_MOST_PERSONS).hits for engine in self._engines)
        return {hit.rendition for hits in found for hit in hits}

    def _refs(self, query: Node, role: str) -> set[str]:
        """Return what the matching records refer to in a role."""
        prefix = f"{role}:"
        found = (engine.facet(query, "ref", limit=_MOST_ITEMS) for engine in self._engines)
        return {ref.removeprefix(prefix) for refs in found for ref in refs if ref.startswith(prefix)}


def _named(text: str) -> Node:
    return whoosh.And([_ref("type:person"), whoosh.Phrase("perpetrator", text.split())])


def _ref(value: str) -> Node:
    return whoosh.Term("ref", value)
