"""From text to query nodes: the gate, Whoosh's parser, and one closed set of nodes for the engines.

What comes out holds only And, Or, Not, AndMaybe, Every, Term, Phrase, Prefix, Wildcard and NumericRange.
Whoosh's own `normalize` is not used. AndNot becomes And with Not (Whoosh finds wrong sets for it),
Require becomes And. A query of negatives only means "all but".
"""

from whoosh import query as whoosh
from whoosh.qparser import QueryParser, plugins

from archive.errors import SearchError
from search.engines.fields import DEFAULT
from search.engines.port import Node
from search.query.gate import admit


def parse(text: str) -> Node:
    """Read a query as a person wrote it; raises SearchError, naming the column."""
    return _tidy(_parser().parse(admit(text), normalize=False))


def _parser() -> QueryParser:
    # Left out: single quotes (apostrophes are letters here) and ranges (only dates have them).
    return QueryParser(
        DEFAULT,
        schema=None,
        plugins=[
            plugins.FieldsPlugin(),
            plugins.WildcardPlugin(r"(?P<text>[*?])"),
            plugins.PhrasePlugin(),
            plugins.GroupPlugin(),
            plugins.OperatorsPlugin(),
            plugins.BoostPlugin(),
            plugins.EveryPlugin(),
        ],
    )


def _tidy(node: Node) -> Node:
    match node:
        case whoosh.AndNot():
            return whoosh.And([_tidy(node.a), whoosh.Not(_tidy(node.b))], boost=node.boost)
        case whoosh.Require():
            return whoosh.And([_tidy(node.a), _tidy(node.b)], boost=node.boost)
        case whoosh.AndMaybe():
            return whoosh.AndMaybe(_tidy(node.a), _tidy(node.b))
        case whoosh.Not():
            return whoosh.Not(_tidy(node.query), boost=node.boost)
        case whoosh.And() | whoosh.Or():
            return type(node)([_tidy(part) for part in node], boost=node.boost)
        case whoosh.Term() if node.fieldname == "date":
            first, _, last = node.text[1:].partition("x")
            return whoosh.NumericRange("date", int(first), int(last))
        case whoosh.Term() | whoosh.Phrase() | whoosh.Prefix() | whoosh.Wildcard() | whoosh.Every():
            return node
        case _:
            raise SearchError("S20", "this kind of query is not offered", found=type(node).__name__)
