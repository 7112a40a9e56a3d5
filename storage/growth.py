"""What appending to a log writes: pure computation over hashes already checked, no disk."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.merkle import Read, leaf_hash, new_hashes, prove_consistency, tree_root, verify_consistency
from archive.tiles import TILE_HEIGHT, TILE_WIDTH, TileRef, bundles, encode_bundle, encode_hashes, hash_tiles


@dataclass(frozen=True, slots=True)
class Growth:
    """A larger tree: its size and root, and every tile and bundle that the smaller one has not just so."""

    size: int
    root: bytes
    tiles: dict[TileRef, bytes]


def grow(size: int, root: bytes, tail: Sequence[bytes], *, entries: Sequence[bytes], read: Read) -> Growth:
    """Add `entries` to the tree of `size` under `root`, which `read` serves.

    `tail` are the entries of its last, partial bundle. Raises C15 or C16 rather than return a tree that does
    not begin with the old one.
    """
    made = {
        (level, index): hashed for level, index, hashed in new_hashes(size, map(leaf_hash, entries), read)
    }

    def read_grown(level: int, index: int) -> bytes:
        return made.get((level, index)) or read(level, index)

    grown = size + len(entries)
    grown_root = tree_root(grown, read_grown)
    if size:
        verify_consistency(size, grown, prove_consistency(size, grown, read_grown), root, grown_root)
    tiles = {ref: _hash_tile(ref, read_grown) for ref in hash_tiles(grown, size)}
    first = size - len(tail)
    held = [*tail, *entries]
    for ref in bundles(grown, size):
        start = ref.index * TILE_WIDTH - first
        tiles[ref] = encode_bundle(held[start : start + ref.width])
    return Growth(grown, grown_root, tiles)


def _hash_tile(ref: TileRef, read: Read) -> bytes:
    level, start = TILE_HEIGHT * (ref.level or 0), ref.index * TILE_WIDTH
    return encode_hashes([read(level, index) for index in range(start, start + ref.width)])
