"""The stored files of the log as an audit meets them: listed, loaded, held against what they should be."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.errors import CustodyError, FixityError, SviedkaError
from archive.findings import Findings
from archive.holdings import HeldLog
from archive.merkle import HASH_BYTES, leaf_hash
from archive.tiles import (
    TILE_WIDTH,
    TileRef,
    decode_bundle,
    decode_hashes,
    encode_bundle,
    parse_tile_path,
    tile_ref,
)

Hashes = tuple[bytes, ...]


@dataclass(slots=True)
class StoredTiles:
    """The tiles and bundles under a log of `size`, partial ones of every width included."""

    log: HeldLog
    findings: Findings
    size: int
    _widths: dict[tuple[int | None, int], list[int]] = field(default_factory=dict)

    def list(self) -> None:
        """List the files; note those that no tree has (F51) and those beyond this one."""
        for path in self.log.tiles():
            try:
                ref = parse_tile_path(path)
            except CustodyError:
                self.findings.fault("F51", f"log/{path}", "no tile is called that")
                continue
            if ref.width > self.width(ref.level, ref.index):
                message = "beyond the checkpoint: left by an unfinished append"
                self.findings.warn("F52", f"log/{path}", message)
            else:
                self._widths.setdefault((ref.level, ref.index), []).append(ref.width)

    def width(self, level: int | None, index: int) -> int:
        """Return how wide a tile is in this tree, 0 if it is not part of it."""
        try:
            return tile_ref(level, index, self.size).width
        except CustodyError:
            return 0

    def entries(self, ref: TileRef) -> Sequence[bytes] | None:
        """Return the entries of a bundle; note what is missing or damaged and return None."""
        data = self.needed(ref)
        try:
            return None if data is None else decode_bundle(data, ref.width)
        except CustodyError as fault:
            self.findings.error(f"log/{ref.path}", fault)
            return None

    def hashes(self, ref: TileRef) -> Hashes | None:
        """Return the hashes of a tile; note what is missing or damaged and return None."""
        data = self.needed(ref)
        try:
            return None if data is None else decode_hashes(data, ref.width)
        except CustodyError as fault:
            self.findings.error(f"log/{ref.path}", fault)
            return None

    def needed(self, ref: TileRef) -> bytes | None:
        """Return a file that the tree needs in just this width, or note that it is missing (F50)."""
        try:
            return self.log.tile(ref.path)
        except FixityError as fault:
            grown = self._grown(ref)
            if grown is None:
                message = "a tile of the log is missing"
                self.findings.fault("F50", f"log/{ref.path}", message, found=fault.code)
            return grown

    def compare(self, level: int | None, index: int, right: Hashes) -> None:
        """Hold every stored width of a tile, or of the bundle of a block, against its right hashes (C87)."""
        for width in self._widths.pop((level, index), []):
            ref = TileRef(level, index, width)
            self.findings.counts.tiles += 1
            if not self._is(ref, right[:width]):
                message = "a tile of the log is not what the entries give"
                self.findings.fault("C87", f"log/{ref.path}", message)

    def has(self, ref: TileRef) -> bool:
        """Say whether a tile was listed in this width and not compared yet."""
        return ref.width in self._widths.get((ref.level, ref.index), [])

    def _is(self, ref: TileRef, right: Hashes) -> bool:
        try:
            data = self.log.tile(ref.path)
            if ref.level is not None:
                return data == b"".join(right)
            return tuple(map(leaf_hash, decode_bundle(data, ref.width))) == right
        except FixityError:
            # A partial tile may be superseded, and gone, since the files were listed.
            return self._grown(ref) is not None
        except CustodyError:
            return False

    def _grown(self, ref: TileRef) -> bytes | None:
        """Return the start of the full tile that a partial one became since the checkpoint was read."""
        if ref.width == TILE_WIDTH:
            return None
        try:
            data = self.log.tile(TileRef(ref.level, ref.index).path)
            if ref.level is not None:
                return data[: ref.width * HASH_BYTES]
            return encode_bundle(decode_bundle(data, TILE_WIDTH)[: ref.width])
        except SviedkaError:
            return None
