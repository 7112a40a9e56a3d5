"""The audit of the tree: every entry hashed again, every stored tile and bundle held against the result.

Entries and hash tiles of level 0 say the same twice. Where they differ, the signed root says which of them is
right, so that the fault is put on the file that has it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archive.audit_tiles import Hashes, StoredTiles
from archive.errors import SviedkaError
from archive.findings import Findings
from archive.holdings import HeldLog
from archive.merkle import HASH_BYTES, Frontier, leaf_hash, tree_root
from archive.tiles import TILE_WIDTH, TileCache, TileRef, bundles, encode_hashes, hash_reader, tile_ref

#: Called with an entry's index and its bytes; None for an entry that cannot be read.
Take = Callable[[int, bytes | None], None]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A block whose bundle and hash tile differ: the leaf hashes by the one and by the other, if readable."""

    by_entries: Hashes | None
    by_tile: Hashes | None


@dataclass(slots=True)
class Tree:
    """The tree of one log as it is read. `settle` decides the doubts; only then ask for roots and leaves."""

    log: HeldLog
    findings: Findings
    size: int
    #: Whether every entry that was read is the one that the signed root covers; `settle` says.
    sound: bool = True
    _stored: StoredTiles = field(init=False)
    _doubts: dict[int, _Doubt] = field(default_factory=dict)
    _settled: dict[int, Hashes] = field(default_factory=dict)
    _levels: list[list[bytes]] = field(default_factory=lambda: [[], []])
    _last: Hashes = ()
    _cache: TileCache = field(default_factory=TileCache)

    def __post_init__(self) -> None:
        self._stored = StoredTiles(self.log, self.findings, self.size)

    def walk(self, take: Take) -> None:
        """Read all entries once, in order, and compare what needs no arbiter."""
        self._stored.list()
        for ref in bundles(self.size):
            entries = self._stored.entries(ref)
            for offset in range(ref.width):
                take(ref.index * TILE_WIDTH + offset, entries[offset] if entries else None)
            self._block(ref, tuple(map(leaf_hash, entries)) if entries else None)
            self.findings.tell("entries", ref.index * TILE_WIDTH + ref.width, self.size)

    def settle(self, signed_root: bytes | None) -> None:
        """Decide the doubts by the signed root, then compare the other files; C86 if nothing leads there."""
        for choice in self._choices():
            self._adopt(choice)
            if signed_root in (None, self.root_at(self.size)):
                break
        else:
            self._adopt(self._choices()[0])
            self.findings.fault(
                "C86",
                "log/checkpoint",
                "the entries do not lead to the signed root",
                expected=signed_root.hex() if signed_root else None,
                found=self.root_at(self.size).hex(),
            )
        for block, doubt in self._doubts.items():
            self.sound = self.sound and doubt.by_entries == self._settled[block]
            self._compare_block(block, self._settled[block])
        self._compare_upper()

    def root_at(self, size: int) -> bytes:
        """Return the root of the first `size` entries."""
        return tree_root(size, hash_reader(self.size, self._load, self._cache))

    def leaf(self, index: int) -> bytes:
        """Return the leaf hash of an entry."""
        return hash_reader(self.size, self._load, self._cache)(0, index)

    def _block(self, ref: TileRef, by_entries: Hashes | None) -> None:
        by_tile = self._stored.hashes(TileRef(0, ref.index, ref.width))
        right = self._first(ref.index, by_entries, by_tile)
        if by_entries is None or by_entries != by_tile:
            self._doubts[ref.index] = _Doubt(by_entries, by_tile)
        else:
            self._compare_block(ref.index, right)
        if ref.width == TILE_WIDTH:
            self._levels[1].append(_root(right))
        else:
            self._last = right

    def _choices(self) -> list[dict[int, Hashes]]:
        """Return what may be right for the doubtful blocks: entries, tiles, or whatever their parents say."""
        doubts = self._doubts.items()
        by_entries = {block: self._first(block, one.by_entries, one.by_tile) for block, one in doubts}
        by_tiles = {block: self._first(block, one.by_tile, one.by_entries) for block, one in doubts}
        by_parents = {
            block: by_tiles[block] if _root(by_tiles[block]) == self._stored_parent(block) else kept
            for block, kept in by_entries.items()
        }
        # The last block, being partial, has no parent: either account of it may be right beside those.
        partial = self.size // TILE_WIDTH
        last = {partial: by_tiles[partial]} if partial in by_tiles else {}
        return [by_entries, by_tiles, by_parents, by_parents | last]

    def _stored_parent(self, block: int) -> bytes | None:
        if self._stored.width(0, block) < TILE_WIDTH:
            return None
        parent, offset = divmod(block, TILE_WIDTH)
        try:
            data = self.log.tile(tile_ref(1, parent, self.size).path)
        except SviedkaError:
            return None
        return data[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]

    def _first(self, block: int, *options: Hashes | None) -> Hashes:
        unknown = (bytes(HASH_BYTES),) * self._stored.width(0, block)
        return next((option for option in options if option is not None), unknown)

    def _adopt(self, choice: dict[int, Hashes]) -> None:
        """Take the chosen blocks for right and compute the levels above."""
        self._settled = choice
        self._cache = TileCache()
        whole = self._levels[1]
        for block, hashes in choice.items():
            if block < len(whole):
                whole[block] = _root(hashes)
            else:
                self._last = hashes
        self._levels = [[], whole]
        while len(self._levels[-1]) >= TILE_WIDTH:
            below = self._levels[-1]
            full = range(0, len(below) - TILE_WIDTH + 1, TILE_WIDTH)
            self._levels.append([_root(below[start : start + TILE_WIDTH]) for start in full])

    def _load(self, ref: TileRef) -> bytes:
        if ref.level:
            start = ref.index * TILE_WIDTH
            return encode_hashes(self._levels[ref.level][start : start + ref.width])
        if ref.index in self._settled:
            return encode_hashes(self._settled[ref.index])
        return encode_hashes(self._last) if ref.width < TILE_WIDTH else self.log.tile(ref.path)

    def _compare_block(self, block: int, right: Hashes) -> None:
        self._stored.compare(0, block, right)
        self._stored.compare(None, block, right)

    def _compare_upper(self) -> None:
        for level, hashes in enumerate(self._levels[1:], start=1):
            for start in range(0, len(hashes), TILE_WIDTH):
                ref = tile_ref(level, start // TILE_WIDTH, self.size)
                if not self._stored.has(ref):
                    self._stored.needed(ref)
                self._stored.compare(level, ref.index, tuple(hashes[start : start + TILE_WIDTH]))


def _root(hashes: Sequence[bytes]) -> bytes:
    frontier = Frontier()
    for hashed in hashes:
        frontier.append(hashed)
    return frontier.root()
