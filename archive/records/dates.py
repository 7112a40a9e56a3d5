"""Dates as EDTF (ISO 8601-2, annex A) and their sortable bounds.

`edtf` judges the syntax; the bounds are computed here, because the library pads an unknown end by ten years,
answers infinity for an open one, fails on `2020-08-1X` and reads `1950S2` as one year.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date

from edtf import parse_edtf

from archive.errors import IntakeError

Bounds = tuple[int | None, int | None]

LONGEST = 64
_ALPHABET = re.compile(r"[0-9XST?~%/.,:Z+\-\[\]{}]+", re.ASCII)
_ATOM = re.compile(r"([0-9X]{4})(?:-([0-9X]{2}))?(?:-([0-9X]{2}))?", re.ASCII)
_SIGNIFICANT = re.compile(r"([0-9]{4})S([1-4])", re.ASCII)
_DAY = r"[0-9]{4}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?[?~%]?"
_PLAIN = re.compile(f"{_DAY}(/{_DAY})?", re.ASCII)
_QUALIFIERS = re.compile(r"[?~%]")

# First and last month; 13 and 14 are those of the next year. "Winter 1937" may mean either end of the year.
_SPRING, _SUMMER, _AUTUMN, _WINTER = (3, 5), (6, 8), (9, 11), (1, 14)
_NORTH = (_SPRING, _SUMMER, _AUTUMN, _WINTER)
_SOUTH = (_AUTUMN, _WINTER, _SPRING, _SUMMER)
_QUARTERS = ((1, 3), (4, 6), (7, 9), (10, 12))
_REST = ((1, 4), (5, 8), (9, 12), (1, 6), (7, 12))
_SEASONS = dict(enumerate((*_NORTH, *_NORTH, *_SOUTH, *_QUARTERS, *_REST), start=21))


def date_bounds(edtf: str) -> Bounds:
    """Return the earliest and latest day `edtf` may mean, as proleptic Gregorian ordinals, or None if open.

    "Uncertain" and "approximate" (`?`, `~`, `%`) do not widen the bounds. A time of day counts for its own
    local day. Raises I11 for what is not EDTF, ends before it begins, or lies outside the years 1 to 9999.
    """
    if len(edtf) > LONGEST or not _ALPHABET.fullmatch(edtf):
        raise _not_edtf()
    if not _PLAIN.fullmatch(edtf):  # of a plain date its bounds are check enough, at a hundredth of the time
        _check_syntax(edtf)
    if edtf[0] in "[{":
        return _hull(_between(member, "..") for member in edtf[1:-1].split(","))
    return _between(edtf, "/")


def _check_syntax(edtf: str) -> None:
    try:
        parse_edtf(edtf)
    except Exception:  # the parser raises its own errors and, on some input, Python's
        raise _not_edtf() from None


def _not_edtf() -> IntakeError:
    return IntakeError("I11", "not a date", expected="EDTF within the years 1 to 9999, such as 2020-08-XX")


def _between(text: str, separator: str) -> Bounds:
    first, found, last = text.partition(separator)
    if not found:
        return _atom(first)
    lower, upper = _end(first)[0], _end(last)[1]
    if lower is not None and upper is not None and lower > upper:
        raise IntakeError("I11", "a period ends before it begins")
    return lower, upper


def _end(text: str) -> Bounds:
    return (None, None) if text in ("", "..") else _atom(text)


def _hull(parts: Iterable[Bounds]) -> Bounds:
    lowers, uppers = zip(*parts, strict=True)
    lower = None if None in lowers else min(lowers)
    upper = None if None in uppers else max(uppers)
    return lower, upper


def _atom(text: str) -> Bounds:
    plain = _QUALIFIERS.sub("", text).partition("T")[0]
    if significant := _SIGNIFICANT.fullmatch(plain):
        digits = int(significant[2])
        plain = significant[1][:digits] + "X" * (4 - digits)
    match = _ATOM.fullmatch(plain)
    if match is None or plain.startswith("0000"):
        raise _not_edtf()
    year, month, day = match.groups()
    if year == "XXXX":
        return None, None
    if month is not None and month.isdigit() and int(month) in _SEASONS:
        return _season(year, *_SEASONS[int(month)])
    return _edge(year, month, day, last=False), _edge(year, month, day, last=True)


def _season(year: str, first: int, last: int) -> Bounds:
    following = 1 if last > 12 else 0
    begin = max(int(year.replace("X", "0")), 1)
    end = min(int(year.replace("X", "9")) + following, 9999)
    month = last - 12 * following
    return date(begin, first, 1).toordinal(), date(end, month, monthrange(end, month)[1]).toordinal()


def _edge(year: str, month: str | None, day: str | None, *, last: bool) -> int:
    """Return the first (or last) real day whose digits fit the three patterns."""
    for y in _fitting(year, range(1, 10_000), last):
        for m in _fitting(month or "XX", range(1, 13), last):
            for d in _fitting(day or "XX", range(1, monthrange(y, m)[1] + 1), last):
                return date(y, m, d).toordinal()
    raise _not_edtf()


def _fitting(pattern: str, values: range, last: bool) -> Iterator[int]:
    if pattern.isdigit():
        return iter([int(pattern)] if int(pattern) in values else [])
    shape = re.compile(pattern.replace("X", "[0-9]"))
    ordered = reversed(values) if last else iter(values)
    return (value for value in ordered if shape.fullmatch(f"{value:0{len(pattern)}}"))
