"""The published part of a log: its checkpoint, entries, tiles and proofs. Changes nothing."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archive.checkpoints import Checkpoint
from archive.errors import CustodyError, FixityError
from archive.merkle import HASH_BYTES, Read, leaf_hash, prove_consistency, prove_inclusion, tree_root
from archive.tiles import (
    TILE_WIDTH,
    TileCache,
    TileRef,
    bundles,
    decode_bundle,
    decode_hashes,
    encode_bundle,
    hash_reader,
    tile_ref,
)
from storage.log_files import LogFiles

Verify = Callable[[bytes], Checkpoint]


@dataclass(slots=True)
class _Seen:
    """The last checkpoint read, so that an unchanged note is not verified again and a rollback is noticed."""

    note: bytes = b""
    checkpoint: Checkpoint | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class LogReader:
    """One log, for reading, by any number of threads while others append.

    `verify` opens a signed note and vouches for it. Methods raise F10 (no checkpoint), F11 (an entry is not
    what was logged), F12 (a tile is missing), C44 (beyond the log), C45 (the log went back or forked since
    this object first looked), C48 (another log), and whatever `verify` and archive.tiles raise.
    """

    def __init__(self, root: Path, *, origin: str, verify: Verify) -> None:
        self._files = LogFiles(root)
        self._origin = origin
        self._verify = verify
        self._tiles = TileCache()
        self._seen = _Seen()

    def checkpoint(self) -> Checkpoint:
        """Return the published checkpoint, verified."""
        return self.published()[1]

    def note(self) -> bytes:
        """Return the published checkpoint as a signed note, verified."""
        return self.published()[0]

    def published(self) -> tuple[bytes, Checkpoint]:
        """Return the published checkpoint as a note and opened."""
        # The file is read under the lock, so that two threads cannot see it change in different orders.
        with self._seen.lock:
            note = self._files.note()
            if self._seen.checkpoint is None or note != self._seen.note:
                checkpoint = self._verify(note)
                self._check_follows(checkpoint, self._seen.checkpoint)
                self._seen.note, self._seen.checkpoint = note, checkpoint
            return note, self._seen.checkpoint

    def opened(self, note: bytes) -> Checkpoint:
        """Return what another note of this log says, verified; that the log continues it is not checked."""
        return self._verify(note)

    def entry(self, index: int) -> bytes:
        """Return one entry."""
        return next(self.entries(index, index + 1))

    def entries(self, start: int, end: int | None = None) -> Iterator[bytes]:
        """Return the entries from `start` up to, not including, `end` (default: all), in flat memory.

        Each is checked against the log's tiles; that these lead to the signed root is `root_at`'s to show.
        """
        size = self.checkpoint().size
        end = size if end is None else end
        if not 0 <= start <= end <= size:
            raise CustodyError(
                "C44", "no such entries in the log", expected=f"below {size}", found=f"{start} to {end}"
            )
        return self._entries(start, end, size)

    def prove_inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that entry `index` is in the tree of `size` (default: the published one)."""
        size = self._size(size)
        return prove_inclusion(index, size, self._read(size))

    def prove_consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Return the proof that the tree of `size` (default: the published one) begins with that of `old`."""
        size = self._size(size)
        return prove_consistency(old, size, self._read(size))

    def root_at(self, size: int) -> bytes:
        """Return the root that the tiles give for the first `size` entries."""
        size = self._size(size)
        return tree_root(size, self._read(size))

    def check(self, since: int = 0) -> None:
        """Check that the tiles lead to the published root (C40), and the entries from `since` on to tiles."""
        point = self.checkpoint()
        root = tree_root(
            point.size, hash_reader(point.size, lambda ref: self._files.load(ref)[1], TileCache())
        )
        if root != point.root:
            raise CustodyError(
                "C40", "the log's tiles lead to another root", expected=point.root.hex(), found=root.hex()
            )
        for _ in self._entries(since, point.size, point.size):
            pass

    def tile(self, ref: TileRef) -> bytes:
        """Return a tile or bundle of the published tree, unchecked; raise C30 for one beyond it."""
        if ref.width > tile_ref(ref.level, ref.index, self.checkpoint().size).width:
            raise CustodyError("C30", "no such tile in the tree", found=ref.path)
        width, data = self._files.load(ref)
        if width == ref.width:
            return data
        if ref.level is None:
            return encode_bundle(decode_bundle(data, width)[: ref.width])
        return data[: ref.width * HASH_BYTES]

    def _remember(self, note: bytes, checkpoint: Checkpoint) -> None:
        with self._seen.lock:
            self._seen.note, self._seen.checkpoint = note, checkpoint

    def _read(self, size: int) -> Read:
        return hash_reader(size, lambda ref: self._files.load(ref)[1], self._tiles)

    def _entries(self, start: int, end: int, size: int) -> Iterator[bytes]:
        for ref in bundles(end, start):
            width, data = self._files.load(tile_ref(None, ref.index, size))
            found, leaves = decode_bundle(data, width), self._leaves(tile_ref(0, ref.index, size))
            first = ref.index * TILE_WIDTH
            for offset in range(max(start - first, 0), ref.width):
                if leaf_hash(found[offset]) != leaves[offset]:
                    raise FixityError("F11", "an entry is not what was logged", found=first + offset)
                yield found[offset]

    def _leaves(self, ref: TileRef) -> tuple[bytes, ...]:
        return decode_hashes(self._files.load(ref)[1][: ref.width * HASH_BYTES], ref.width)

    def _check_follows(self, checkpoint: Checkpoint, before: Checkpoint | None) -> None:
        if checkpoint.origin != self._origin:
            raise CustodyError("C48", "the checkpoint is of another log")
        if before is None:
            return
        grown = checkpoint.size > before.size
        root = tree_root(before.size, self._read(checkpoint.size)) if grown else checkpoint.root
        if checkpoint.size < before.size or root != before.root:
            raise CustodyError(
                "C45",
                "the log does not continue what this process saw",
                expected=f"{before.size} entries under {before.root.hex()}",
                found=f"{checkpoint.size} entries under {root.hex()}",
            )

    def _size(self, size: int | None) -> int:
        published = self.checkpoint().size
        if size is None:
            return published
        if not 0 <= size <= published:
            raise CustodyError("C44", "the log is not that large", expected=published, found=size)
        return size
