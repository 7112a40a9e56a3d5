"""Shapes of event data: which fields a kind of event has, and the one spelling each value may take.

A shape maps field names to checks. A check takes a JSON value and returns nothing or raises; every field of
a shape must be present and no other may be.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from archive.codec import unb64
from archive.digests import Digest
from archive.errors import CustodyError, IntakeError
from archive.ids import Id

Check = Callable[[Any], None]
Shape = Mapping[str, Check]

_MOMENT = re.compile(r"\A\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ\Z", re.ASCII)


def check_shape(value: Any, shape: Shape, where: str) -> None:
    """Check that `value` is an object with exactly the fields of `shape` (raises C50, naming the field)."""
    if not isinstance(value, dict) or value.keys() != shape.keys():
        found = sorted(value) if isinstance(value, dict) else type(value).__name__
        raise CustodyError("C50", f"{where} has the wrong fields", expected=sorted(shape), found=found)
    for name, check in shape.items():
        try:
            check(value[name])
        except (IntakeError, TypeError, ValueError, AttributeError):
            raise CustodyError("C50", f"{where}.{name} is malformed") from None


def identifier(value: Any) -> None:
    """A random 128-bit id."""
    Id(value)


def digest(value: Any) -> None:
    """A SHA-256 digest in lower-case hexadecimal."""
    Digest(value)


def count(value: Any) -> None:
    """A whole number from 0."""
    if type(value) is not int or value < 0:
        raise ValueError


def positive(value: Any) -> None:
    """A whole number from 1."""
    count(value)
    if value < 1:
        raise ValueError


def exactly(number: int) -> Check:
    """One whole number, such as that of a version."""

    def check(value: Any) -> None:
        count(value)
        if value != number:
            raise ValueError

    return check


def flag(value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise TypeError


def moment(value: Any) -> None:
    """A second in UTC, written 2026-11-20T08:05:00Z."""
    if not _MOMENT.match(value):
        raise ValueError


def day(value: Any) -> None:
    """A day, written 2026-11-20."""
    moment(f"{value}T00:00:00Z")


def text_of(pattern: str) -> Check:
    """Text that matches `pattern` as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: Any) -> None:
        if not compiled.fullmatch(value):
            raise ValueError

    return check


def base64_of(size_bytes: int) -> Check:
    """Canonical base64 of exactly `size_bytes` bytes."""

    def check(value: Any) -> None:
        if len(unb64(value)) != size_bytes:
            raise ValueError

    return check


def one_of(words: Iterable[str]) -> Check:
    """One word of a closed list."""
    allowed = frozenset(words)

    def check(value: Any) -> None:
        if value not in allowed:
            raise ValueError

    return check


def set_of(check_one: Check) -> Check:
    """A list without repetition, in ascending order: the one spelling of a set."""

    def check(value: Any) -> None:
        if not isinstance(value, list) or value != sorted(set(value)):
            raise ValueError
        for part in value:
            check_one(part)

    return check


def list_of(check_one: Check) -> Check:
    """A list in its own order."""

    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise TypeError
        for part in value:
            check_one(part)

    return check


def optional(check_one: Check) -> Check:
    """Null, or what `check_one` accepts."""

    def check(value: Any) -> None:
        if value is not None:
            check_one(value)

    return check


def object_of(shape: Shape) -> Check:
    """An object of another shape."""

    def check(value: Any) -> None:
        check_shape(value, shape, "object")

    return check
