"""The files of a log (c2sp.org/tlog-tiles): `checkpoint`, `tile/…`, `tile/entries/…`, and a lock beside them.

Only what the published checkpoint covers counts. Tiles beyond it are what a crash left; the next append
removes them.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final

from archive.errors import CustodyError, FixityError
from archive.tiles import TILE_HEIGHT, TILE_WIDTH, TileRef, parse_tile_path
from storage.durable import FolderTree, write_all, write_once, writing

# One writer at a time, under the lock: a constant name lets it overwrite its predecessor's leftovers.
_WRITER: Final = "log"


class LogFiles:
    """Reads and writes the files under one folder. Knows paths and durability, nothing of trees."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders = FolderTree(root)
        self.lock = root / "lock"
        self._mark = root / "unfinished"

    def create(self, note: bytes) -> None:
        """Publish the first checkpoint; raise F01 if there is another already."""
        with writing("the log"):
            self._folders.ready(self._root)
        write_once(self._root / "checkpoint", note)

    def note(self) -> bytes:
        """Return the published checkpoint; raise F10 if there is none."""
        try:
            return (self._root / "checkpoint").read_bytes()
        except FileNotFoundError:
            raise FixityError("F10", "the log has no checkpoint") from None

    def load(self, ref: TileRef) -> tuple[int, bytes]:
        """Return a tile's width and bytes: the one asked for or, where it was superseded, a wider one.

        Wider tiles begin with the same hashes or entries, because the log only grows. Raises F12 if none is
        there.
        """
        for candidate in chain((ref,), self._wider(ref)):
            with suppress(FileNotFoundError):
                return candidate.width, (self._root / candidate.path).read_bytes()
        raise FixityError("F12", "a tile of the log is missing", expected=ref.path)

    def stage(self, tiles: Mapping[TileRef, bytes]) -> None:
        """Make tiles durable; the caller sees to it that none of them belongs to the published tree."""
        files = {self._root / ref.path: data for ref, data in tiles.items()}
        with writing("the log"):
            for folder in dict.fromkeys(path.parent for path in files):
                self._folders.ready(folder)
        write_all(files, token=_WRITER)

    def begin(self) -> bool:
        """Mark that an append is under way; say whether an earlier one never ended."""
        with writing("the log"):
            unfinished = self._mark.exists()
            self._mark.touch(mode=0o600)
        return unfinished

    def end(self) -> None:
        """Take the mark away: nothing unfinished is left."""
        self._mark.unlink(missing_ok=True)

    def sweep(self, size: int) -> None:
        """Remove tiles beyond a tree of `size`, and what is half-written; the caller holds the lock.

        A later append of another length would not overwrite them, and readers would take them for wider forms
        of tiles that were superseded.
        """
        for path in [*self._root.glob(".checkpoint.*.new"), *(self._root / "tile").rglob("*")]:
            if path.is_file() and (path.suffix == ".new" or self._is_beyond(path, size)):
                path.unlink(missing_ok=True)

    def _is_beyond(self, path: Path, size: int) -> bool:
        try:
            ref = parse_tile_path(path.relative_to(self._root).as_posix())
        except CustodyError:
            return False
        return ref.index * TILE_WIDTH + ref.width > size >> (TILE_HEIGHT * (ref.level or 0))

    def publish(self, note: bytes) -> None:
        """Replace the checkpoint, atomically and durably."""
        write_all({self._root / "checkpoint": note}, token=_WRITER)

    def discard(self, refs: Iterable[TileRef]) -> None:
        """Remove the partial forms of tiles that are full now, and of their predecessors.

        The predecessors are looked at again because a crash may have come before their turn. Failing to
        remove does no harm.
        """
        for ref in refs:
            full = [TileRef(ref.level, ref.index)] if ref.width == TILE_WIDTH else []
            before = [TileRef(ref.level, ref.index - 1)] if ref.index else []
            for superseded in full + before:
                shutil.rmtree(self._partials(superseded), ignore_errors=True)

    def _wider(self, ref: TileRef) -> Iterator[TileRef]:
        if ref.width == TILE_WIDTH:
            return
        whole = TileRef(ref.level, ref.index)
        yield whole
        with suppress(FileNotFoundError):
            widths = [int(path.name) for path in self._partials(ref).iterdir() if path.name.isdecimal()]
            for width in sorted(width for width in widths if ref.width < width < TILE_WIDTH):
                yield TileRef(ref.level, ref.index, width)
        # The tile may have become full, and its partial forms gone, since we looked.
        yield whole

    def _partials(self, ref: TileRef) -> Path:
        return self._root / f"{TileRef(ref.level, ref.index).path}.p"
