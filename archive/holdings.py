"""What an audit reads: everything an archive holds, as bytes and rows, and no key to any of it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from archive.digests import Digest

#: One row of the catalogue as it is stored: column names to texts, numbers, bytes or None.
Row = Mapping[str, Any]


class HeldLog(Protocol):
    """The files of one log, or of a mirror of it, for reading.

    The checkpoint is of one moment; the tiles may grow meanwhile. What is missing or cannot be read raises a
    FixityError, never anything else.
    """

    def checkpoint(self) -> bytes:
        """Return the published checkpoint, a signed note."""

    def tile(self, path: str) -> bytes:
        """Return the file of a tile or bundle by its path, `tile/…`."""

    def tiles(self) -> Iterable[str]:
        """Name the path of every file below `tile/`, whatever its name."""


class Holdings(HeldLog, Protocol):
    """One archive, or a mirror of it, for reading.

    The checkpoint and the rows are of one moment, at which nobody was between logging and confirming; the
    rest may grow meanwhile. Errors are those of `HeldLog`.
    """

    def settings(self) -> bytes:
        """Return `archive.json`."""

    def cosigners(self) -> bytes | None:
        """Return the list of cosigners, None where the archive never had one."""

    def cosigned(self) -> Iterable[str] | None:
        """Name the sizes of cosigned checkpoints, none above that of the published one; None: not shown."""

    def cosigned_note(self, size: str) -> bytes:
        """Return a cosigned checkpoint."""

    def body(self, body: Digest) -> Iterator[bytes]:
        """Yield a body in chunks."""

    def bodies(self) -> Iterable[Digest]:
        """Name every body."""

    def header(self, body: Digest) -> bytes:
        """Return the header of a body."""

    def headers(self) -> Iterable[Digest]:
        """Name every body that has a header."""

    def rows(self, table: str) -> Iterator[Row]:
        """Yield every row of a table of the catalogue, staged ones included."""

    def has_table(self, table: str) -> bool:
        """Say whether the catalogue has a table; those of earlier releases lack some."""

    def integrity(self) -> Iterable[str]:
        """Name what the catalogue's own checks find wrong, such as an index that hides rows."""

    def leftovers(self) -> Iterable[str]:
        """Name the half-written files that a crash left, which nothing reads."""

    def strays(self) -> Iterable[str]:
        """Name the files in the stores that none of ours would be called."""

    def now(self) -> "AbstractContextManager[Holdings]":
        """Return the same archive as it stands now, for use in a `with` block."""


@dataclass(frozen=True, slots=True)
class CopyHeld:
    """What a further copy of the stores holds, by name; None where it cannot be reached."""

    name: str
    bodies: frozenset[Digest] | None = None
    headers: frozenset[Digest] | None = None


@runtime_checkable
class WithCopies(Protocol):
    """Holdings that know of further copies of their stores."""

    def copies(self) -> Iterator[CopyHeld]:
        """Name what each copy holds; raise F65 when it cannot be read which copies there are."""
