"""Capitalised words of a query are also looked for as names, under every spelling and in every script."""

from whoosh import query as whoosh

from search.engines.fields import DEFAULT
from search.engines.port import Node

_SHORTEST = 4
_BOOST = 0.5


def broaden_names(node: Node) -> Node:
    """Return the query with each unfielded capitalised word or phrase joined (OR) by the name it may be."""
    match node:
        case whoosh.And() | whoosh.Or():
            return type(node)([broaden_names(part) for part in node], boost=node.boost)
        case whoosh.AndMaybe():
            return whoosh.AndMaybe(broaden_names(node.a), broaden_names(node.b))
        case whoosh.Term() if node.fieldname == DEFAULT and _is_name(node.text):
            return whoosh.Or([node, whoosh.Term("name", node.text, boost=_BOOST * node.boost)])
        case whoosh.Phrase() if node.fieldname == DEFAULT and all(map(_is_name, node.words)):
            return whoosh.Or([node, whoosh.Term("name", " ".join(node.words), boost=_BOOST * node.boost)])
        case _:
            return node


def _is_name(word: str) -> bool:
    return len(word) >= _SHORTEST and word[0].isupper() and not word.isupper()
