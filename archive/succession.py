"""Logs that follow one another: after a loss an archive goes on under a successor log.

The successor has an origin and keys of its own. Its tree begins with the entries that were left of the one
before it, and its first own entry names that one, so that its word counts for what it still covers and can
be told from its word for what was lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from archive.digests import Digest
from archive.shapes import Shape, count, list_of, text_of

PREDECESSOR: Final[Shape] = {
    "origin": text_of(r"[!-~]{1,255}"),
    "log_keys": list_of(text_of(r"[!-~]{1,4500}")),
    "size": count,
}


@dataclass(frozen=True, slots=True)
class Predecessor:
    """An earlier log: its origin and keys, and how many of its entries its successor begins with."""

    origin: str
    log_keys: tuple[str, ...]
    size: int

    def as_data(self) -> dict[str, Any]:
        """Write it as JSON values of the shape `PREDECESSOR`."""
        return {"origin": self.origin, "log_keys": list(self.log_keys), "size": self.size}

    @classmethod
    def of(cls, value: dict[str, Any]) -> "Predecessor":
        """Read a value of the shape `PREDECESSOR`."""
        return cls(value["origin"], tuple(value["log_keys"]), value["size"])


@dataclass(frozen=True, slots=True)
class Lost:
    """An entry that was lost with an earlier log, by its digest; the one at `index` readmits it."""

    entry: Digest
    index: int


class Line(Protocol):
    """A log and those before it, the first of them first."""

    @property
    def origin(self) -> str: ...

    @property
    def log_keys(self) -> tuple[str, ...]: ...

    @property
    def earlier(self) -> Sequence[Predecessor]: ...


def origins(line: Line) -> Iterator[str]:
    """Yield the origins of a line of logs, in order."""
    yield from (one.origin for one in line.earlier)
    yield line.origin


def keys_of(line: Line, origin: str) -> tuple[str, ...]:
    """Return the keys of the log of that origin; none for a log that is not in the line."""
    if origin == line.origin:
        return line.log_keys
    return next((one.log_keys for one in line.earlier if one.origin == origin), ())


def end_of(line: Line, origin: str) -> int | None:
    """Return how many entries of a log its successor begins with; None for the last of the line."""
    return next((one.size for one in line.earlier if one.origin == origin), None)


def is_of_one_archive(one: str, other: str) -> bool:
    """Say whether two origins are those of logs of one archive, which its id in both of them says."""
    return one.split("/")[:2] == other.split("/")[:2]
