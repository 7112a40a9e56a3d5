"""The stores of an archive: its own, and the copies that are listed now.

A copy is there as long as its mark can be read: a folder on which no disk is mounted has none, and gets
nothing. The list is looked at again before each use, so that a running server knows of a copy from the moment
it is added.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.errors import FixityError
from archive.ids import Id
from storage.copies.listed import LIST_NAME, MARK_NAME, Listed, Listing, format_mark, parse_listing
from storage.headers import LocalHeaders
from storage.objects import LocalObjects


@dataclass(frozen=True, slots=True)
class Store:
    """One place that holds bodies and headers. `copy` is None for the archive's own."""

    copy: Id | None
    folder: Path
    objects: LocalObjects
    headers: LocalHeaders


class Copy:
    """One further copy, there or not."""

    def __init__(self, archive: Id, listed: Listed) -> None:
        self.copy = listed.copy
        self.folder = Path(listed.folder)
        self._mark = format_mark(archive, listed.copy)
        self._store: Store | None = None

    def is_there(self) -> bool:
        """Say whether the folder is the one that was added, and can be read."""
        try:
            return (self.folder / MARK_NAME).read_bytes() == self._mark
        except OSError:
            return False

    def store(self) -> Store:
        """Return its stores (F63 when it is not there, F02 when it lacks them and they cannot be made)."""
        if not self.is_there():
            raise FixityError("F63", "a copy cannot be reached", expected=MARK_NAME, found=self.folder)
        if self._store is None:
            self._store = store_in(self.folder, self.copy)
        return self._store


class Stores:
    """The archive's own store and its copies. Safe for many threads and processes."""

    def __init__(self, folder: Path, archive: Id) -> None:
        self.own = store_in(folder, None)
        self.path = folder / LIST_NAME
        self._archive = archive
        self._state: tuple[tuple[int, ...], Listing, tuple[Copy, ...]] | None = None

    def listing(self) -> Listing:
        """Return what is listed now (F65 when the list is damaged)."""
        return self._now()[0]

    def copies(self) -> tuple[Copy, ...]:
        """Return every copy that is listed, there or not."""
        return self._now()[1]

    def reached(self) -> Iterator[Store]:
        """Yield the stores of every copy that is there."""
        for copy in self.copies():
            with passing_over():
                yield copy.store()

    def _now(self) -> tuple[Listing, tuple[Copy, ...]]:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return Listing(), ()
        version, state = (found.st_ino, found.st_mtime_ns, found.st_size), self._state
        if state is None or state[0] != version:
            listing = parse_listing(self.path.read_bytes())
            state = (version, listing, tuple(Copy(self._archive, one) for one in listing.copies))
            self._state = state
        return state[1:]


def store_in(folder: Path, copy: Id | None) -> Store:
    """Return the stores in a folder, which are made if they are not there."""
    return Store(copy, folder, LocalObjects(folder / "objects"), LocalHeaders(folder / "headers"))


@contextmanager
def passing_over() -> Iterator[None]:
    """Go on where a copy fails: it is behind then, and `fixity --repair` catches up."""
    try:
        yield
    except (FixityError, OSError):
        return
