"""The gate before the parser: one linear pass that refuses, naming the column, what the parser would swallow.

Whoosh's parser accepts anything, drops what it does not understand, and takes a minute over some inputs. What
passes here is rewritten with one space between tokens, so that the parser sees only forms it reads rightly:
dates become two day numbers, `name:~"…"` becomes `name:"…"`, a lone `*` becomes `*:*`.
No message repeats the query: queries hold names.
"""

from collections.abc import Iterable

from archive.errors import SearchError
from search.engines.fields import DEFAULT, MAX_SLOP, QUERY_FIELDS, WILDCARD_FIELDS
from search.query.dates import Days, parse_period, parse_range
from search.query.scan import Kind, Token, scan

MAX_CHARS = 2_000
MAX_PARTS = 64
MAX_DEPTH = 16
MAX_WORD = 64
INFIX = frozenset({"AND", "OR", "ANDNOT", "ANDMAYBE", "REQUIRE"})
OPERATORS = INFIX | {"NOT"}


def admit(query: str) -> str:
    """Return the query as the parser shall see it; raises SearchError S01 to S15 or S21."""
    if len(query) > MAX_CHARS:
        raise SearchError("S02", "the query is too long", expected=MAX_CHARS, found=len(query))
    return _Gate().admit(scan(query))


class _Gate:
    """The state of one pass: what was written, the fields of the open brackets, and what came before."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._brackets: list[tuple[str, int]] = []
        self._parts = 0
        self._field: Token | None = None
        self._before: Token | None = None

    def admit(self, tokens: Iterable[Token]) -> str:
        for token in tokens:
            self._take(token)
            self._before = token
        self._refuse_pending()
        if self._brackets:
            raise SearchError("S07", f"a bracket without its pair, at column {self._brackets[-1][1]}")
        if not self._written:
            raise SearchError("S01", "nothing to look for", expected="at least one word")
        return " ".join(self._written)

    def _take(self, token: Token) -> None:
        match token.kind:
            case Kind.FIELD:
                self._take_field(token)
            case Kind.OPEN:
                self._open(token)
            case Kind.CLOSE:
                self._close(token)
            case Kind.WORD if token.text in OPERATORS:
                self._operator(token)
            case _:
                self._part(token)

    def _take_field(self, token: Token) -> None:
        if self._field is not None:
            raise _empty(self._field.column)
        if token.text not in QUERY_FIELDS:
            raise SearchError(
                "S08",
                f"unknown field at column {token.column}; a colon inside words needs quotation marks",
                expected=", ".join(sorted(QUERY_FIELDS)),
            )
        if token.near and token.text != "name":
            raise SearchError("S10", f"a sign that is not offered, at column {token.column}")
        self._field = token

    def _open(self, token: Token) -> None:
        if len(self._brackets) == MAX_DEPTH:
            raise SearchError("S04", f"brackets too deep, at column {token.column}", expected=MAX_DEPTH)
        field = self._current_field()
        self._write("(")
        self._brackets.append((field, token.column))

    def _close(self, token: Token) -> None:
        self._refuse_pending()
        if not self._brackets:
            raise SearchError("S07", f"a bracket without its pair, at column {token.column}")
        if self._before is not None and self._before.kind is Kind.OPEN:
            raise _empty(token.column)
        self._brackets.pop()
        self._write(")" + _boost(token))

    def _operator(self, token: Token) -> None:
        if self._field is not None:
            raise _empty(self._field.column)
        after_nothing = self._before is None or self._before.kind is Kind.OPEN
        doubled = _is_operator(self._before) and (token.text in INFIX or self._before_text() == "NOT")
        if doubled or (token.text in INFIX and after_nothing):
            raise _dangling(token.column)
        self._write(token.text)

    def _part(self, token: Token) -> None:
        words = token.text.split() if token.kind is Kind.PHRASE else [token.text]
        self._parts += max(len(words), 1)
        if self._parts > MAX_PARTS:
            raise SearchError("S03", f"too many words, at column {token.column}", expected=MAX_PARTS)
        if any(len(word) > MAX_WORD for word in words):
            raise SearchError("S05", f"a word too long, at column {token.column}", expected=MAX_WORD)
        field = self._current_field()
        if field == "date":
            first, last = _days(token)
            self._write(f"d{first}x{last}")
        else:
            self._write(_checked(token, words, field))

    def _write(self, text: str) -> None:
        """Write a token, behind the field it belongs to."""
        prefix = f"{self._field.text}:" if self._field is not None else ""
        self._field = None
        self._written.append(prefix + text)

    def _current_field(self) -> str:
        if self._field is not None:
            return self._field.text
        return self._brackets[-1][0] if self._brackets else DEFAULT

    def _refuse_pending(self) -> None:
        if self._field is not None:
            raise _empty(self._field.column)
        if self._before is not None and _is_operator(self._before):
            raise _dangling(self._before.column)

    def _before_text(self) -> str:
        return self._before.text if self._before is not None else ""


def _is_operator(token: Token | None) -> bool:
    return token is not None and token.kind is Kind.WORD and token.text in OPERATORS


def _days(token: Token) -> Days:
    if token.kind is Kind.RANGE:
        first, found, last = f" {token.text} ".partition(" TO ")
        if found:
            return parse_range(first.strip(), last.strip(), token.column)
    if token.kind is Kind.WORD and not token.boost:
        return parse_period(token.text, token.column)
    raise SearchError("S11", f"a date that cannot be read, at column {token.column}", expected="[a TO b]")


def _checked(token: Token, words: list[str], field: str) -> str:
    match token.kind:
        case Kind.EVERY:
            if field != DEFAULT:
                raise _misplaced(token.column)
            return "*:*"
        case Kind.PHRASE:
            return _phrase(token, words)
        case Kind.WORD:
            return _word(token, field) + _boost(token)
        case _:
            raise SearchError("S10", f"square brackets are for dates only, at column {token.column}")


def _phrase(token: Token, words: list[str]) -> str:
    if not words:
        raise _empty(token.column)
    if "*" in token.text:
        raise _misplaced(token.column)
    slop = token.slop
    if slop is not None and not (slop.isascii() and slop.isdigit() and 1 <= int(slop) <= MAX_SLOP):
        raise SearchError(
            "S13", f"a distance that cannot be read, at column {token.column}", expected=f"~1 to ~{MAX_SLOP}"
        )
    return f'"{" ".join(words)}"' + (f"~{int(slop)}" if slop else "") + _boost(token)


def _word(token: Token, field: str) -> str:
    text = token.text
    expression = len(text) > 2 and text[0] == text[-1] == "/"
    signed = text[0] in "+-" and any(map(str.isalnum, text))
    if "~" in text or "\\" in text or expression or signed:
        raise SearchError(
            "S10", f"a sign that is not offered, at column {token.column}", expected="AND, OR, NOT, * or ?"
        )
    wildcards = text.count("*") + text.count("?")
    if wildcards > 1 or text[0] in "*?":
        raise _misplaced(token.column)
    if wildcards and field not in WILDCARD_FIELDS:
        raise SearchError("S21", f"wildcards are not offered in this field, at column {token.column}")
    return text


def _boost(token: Token) -> str:
    return f"^{float(token.boost)}" if token.boost else ""


def _empty(column: int) -> SearchError:
    return SearchError("S15", f"nothing follows, or nothing is inside, at column {column}")


def _dangling(column: int) -> SearchError:
    return SearchError("S09", f"an operator with nothing to join, at column {column}")


def _misplaced(column: int) -> SearchError:
    return SearchError(
        "S14", f"a wildcard out of place, at column {column}", expected="one, inside or after a word"
    )
