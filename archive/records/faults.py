"""What is wrong with a record: every fault with its path, never a value."""

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from archive.errors import IntakeError

UNKNOWN = "no such field"
SHOWN = 20
_PLAIN_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


class Fault(NamedTuple):
    """One fault: where, what was expected, and which kind of value was found there."""

    path: str
    expected: str
    found: str


class FaultyRecord(IntakeError):
    """A record, bulk file or description that breaks its schema; `faults` lists all that was found."""

    def __init__(self, code: str, what: str, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        lines = [f"{f.path or 'the whole'}: expected {f.expected}, found {f.found}" for f in self.faults]
        more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
        noun = "fault" if len(lines) == 1 else "faults"
        super().__init__(code, f"{len(lines)} {noun} in {what}: " + "; ".join(lines[:SHOWN] + more))


def faults_in(messages: Any, data: Any, known: Iterable[str] = (), path: str = "") -> Iterator[Fault]:
    """Flatten marshmallow's nested messages into faults, looking up in `data` what stood there."""
    if not isinstance(messages, dict):
        for message in messages if isinstance(messages, list) else [messages]:
            yield Fault(path, _with_hint(message, path, known), kind_of(data))
        return
    for key, below in messages.items():
        if key == "_schema":
            yield from faults_in(below, data, known, path)
        else:
            yield from faults_in(below, _inside(data, key), known, join(path, key))


def join(path: str, key: object) -> str:
    """Extend a path by a field or a list position; odd field names, which may be content, are not shown."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    shown = key if isinstance(key, str) and _PLAIN_KEY.fullmatch(key) else "(unnamed)"
    return f"{path}.{shown}" if path else shown


def kind_of(value: object) -> str:
    """Name the kind of a value without showing it."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "text" if value.strip() else "empty text"
    kinds = ((bool, "true or false"), (int | float, "a number"), (list, "a list"), (dict, "an object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "something else")


def _inside(data: Any, key: Any) -> Any:
    if isinstance(data, dict):
        return data.get(key)
    if isinstance(data, list) and isinstance(key, int) and key < len(data):
        return data[key]
    return None


def _with_hint(message: str, path: str, known: Iterable[str]) -> str:
    if message != UNKNOWN:
        return str(message)
    near = difflib.get_close_matches(path.rpartition(".")[2], list(known), n=1)
    return f"a known field (perhaps {near[0]})" if near else "a known field"
