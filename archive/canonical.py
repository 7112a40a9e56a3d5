"""Canonical JSON (RFC 8785) for the values we use: objects, arrays, strings, integers, true, false, null.

Floats are not among them, and integers stay within ±(2**53 - 1), where RFC 8785 and Python agree.
"""

import json
import re
from typing import Any

from archive.errors import IntakeError

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 32

#: Below the surrogates, UTF-16 sorts as Python does: by code point.
_SORTED_OTHERWISE = re.compile("[\ud800-\U0010ffff]")


def format_json(value: Any) -> bytes:
    """Return the one canonical encoding of `value`; raise I03 for what has none."""
    _check(value, 0)
    return _encoded(value)


def parse_json(data: bytes) -> Any:
    """Return the value that `data` canonically encodes; refuse every other spelling (I03)."""
    try:
        value = json.loads(data.decode(), parse_float=_no_float, parse_constant=_no_float, parse_int=_whole)
    except (ValueError, RecursionError):
        raise IntakeError("I03", "not JSON in UTF-8 without floats") from None
    # What was just read holds nothing that JSON cannot; its depth and its texts are left to check.
    _check_depth(value, 0)
    if _encoded(value) != data:
        raise IntakeError("I03", "JSON is not in canonical form (RFC 8785)")
    return value


def _encoded(value: Any) -> bytes:
    try:
        text = _dumped(value, sort_keys=True)
        if not text.isascii() and _SORTED_OTHERWISE.search(text):
            text = _dumped(_ordered(value), sort_keys=False)
        return text.encode()
    except UnicodeEncodeError:
        raise IntakeError("I03", "text holds a lone surrogate") from None


def _dumped(value: Any, *, sort_keys: bool) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=sort_keys)


def _no_float(_text: str) -> Any:
    raise ValueError


def _whole(text: str) -> int:
    value = int(text)
    if abs(value) > LARGEST_INTEGER:
        raise IntakeError("I03", "integer outside the range of JSON", expected="at most 2**53 - 1")
    return value


def _ordered(value: Any) -> Any:
    """Sort object keys by UTF-16 code units, as RFC 8785 3.2.3 demands."""
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda k: k.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_ordered(part) for part in value]
    return value


def _check_depth(value: Any, depth: int) -> None:
    """Refuse what `_check` refuses, of values that were just read from JSON."""
    if not isinstance(value, dict | list):
        return
    if depth == DEEPEST and value:
        raise IntakeError("I03", "JSON is nested too deeply", expected=f"at most {DEEPEST} levels")
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            _check_depth(part, depth + 1)


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise IntakeError("I03", "JSON is nested too deeply", expected=f"at most {DEEPEST} levels")
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise IntakeError("I03", "integer outside the range of JSON", expected="at most 2**53 - 1")
    elif isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise IntakeError("I03", "object key is not text", found=type(key).__name__)
            _check(part, depth + 1)
    elif isinstance(value, list | tuple):
        for part in value:
            _check(part, depth + 1)
    else:
        raise IntakeError("I03", "value has no canonical JSON", found=type(value).__name__)
