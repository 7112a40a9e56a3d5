"""A cosigner that goes and looks: it reads a copy of a log, in a folder or over a line, and signs what it is.

For a partner who runs no server: a disk that is carried over, or a job once an hour. Only the checkpoint and
hashes are read, never an entry.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from archive.add_checkpoint import Declined, Request, origin_of_request, parse_answer
from archive.checkpoints import Checkpoint, parse_checkpoint
from archive.cosignatures import with_cosignatures
from archive.cosigners.answering import Cosigner
from archive.cosigners.line import fetch
from archive.errors import CustodyError, FixityError
from archive.merkle import prove_consistency, tree_root
from archive.notes import LARGEST_NOTE_BYTES, parse_note
from archive.tiles import TileCache, TileRef, hash_reader
from storage.log_files import LogFiles

_LARGEST_TILE_BYTES: Final = 8192


class Source(Protocol):
    """A copy of a log; what is not there raises a FixityError."""

    def checkpoint(self) -> bytes:
        """Return the published checkpoint, a signed note."""

    def tile(self, ref: TileRef) -> bytes:
        """Return a hash tile, or a wider one that superseded it."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking: the checkpoint, and the note that carries the new signatures."""

    checkpoint: Checkpoint
    note: bytes


def look(cosigner: Cosigner, source: Source) -> Looked:
    """Read a copy of a log and cosign its checkpoint, if it continues what was signed last.

    Raises as `Cosigner.add_checkpoint` does, and F50 where a file of the log cannot be had.
    """
    note = source.checkpoint()
    origin = origin_of_request(Request(0, (), note))
    known = cosigner.files.followed(origin)
    if known is None:
        raise Declined(404, "this log is not followed here")
    checkpoint = parse_checkpoint(parse_note(note).text)
    old = known.last.size
    if old > checkpoint.size:
        raise Declined(409, "the log is shorter than what was cosigned", size=old, found=checkpoint.size)
    read = hash_reader(checkpoint.size, source.tile, TileCache())
    if tree_root(checkpoint.size, read) != checkpoint.root:
        raise CustodyError("C40", "the log's tiles lead to another root", expected=checkpoint.root.hex())
    proof = tuple(prove_consistency(old, checkpoint.size, read)) if 0 < old < checkpoint.size else ()
    lines = parse_answer(cosigner.sign(Request(old, proof, note)))
    return Looked(checkpoint, with_cosignatures(note, lines))


def source_at(mirror: str) -> Source:
    """Return the copy of a log at an address or in a folder; the archive's own folder does too."""
    if "://" in mirror:
        return _Remote(mirror)
    folder = Path(mirror)
    if not (folder / "checkpoint").is_file() and (folder / "log" / "checkpoint").is_file():
        folder = folder / "log"
    return _Local(LogFiles(folder))


@dataclass(frozen=True, slots=True)
class _Local:
    files: LogFiles

    def checkpoint(self) -> bytes:
        return self.files.note()

    def tile(self, ref: TileRef) -> bytes:
        return self.files.load(ref)[1]


@dataclass(frozen=True, slots=True)
class _Remote:
    url: str

    def checkpoint(self) -> bytes:
        return self._fetched("checkpoint", LARGEST_NOTE_BYTES)

    def tile(self, ref: TileRef) -> bytes:
        whole = TileRef(ref.level, ref.index)
        try:
            return self._fetched(ref.path, _LARGEST_TILE_BYTES)
        except FixityError:
            if ref == whole:
                raise
            # The partial tile was superseded since the checkpoint was read.
            return self._fetched(whole.path, _LARGEST_TILE_BYTES)

    def _fetched(self, path: str, largest_bytes: int) -> bytes:
        answer = fetch(self.url, path, largest_bytes)
        if answer.status != 200:
            raise FixityError(
                "F50", "the copy of the log does not have it", expected=path, found=answer.status
            )
        return answer.body
