"""The log's files: c2sp.org/tlog-tiles. Which tiles a tree has, their paths, their bytes, and reading them.

A tile of level L holds up to 256 hashes of complete subtrees of height 8 * L; a bundle holds the entries
under one tile of level 0. Nothing here believes a tile: a proof made from tiles counts once it verifies
under a signed checkpoint. Tiles repeat each other (a hash of level 1 follows from a tile of level 0), so an
audit compares each with what the entries themselves give; one right root does not vouch for all of them.
"""

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

from archive.errors import CustodyError
from archive.merkle import HASH_BYTES, Read, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
LARGEST_ENTRY_BYTES = 65_535

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9]|[1-5][0-9]|6[0-3])"
    r"/(?P<groups>(?:x[0-9]{3}/){0,6})(?P<last>[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)

# The hashes of one tile, then of the levels above them inside the tile, as far as they are complete.
Rows = tuple[tuple[bytes, ...], ...]


@dataclass(frozen=True, slots=True)
class TileRef:
    """One hash tile, or, where `level` is None, one bundle of entries; partial when narrower than 256."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        fits = self.level is None or 0 <= self.level <= 63
        if not fits or self.index < 0 or not 1 <= self.width <= TILE_WIDTH:
            raise CustodyError("C30", "no such tile", expected="level 0 to 63, width 1 to 256")

    @property
    def path(self) -> str:
        """The path below the log's prefix, such as `tile/0/x001/234.p/56`."""
        level = "entries" if self.level is None else str(self.level)
        rest, last = divmod(self.index, 1000)
        groups = f"{last:03}"
        while rest:
            rest, group = divmod(rest, 1000)
            groups = f"x{group:03}/{groups}"
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{groups}{partial}"


def parse_tile_path(path: str) -> TileRef:
    """Read the path of a tile or bundle; refuse (C30) every spelling but the one of `TileRef.path`."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise CustodyError("C30", "malformed tile path")
    level = None if match["level"] == "entries" else int(match["level"])
    index = int(match["groups"].replace("x", "").replace("/", "") + match["last"])
    ref = TileRef(level, index, int(match["width"] or TILE_WIDTH))
    if ref.path != path:
        raise CustodyError("C30", "malformed tile path")
    return ref


def hash_tiles(size: int, since: int = 0) -> Iterator[TileRef]:
    """Yield the hash tiles of a tree of `size`, without those that a tree of `since` has just so."""
    level = 0
    while size >> (TILE_HEIGHT * level):
        shift = TILE_HEIGHT * level
        yield from _tiles(level, size >> shift, since >> shift)
        level += 1


def bundles(size: int, since: int = 0) -> Iterator[TileRef]:
    """Yield the bundles of a log of `size`, without those that a log of `since` has just so."""
    return _tiles(None, size, since)


def tile_ref(level: int | None, index: int, size: int) -> TileRef:
    """Return a tile or bundle in the width that it has in a tree of `size`; raise C30 where it has none."""
    count = (size >> (TILE_HEIGHT * (level or 0))) - index * TILE_WIDTH
    return TileRef(level, index, min(count, TILE_WIDTH))


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    """Write a hash tile."""
    data = b"".join(hashes)
    decode_hashes(data, len(hashes))
    return data


def decode_hashes(data: bytes, width: int) -> tuple[bytes, ...]:
    """Take a hash tile of `width` hashes apart; raise C31 when it has another length."""
    if len(data) != width * HASH_BYTES or not 1 <= width <= TILE_WIDTH:
        raise CustodyError("C31", "hash tile of wrong length", expected=width * HASH_BYTES, found=len(data))
    return tuple(data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Write an entry bundle: each entry after its length as a big-endian uint16 (C32, C33)."""
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise CustodyError("C32", "bundle of wrong width", expected="1 to 256 entries", found=len(entries))
    return b"".join(encode_entry(entry) for entry in entries)


def encode_entry(entry: bytes) -> bytes:
    """Write one entry as it stands in a bundle; raise C33 when it is too long for any."""
    if len(entry) > LARGEST_ENTRY_BYTES:
        raise CustodyError("C33", "entry is too long", expected=LARGEST_ENTRY_BYTES, found=len(entry))
    return struct.pack(">H", len(entry)) + entry


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """Take a bundle of `width` entries apart; raise C32 when it is cut short or holds anything more."""
    entries: list[bytes] = []
    position = 0
    for _ in range(width):
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        entries.append(data[start:position])
    # The position only grows, so an entry cut short anywhere leaves it beyond the end.
    if position != len(data):
        raise CustodyError("C32", "bundle of wrong length", expected=position, found=len(data))
    return entries


class TileCache:
    """The last tiles that a `hash_reader` used: at most `capacity`, about 35 kB each. For one log only.

    It may be shared between readers of different sizes and between threads.
    """

    __slots__ = ("_capacity", "_lock", "_rows")

    def __init__(self, capacity: int = 64) -> None:
        self._capacity = capacity
        self._lock = Lock()
        self._rows: dict[TileRef, Rows] = {}

    def get(self, ref: TileRef) -> Rows | None:
        """Return what was kept of a tile, and count it as the latest used."""
        with self._lock:
            rows = self._rows.pop(ref, None)
            if rows is not None:
                self._rows[ref] = rows
            return rows

    def put(self, ref: TileRef, rows: Rows) -> None:
        """Keep a tile, and drop the one that was not used for longest."""
        with self._lock:
            self._rows[ref] = rows
            if len(self._rows) > self._capacity:
                del self._rows[next(iter(self._rows))]


def hash_reader(size: int, load_tile: Callable[[TileRef], bytes], cache: TileCache) -> Read:
    """Return a `merkle.Read` for the tree of `size`.

    `load_tile` returns a tile's bytes; where a partial tile is gone, those of a wider one do as well. What it
    raises passes through. Reading beyond the tree raises C17, a tile too short C31.
    """

    def read(level: int, index: int) -> bytes:
        if level < 0 or not 0 <= index < size >> level:
            raise CustodyError("C17", "no such subtree in the tree", found=f"({level}, {index}) of {size}")
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile_index, offset = divmod(index, TILE_WIDTH >> height)
        ref = tile_ref(tile_level, tile_index, size)
        rows = cache.get(ref)
        if rows is None:
            rows = _rows(decode_hashes(load_tile(ref)[: ref.width * HASH_BYTES], ref.width))
            cache.put(ref, rows)
        return rows[height][offset]

    return read


def _tiles(level: int | None, count: int, since: int) -> Iterator[TileRef]:
    if since < count:
        for index in range(since // TILE_WIDTH, -(-count // TILE_WIDTH)):
            yield TileRef(level, index, min(count - index * TILE_WIDTH, TILE_WIDTH))


def _rows(hashes: tuple[bytes, ...]) -> Rows:
    """Compute the levels inside a tile ("The Merkle Tree levels between ... are reconstructed")."""
    rows = [hashes]
    for _ in range(TILE_HEIGHT - 1):
        below = rows[-1]
        rows.append(tuple(node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)))
    return tuple(rows)
