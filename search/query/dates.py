"""Dates in queries: the plain part of EDTF, read into the first and last day they may mean.

Years, months, days, decades (`193X`) and centuries (`19XX`), intervals (`2020-08-09/2020-08-12`), open ends
(`..` or nothing). `~` and `%` (approximately) widen by one unit of the date's own precision on both sides;
`?` (uncertain) does not. No times, seasons or years before 1.
"""

import re
from calendar import monthrange
from datetime import date

from archive.errors import SearchError

_DATE = re.compile(r"([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?:-([0-9]{2})(?:-([0-9]{2}))?)?([~?%]?)")
_OPEN = ("", "..")
_FIRST_MONTH = 1 * 12
_LAST_MONTH = 9999 * 12 + 11

Days = tuple[int, int]


def parse_period(text: str, column: int) -> Days:
    """Read one date or an interval `a/b`; raises S11 with the column it began at."""
    if "/" not in text:
        return _days(text, column)
    first, _, last = text.partition("/")
    return parse_range(first, last, column)


def parse_range(first: str, last: str, column: int) -> Days:
    """Read both ends of a period, either of which may be open."""
    if first in _OPEN and last in _OPEN:
        raise _unreadable(column)
    start = date.min.toordinal() if first in _OPEN else _days(first, column)[0]
    end = date.max.toordinal() if last in _OPEN else _days(last, column)[1]
    if start > end:
        raise SearchError("S11", f"a period that ends before it begins, at column {column}")
    return start, end


def _days(text: str, column: int) -> Days:
    found = _DATE.fullmatch(text)
    if found is None:
        raise _unreadable(column)
    year, month, day, qualifier = found.groups()
    widened = 1 if qualifier in ("~", "%") else 0
    try:
        if month is None:
            return _years(int(year.replace("X", "0")), int(year.replace("X", "9")), widened)
        if day is None:
            return _months(int(year) * 12 + int(month) - 1, int(month), widened)
        exact = date(int(year), int(month), int(day)).toordinal()
        return max(exact - widened, date.min.toordinal()), min(exact + widened, date.max.toordinal())
    except ValueError:
        raise _unreadable(column) from None


def _years(first: int, last: int, widened: int) -> Days:
    span = (last - first + 1) * widened
    begin, end = max(first - span, 1), min(last + span, 9999)
    if last < 1:
        raise ValueError("no year 0")
    return date(begin, 1, 1).toordinal(), date(end, 12, 31).toordinal()


def _months(count: int, month: int, widened: int) -> Days:
    if not 1 <= month <= 12:
        raise ValueError("no such month")
    year, first = divmod(max(count - widened, _FIRST_MONTH), 12)
    last_year, last = divmod(min(count + widened, _LAST_MONTH), 12)
    end = date(last_year, last + 1, monthrange(last_year, last + 1)[1])
    return date(year, first + 1, 1).toordinal(), end.toordinal()


def _unreadable(column: int) -> SearchError:
    return SearchError("S11", f"a date that cannot be read, at column {column}", expected="2020-08 or alike")
