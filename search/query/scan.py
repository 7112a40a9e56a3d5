"""Cut a query into tokens, in one pass from left to right, each with the column it begins at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from archive.errors import SearchError

_QUOTES = str.maketrans("“”„‟«»", '""""""')
_TOKEN = re.compile(
    r"""
      (?P<space> \s+ )
    | (?P<every> \*:\* (?= [\s)] | $ ) | \* (?= [\s)] | $ ) )
    | (?P<field> \w+ ) : (?P<near> ~ (?=") )?
    | " (?P<phrase> [^"]* ) " (?: ~ (?P<slop> [^\s()"^]* ) )? (?: \^ (?P<phraseboost> [^\s()"]* ) )?
    | \[ (?P<range> [^\[\]()"]* ) \]
    | (?P<open> \( )
    | (?P<close> \) ) (?: \^ (?P<closeboost> [^\s()"]* ) )?
    | (?P<word> [^\s()\[\]{}":^]+ ) (?: \^ (?P<wordboost> [^\s()"]* ) )?
    """,
    re.VERBOSE,
)
_BOOST = re.compile(r"(?:[1-9][0-9]?|0)(?:\.[0-9]{1,3})?")


class Kind(Enum):
    """What a token is."""

    EVERY = "every"
    FIELD = "field"
    PHRASE = "phrase"
    RANGE = "range"
    OPEN = "open"
    CLOSE = "close"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Token:
    """One token. Columns count from 1; `slop` and `near` as they were written."""

    kind: Kind
    text: str
    column: int
    boost: str = ""
    slop: str | None = None
    near: bool = False


def scan(query: str) -> Iterator[Token]:
    """Yield the tokens of a query; raises S06, S07, S10 or S12 at what begins none."""
    query = query.translate(_QUOTES)
    position = 0
    while position < len(query):
        found = _TOKEN.match(query, position)
        column = position + 1
        if found is None:
            raise _unknown(query[position], column)
        position = found.end()
        if found["space"] is None:
            kind = next(kind for kind in Kind if found[kind.value] is not None)
            boost = _boost(found, column)
            yield Token(kind, found[kind.value], column, boost, found["slop"], found["near"] is not None)


def _boost(found: re.Match[str], column: int) -> str:
    written = [found[name] for name in ("phraseboost", "closeboost", "wordboost") if found[name] is not None]
    if written and not (_BOOST.fullmatch(written[0]) and float(written[0]) > 0):
        raise SearchError("S12", f"a weight that cannot be read, at column {column}", expected="^2 or ^0.5")
    return written[0] if written else ""


def _unknown(sign: str, column: int) -> SearchError:
    match sign:
        case '"':
            return SearchError("S06", f"a quotation mark without its pair, at column {column}")
        case "[" | "]":
            return SearchError("S07", f"a square bracket without its pair, at column {column}")
        case "^":
            return SearchError("S12", f"a weight with nothing before it, at column {column}")
        case _:
            return SearchError("S10", f"a sign that is not offered, at column {column}")
