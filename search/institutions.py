"""Institutions under every name and abbreviation, and everything below them."""

from collections.abc import Callable, Iterable

from whoosh import query as whoosh

from archive.vocabulary import institutions
from search.engines.fields import DEFAULT
from search.engines.port import Node

_FIELDS = frozenset({"institution", "under", "text", DEFAULT})
_MOST_NAMES = 60


class InstitutionNames:
    """Lets an institution's name in a query stand for all its names. `words` cuts and folds a text."""

    def __init__(self, words: Callable[[str], list[str]]) -> None:
        self._words = words
        self._known = institutions()
        self._by_name: dict[tuple[str, ...], set[str]] = {}
        for one in self._known:
            for name in one.names:
                self._by_name.setdefault(tuple(words(name.text)), set()).add(one.code)

    def broaden(self, node: Node) -> Node:
        """Return the query with each known institution's name joined (OR) by its other names.

        `under:` also takes in whatever is below the institution or came before it. In the text only a name
        that is one word, such as an abbreviation, is broadened.
        """
        match node:
            case whoosh.And() | whoosh.Or():
                return type(node)([self.broaden(part) for part in node], boost=node.boost)
            case whoosh.Not():
                return whoosh.Not(self.broaden(node.query), boost=node.boost)
            case whoosh.AndMaybe():
                return whoosh.AndMaybe(self.broaden(node.a), self.broaden(node.b))
            case whoosh.Term() | whoosh.Phrase() if node.fieldname in _FIELDS:
                return self._leaf(node)
            case _:
                return node

    def _leaf(self, node: Node) -> Node:
        text = node.text if isinstance(node, whoosh.Term) else " ".join(node.words)
        codes = self._by_name.get(tuple(self._words(text)), set())
        if node.fieldname == "under":
            codes = self._below(codes)
        field = "institution" if node.fieldname == "under" else node.fieldname
        names = dict.fromkeys(
            tuple(self._words(name.text)) for one in self._known if one.code in codes for name in one.names
        )
        leaves = [_leaf_of(field, name, node.boost) for name in list(names)[:_MOST_NAMES] if name]
        return whoosh.Or([node, *leaves]) if leaves else node

    def _below(self, codes: Iterable[str]) -> set[str]:
        found = set(codes)
        while more := self._next_to(found) - found:
            found |= more
        return found

    def _next_to(self, found: set[str]) -> set[str]:
        """Return the institutions whose parent is among the found, and the predecessors of the found."""
        children = {one.code for one in self._known if one.parent in found}
        return children.union(*(one.predecessors for one in self._known if one.code in found))


def _leaf_of(field: str, name: tuple[str, ...], boost: float) -> Node:
    if len(name) == 1:
        return whoosh.Term(field, name[0], boost=boost)
    return whoosh.Phrase(field, list(name), boost=boost)
