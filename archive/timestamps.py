"""Timestamps of others over checkpoints (RFC 3161), as the core sees them: what one says, once verified.

How one is verified is `keys.timestamps`; a timestamp over a checkpoint covers every entry below its size. One
that is kept is two files: `NAME.tsr` as the authority gave it, `NAME.checkpoint` the note that it is over.
Its name is for finding it: what counts is inside.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from archive.errors import FixityError
from archive.events import format_moment

#: What an authority may be called, as a part of file names.
AUTHORITY: Final = r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?"
STAMPED: Final = ".tsr"
NOTE: Final = ".checkpoint"

_NAME: Final = re.compile(rf"([0-9]{{12,19}})\.({AUTHORITY})\.([0-9]{{8}}T[0-9]{{6}}Z)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a verified timestamp says: the subject of who signed it, when that was, and how exact that is."""

    signer: str
    made: datetime
    accuracy: timedelta

    @property
    def existed_by(self) -> str:
        """The moment, in whole seconds, by which what is stamped existed at the latest."""
        latest = self.made + self.accuracy
        return format_moment(latest + timedelta(seconds=1) if latest.microsecond else latest)


#: Verifies a timestamp, the second argument, over the bytes of the first; returns what it says or raises.
#: None is for one of an authority whose word is not asked for.
Verify = Callable[[bytes, bytes], Stamp | None]


@dataclass(frozen=True, order=True, slots=True)
class Name:
    """What a kept timestamp is called after: the log's size, then the moment, and the authority."""

    size: int
    moment: str
    authority: str

    @classmethod
    def of(cls, size: int, authority: str, stamp: Stamp) -> "Name":
        """Return the name for a new one."""
        return cls(size, stamp.made.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"), authority)

    @classmethod
    def parse(cls, text: str) -> "Name":
        """Read a name (F57 when no timestamp is called that)."""
        found = _NAME.fullmatch(text)
        name = cls(int(found[1]), found[3], found[2]) if found else None
        if name is None or str(name) != text:
            raise FixityError("F57", "no timestamp is called that")
        return name

    def __str__(self) -> str:
        return f"{self.size:012d}.{self.authority}.{self.moment}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A timestamp that is kept, unverified: the note of a checkpoint, and what an authority gave over it."""

    note: bytes
    token: bytes


class HeldTimestamps(Protocol):
    """The timestamps that an archive keeps, for reading."""

    def names(self) -> Iterable[Name]:
        """Return the names of all, sorted."""

    def load(self, name: Name) -> Kept:
        """Return one (F57 when a file of it is missing or cannot be read)."""

    def strays(self) -> Iterable[str]:
        """Name the files among them that none of ours would be called."""


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """The timestamps that an audit looks at, and who is believed.

    `names` are to be taken before the checkpoint is read: one that is made later may be over a longer log.
    """

    names: tuple[Name, ...]
    held: HeldTimestamps
    verify: Verify
