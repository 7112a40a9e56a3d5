"""One visit of an auditor to a mirror: what is served now, held against what she keeps, first of all."""

from dataclasses import dataclass, field
from typing import Final, Protocol

from archive.checkpoints import Checkpoint, parse_checkpoint
from archive.digests import Digest
from archive.errors import CustodyError, FixityError, SviedkaError
from archive.events import Seen
from archive.mirror.holdings import MirrorHoldings
from archive.mirror.inspector import Inspector
from archive.mirror.kept import Kept
from archive.mirror.received import Received
from archive.mirror.served import Served
from archive.notes import parse_note
from archive.tiles import TileRef, decode_bundle, tile_ref

#: What may be logged between the first look and the whole one.
_MORE_ENTRIES: Final = 10_000


class Opening(Protocol):
    """Opens notes under the keys that the auditor trusts (raises C22 to C28)."""

    def served(self, note: bytes) -> Checkpoint:
        """Return what a checkpoint of the log itself says."""

    def kept(self, note: bytes) -> Checkpoint:
        """Return what a checkpoint of the log says, or of one that it followed."""

    def end_of(self, origin: str) -> int | None:
        """Return how many entries of an earlier log this one begins with; None for the log itself."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit. `pinned` is what the auditor's key file remembers of the log, `genesis` its first entry.

    `fetched` are the files of the log that came over the line.
    """

    kept: Kept
    inspector: Inspector
    opening: Opening
    pinned: Checkpoint
    genesis: Digest
    fetched: set[TileRef] = field(default_factory=set)

    def begin(self) -> Checkpoint:
        """Look at the served checkpoint: before an inspection is opened, for it cites what was seen.

        1. The trusted keys signed it. 2. It continues what was kept and what the key file remembers: C37
        where it is older, C36 where it tells another history; both notes are then kept.
        """
        note = self.inspector.note()
        served = self._welcome(note, self.opening.served(note))
        return served.tree

    def look(self, entries: int) -> MirrorHoldings:
        """Receive the holdings of this moment; the checkpoint with them is held against what was kept."""
        received = Received(self.inspector.holdings(), self.kept.folder, entries=entries + _MORE_ENTRIES)
        try:
            served = self._served(received)
            self._check_genesis(served)
        except BaseException:
            received.close()
            raise
        return MirrorHoldings(self.inspector, received, served, lambda: self.look(served.tree.size))

    def _served(self, received: Received) -> Served:
        try:
            note = received.one("checkpoint")
            point = self.opening.served(note)
        except SviedkaError:
            # The audit says what is wrong with it. Whatever it leads to, nothing of it is kept.
            return Served(self.kept, self.inspector.tile, _claimed(received), self.fetched)
        return self._welcome(note, point)

    def _welcome(self, note: bytes, point: Checkpoint) -> Served:
        served = Served(self.kept, self.inspector.tile, point, self.fetched)
        surveyed = served.survey()
        self._compare(served, self.pinned, note)
        before = self.before()
        if before is not None:
            self._compare(served, before, note)
        if surveyed:
            self.kept.adopt(note)
            self.inspector.seen = Seen(point.size, point.root)
        return served

    def before(self) -> Checkpoint | None:
        """Return the checkpoint kept of an earlier visit (F59 where it is damaged)."""
        note = self.kept.checkpoint()
        try:
            return self.opening.kept(note) if note is not None else None
        except SviedkaError:
            raise FixityError(
                "F59", "the checkpoint kept of an earlier audit is damaged, or of another log"
            ) from None

    def _compare(self, served: Served, before: Checkpoint, note: bytes) -> None:
        """Hold what is served against what was seen before; keep the evidence of a contradiction.

        What was lost with an earlier log, which this one followed, is for the audit to tell.
        """
        now, end = served.tree, self.opening.end_of(before.origin)
        if end is not None and before.size > end:
            return
        if now.size < before.size:
            self.kept.keep_evidence(note)
            message = "the mirror serves an older log than was seen before"
            raise CustodyError("C37", message, expected=f"at least {before.size} entries", found=now.size)
        same = now.root == before.root if now.size == before.size else served.continues(before)
        if same is False:
            self.kept.keep_evidence(note)
            raise CustodyError(
                "C36",
                f"the mirror serves another history of the first {before.size} entries than was seen before",
                expected=before.root.hex(),
                found=f"a log of {now.size} entries that does not continue it",
            )

    def _check_genesis(self, served: Served) -> None:
        """Check that the log begins as the key file remembers (C36)."""
        if not served.tree.size:
            return
        ref = tile_ref(None, 0, served.tree.size)
        try:
            first = decode_bundle(served.tile(ref), ref.width)[0]
        except SviedkaError:
            return  # the audit says what is wrong with it
        if Digest.of(first) != self.genesis:
            message = "the log does not begin as your key file remembers"
            raise CustodyError("C36", message, expected=self.genesis, found=Digest.of(first))


def _claimed(received: Received) -> Checkpoint:
    try:
        return parse_checkpoint(parse_note(received.one("checkpoint")).text)
    except SviedkaError:
        return Checkpoint("", 0, b"")
