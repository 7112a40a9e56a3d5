"""Let what people write stand for what the records know: other names, and everything below."""

from collections.abc import Callable, Iterable

from whoosh import query as whoosh

from search.engines.port import Node

Resolver = Callable[[str, str], Iterable[str]]

RESOLVED = frozenset({"perpetrator", "victim", "institution", "place", "under"})


def expand(node: Node, resolver: Resolver) -> Node:
    """Return the query with each resolved leaf joined (OR) by the refs that `resolver(field, text)` gives.

    The leaf itself stays, so that what no record describes yet is found by its words. `under` with no refs
    is left to mean the institution of that name.
    """
    match node:
        case whoosh.And() | whoosh.Or():
            return type(node)([expand(part, resolver) for part in node], boost=node.boost)
        case whoosh.Not():
            return whoosh.Not(expand(node.query, resolver), boost=node.boost)
        case whoosh.AndMaybe():
            return whoosh.AndMaybe(expand(node.a, resolver), expand(node.b, resolver))
        case whoosh.Term() | whoosh.Phrase() if node.fieldname in RESOLVED:
            text = node.text if isinstance(node, whoosh.Term) else " ".join(node.words)
            refs = [whoosh.Term("ref", ref, boost=node.boost) for ref in resolver(node.fieldname, text)]
            return whoosh.Or([node, *refs]) if refs else node
        case _:
            return node
