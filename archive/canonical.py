"""Canonical JSON (RFC 8785) for the values we use: objects, arrays, strings, integers, true, false, null.

Floats are not among them, and integers stay within ±(2**53 - 1), where RFC 8785 and Python agree.
"""

import json
from typing import Any

from archive.errors import IntakeError

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 32


def format_json(value: Any) -> bytes:
    """Return the one canonical encoding of `value`; raise I03 for what has none."""
    _check(value, 0)
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def parse_json(data: bytes) -> Any:
    """Return the value that `data` canonically encodes; refuse every other spelling (I03)."""
    try:
        value = json.loads(data.decode(), parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError):
        raise IntakeError("I03", "not JSON in UTF-8 without floats") from None
    if format_json(value) != data:
        raise IntakeError("I03", "JSON is not in canonical form (RFC 8785)")
    return value


def _no_float(_text: str) -> Any:
    raise ValueError


def _ordered(value: Any) -> Any:
    """Sort object keys by UTF-16 code units, as RFC 8785 3.2.3 demands."""
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda k: k.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_ordered(part) for part in value]
    return value


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise IntakeError("I03", "JSON is nested too deeply", expected=f"at most {DEEPEST} levels")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise IntakeError("I03", "integer outside the range of JSON", expected="at most 2**53 - 1")
    elif isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise IntakeError("I03", "object key is not text", found=type(key).__name__)
            _check_text(key)
            _check(part, depth + 1)
    elif isinstance(value, list | tuple):
        for part in value:
            _check(part, depth + 1)
    else:
        raise IntakeError("I03", "value has no canonical JSON", found=type(value).__name__)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise IntakeError("I03", "text holds a lone surrogate") from None
