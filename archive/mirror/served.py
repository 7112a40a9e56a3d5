"""The tiles of a log under one signed checkpoint, from what is kept and else from the mirror.

1. The right edge: the partial tiles, of which each level has one at most, lead to the signed root. 2. Each
full tile of hashes is what the level above says of it. 3. Each bundle is what its tile of level 0 says. What
fits is kept; what does not is handed on as it came, for the audit to name.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from archive.checkpoints import Checkpoint
from archive.errors import CustodyError, SviedkaError
from archive.merkle import Frontier, leaf_hash, tree_root
from archive.mirror.kept import Kept
from archive.tiles import TILE_WIDTH, TileCache, TileRef, decode_bundle, decode_hashes, hash_reader, tile_ref

Hashes = tuple[bytes, ...]

_REMEMBERED: Final = 64


class _Unverified(Exception):
    """A tile that is needed does not lead to the signed root."""


@dataclass(slots=True)
class Served:
    """The tree of one checkpoint. `fetch` returns the bytes at a path of the log, or raises a FixityError.

    `spared` are the files that were kept and are right, `fetched` those that came over the line, `damaged`
    those that were kept and are not right any more.
    """

    kept: Kept
    fetch: Callable[[str], bytes]
    tree: Checkpoint
    fetched: set[TileRef] = field(default_factory=set)
    spared: set[TileRef] = field(default_factory=set)
    damaged: set[TileRef] = field(default_factory=set)
    _edge: dict[TileRef, Hashes] = field(default_factory=dict)
    _known: dict[TileRef, Hashes] = field(default_factory=dict)

    def survey(self) -> bool:
        """Read the right edge; say whether it leads to the signed root. Else nothing here is verified."""
        size = self.tree.size
        found: dict[TileRef, bytes] = {}

        def load(ref: TileRef) -> bytes:
            if ref not in found:
                found[ref] = self.kept.tile(ref) or self._fetched(ref)
            return found[ref]

        for attempt in (load, self._fetched):
            found.clear()
            try:
                edge = {ref: decode_hashes(attempt(ref), ref.width) for ref in _edge_of(size)}
                right = tree_root(size, hash_reader(size, attempt, TileCache())) == self.tree.root
            except SviedkaError:
                right = False
            if right:
                self._edge = edge
                for ref, hashes in edge.items():
                    self.kept.keep(ref, b"".join(hashes))
                return True
        return False

    def tile(self, ref: TileRef) -> bytes:
        """Return a file of the log, verified and kept if it is right, and as it came if it is not."""
        kept = self.kept.tile(ref)
        if kept is not None:
            if self._is_right(ref, kept):
                if ref not in self.fetched:
                    self.spared.add(ref)
                return kept
            self.damaged.add(ref)
        data = self._fetched(ref)
        if self._is_right(ref, data):
            self.kept.keep(ref, data)
        return data

    def continues(self, earlier: Checkpoint) -> bool | None:
        """Say whether this tree begins with an earlier one; None where its tiles cannot tell."""
        if earlier.size > self.tree.size:
            return False
        try:
            return (
                tree_root(earlier.size, hash_reader(self.tree.size, self._right, TileCache())) == earlier.root
            )
        except _Unverified:
            return None

    def _right(self, ref: TileRef) -> bytes:
        hashes = self._hashes(ref)
        if hashes is None:
            raise _Unverified
        return b"".join(hashes)

    def _hashes(self, ref: TileRef) -> Hashes | None:
        """Return the hashes of a tile of this tree, verified; None where the mirror has no right one."""
        found = self._edge.get(ref) or self._known.get(ref)
        if found is None:
            try:
                data = self.tile(ref)
            except SviedkaError:
                return None
            found = decode_hashes(data, ref.width) if self._is_right(ref, data) else None
            if found is not None:
                self._known[ref] = found
                if len(self._known) > _REMEMBERED:
                    del self._known[next(iter(self._known))]
        return found

    def _is_right(self, ref: TileRef, data: bytes) -> bool:
        """Hold a file against what stands above it."""
        try:
            if ref != tile_ref(ref.level, ref.index, self.tree.size):
                return False
            if ref.level is None:
                leaves = tuple(map(leaf_hash, decode_bundle(data, ref.width)))
                return leaves == self._hashes(TileRef(0, ref.index, ref.width))
            hashes = decode_hashes(data, ref.width)
            if ref in self._edge or not self._edge or ref.width < TILE_WIDTH:
                return hashes == self._edge.get(ref)
            above = tile_ref(ref.level + 1, ref.index // TILE_WIDTH, self.tree.size)
        except CustodyError:
            return False
        parents = self._hashes(above)
        return parents is not None and parents[ref.index % TILE_WIDTH] == _root(hashes)

    def _fetched(self, ref: TileRef) -> bytes:
        self.fetched.add(ref)
        return self.fetch(ref.path)


def _edge_of(size: int) -> list[TileRef]:
    """Return the partial tile of each level that has one; the highest level always has."""
    edge, level, count = [], 0, size
    while count:
        if count % TILE_WIDTH:
            edge.append(tile_ref(level, count // TILE_WIDTH, size))
        level, count = level + 1, count // TILE_WIDTH
    return edge


def _root(hashes: Hashes) -> bytes:
    frontier = Frontier()
    for hashed in hashes:
        frontier.append(hashed)
    return frontier.root()
