"""The custody log on disk: stage, publish, answer.

Any number of threads and processes append. Threads share: one leads and writes for all that wait. Processes
take turns under a file lock. Order: read the published checkpoint and check the tiles against it, stage the
new tiles, publish the new checkpoint, discard superseded partial tiles. Recovery is that same path: whatever
a crash left beyond the published checkpoint is ignored and overwritten.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.checkpoints import Checkpoint
from archive.errors import CustodyError
from archive.merkle import EMPTY_ROOT, Read, tree_root
from archive.tiles import TILE_WIDTH, TileCache, encode_entry
from storage.growth import grow
from storage.locks import exclusive
from storage.log_files import LogFiles
from storage.log_reader import LogReader, Verify

Sign = Callable[[Checkpoint], bytes]
# Called with the index that the first of the entries will have; what it raises refuses those entries.
Check = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Appended:
    """Where entries came to stand, and the published checkpoint that covers them, parsed and as a note."""

    first_index: int
    checkpoint: Checkpoint
    note: bytes


@dataclass(slots=True)
class _Request:
    """Entries of one caller, waiting for a leader to log them."""

    entries: Sequence[bytes]
    check: Check | None
    outcome: Appended | BaseException | None = None


def create_log(root: Path, *, origin: str, sign: Sign) -> None:
    """Publish the checkpoint of an empty log in the folder `root`; raise F01 if there is a log already."""
    LogFiles(root).create(sign(Checkpoint(origin, 0, EMPTY_ROOT)))


def republish(root: Path, note: bytes) -> None:
    """Put another checkpoint of the same tree in the place of the published one: that of a successor log."""
    LogFiles(root).publish(note)


class Log(LogReader):
    """One log, for reading and appending. `sign` makes a note of a checkpoint; without it, reading only.

    Never signs a checkpoint that is inconsistent with the published one.
    """

    def __init__(self, root: Path, *, origin: str, sign: Sign | None, verify: Verify) -> None:
        super().__init__(root, origin=origin, verify=verify)
        self._sign = sign
        # Guards the two fields below; leading itself happens outside of it.
        self._turn = threading.Condition()
        self._waiting: list[_Request] = []
        self._led = False
        self._swept = False

    def append(self, entries: Sequence[bytes], *, check: Check | None = None) -> Appended:
        """Log `entries` one after another; they are durable and published when this returns.

        `check` is called while nobody else can append; what it raises comes out here and these entries are
        not logged. It may read this log, not append to it. Raises C33 (an entry is too long), C47 (this
        process does not sign), C40 (the tiles do not lead to the published root: nothing is signed), F02 (no
        room). If the very last fsync is what fails, the entries may be logged all the same.
        """
        if self._sign is None:
            raise CustodyError("C47", "this process has no key to sign the log with")
        for entry in entries:
            encode_entry(entry)
        request = _Request(entries, check)
        with self._turn:
            self._waiting.append(request)
        while request.outcome is None:
            self._wait_or_lead(request, self._sign)
        if isinstance(request.outcome, BaseException):
            raise request.outcome
        return request.outcome

    def _wait_or_lead(self, request: _Request, sign: Sign) -> None:
        """Return when another thread has settled the request, or after leading once."""
        with self._turn:
            self._turn.wait_for(lambda: request.outcome is not None or not self._led)
            if request.outcome is not None:
                return
            self._led = True
            batch, self._waiting = self._waiting, []
        try:
            self._lead(batch, sign)
        finally:
            with self._turn:
                self._led = False
                self._waiting[:0] = [left for left in batch if left.outcome is None]
                self._turn.notify_all()

    def _lead(self, batch: Sequence[_Request], sign: Sign) -> None:
        """Log a batch: each request gets its outcome, except those to be put back."""
        try:
            with exclusive(self._files.lock):
                self._commit(batch, sign)
        except BaseException as fault:
            for request in batch:
                request.outcome = request.outcome or fault
            if not isinstance(fault, Exception):
                raise

    def _commit(self, batch: Sequence[_Request], sign: Sign) -> None:
        # A crash anywhere before the new checkpoint is in place leaves the log at its old size.
        note, published = self.published()
        read = self._read(published.size)
        self._check_tiles(published, read)
        first = published.size
        admitted = _admit(batch, first)
        entries = [entry for request in admitted for entry in request.entries]
        if entries:
            # After a loss of power the mark may be gone and tiles be there: the first append looks too.
            if self._files.begin() or not self._swept:
                self._files.sweep(first)
                self._swept = True
            tail = list(self._entries(first - first % TILE_WIDTH, first, first))
            growth = grow(first, published.root, tail, entries=entries, read=read)
            # A crash while staging leaves tiles beyond the checkpoint. None of them stands where a published
            # tile stands: what the published tree has in just that width is not among them.
            self._files.stage(growth.tiles)
            # A crash after signing leaves a signed checkpoint that nobody saw.
            published = Checkpoint(self._origin, growth.size, growth.root)
            note = self._signed(published, sign)
            # A crash inside publishes or does not; the tiles of either size are in place.
            self._files.publish(note)
            self._files.end()
            self._remember(note, published)
            # A crash while discarding leaves superseded tiles, which the next append looks for.
            self._files.discard(growth.tiles)
        for request in admitted:
            request.outcome = Appended(first, published, note)
            first += len(request.entries)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Hold off appending while inside; whoever holds this must not append."""
        with exclusive(self._files.lock):
            yield

    def tidy(self) -> None:
        """Remove what an append that never ended left behind."""
        with exclusive(self._files.lock):
            self._files.sweep(self.checkpoint().size)
            self._files.end()

    def _check_tiles(self, published: Checkpoint, read: Read) -> None:
        root = tree_root(published.size, read)
        if root != published.root:
            # What was read may be repaired on disk, so it must not be remembered.
            self._tiles = TileCache()
            raise CustodyError(
                "C40", "the log's tiles lead to another root", expected=published.root.hex(), found=root.hex()
            )

    def _signed(self, checkpoint: Checkpoint, sign: Sign) -> bytes:
        """Sign, and see that the note says what it should: publishing a wrong one would end the log."""
        note = sign(checkpoint)
        if self._verify(note) != checkpoint:
            raise CustodyError("C43", "the signed note is not of the checkpoint to be signed")
        return note


def _admit(batch: Sequence[_Request], size: int) -> list[_Request]:
    """Run the checks in order, up to the first that refuses; what comes after that waits for another turn.

    So a check never follows one that refused: whatever the two share is settled in between.
    """
    admitted: list[_Request] = []
    for request in batch:
        try:
            if request.check is not None:
                request.check(size)
        except Exception as refusal:
            request.outcome = refusal
            break
        admitted.append(request)
        size += len(request.entries)
    return admitted
