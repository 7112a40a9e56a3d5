"""The copy of a log: the tiles it gained, checked, and only then the checkpoint that says they count."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from archive.checkpoints import Checkpoint
from archive.errors import CustodyError, FixityError
from archive.findings import Progress
from archive.merkle import EMPTY_ROOT
from archive.tiles import TileRef, bundles, hash_tiles
from storage.log_files import LogFiles
from storage.log_reader import LogReader

#: Opens a signed note and vouches for it.
Opened = Callable[[bytes], Checkpoint]

#: Where there is no copy yet.
NOTHING: Final = Checkpoint("", 0, EMPTY_ROOT)

# A bundle is at most 16 MB.
_AT_ONCE: Final = 8


class PinnedLog(LogReader):
    """A log as it was at one of its checkpoints, whatever was published since, or not yet."""

    def __init__(self, root: Path, note: bytes, *, verify: Opened) -> None:
        checkpoint = verify(note)
        super().__init__(root, origin=checkpoint.origin, verify=verify)
        self._pinned = (note, checkpoint)

    def published(self) -> tuple[bytes, Checkpoint]:
        """Return the checkpoint that this object was made with."""
        return self._pinned


class Mirror:
    """A copy of a log in the folder `root`, of which one process at a time makes a longer one.

    It may be of an earlier log of the archive; then it becomes one of the successor, which begins with it.
    """

    def __init__(self, root: Path, *, opened: Opened) -> None:
        self.root = root
        self._files = LogFiles(root)
        self._opened = opened

    def newest(self, notes: Sequence[bytes] = ()) -> PinnedLog | None:
        """Return the copy at the newest of its published checkpoint and of other notes of it, if any."""
        found = [*notes]
        with suppress(FixityError):
            found.append(self._files.note())
        if not found:
            return None
        note = max(found, key=lambda one: self._opened(one).size)
        return PinnedLog(self.root, note, verify=self._opened)

    def settle(self, notes: Sequence[bytes] = ()) -> Checkpoint:
        """Publish the newest of these notes, whose tiles are all here, remove tiles beyond it, and return it.

        A crash after a generation got its name and before the checkpoint was published leaves it to this.
        """
        log = self.newest(notes)
        if log is None:
            return NOTHING
        point = log.checkpoint()
        self._files.publish(log.note())
        self._files.sweep(point.size)
        return point

    def copy(self, source: LogReader, note: bytes, since: Checkpoint, progress: Progress) -> None:
        """Make durable what the copy lacks of `source` at `note`, and check it; nothing is published yet.

        Raises C49 when the source does not continue what is here, `since`.
        """
        size = self._opened(note).size
        _check_continues(source, size, since)
        refs = [*hash_tiles(size, since.size), *bundles(size, since.size)]
        done = 0
        for part in _parts(iter(refs)):
            self._files.stage({ref: source.tile(ref) for ref in part})
            done += len(part)
            progress("log", done, len(refs))
        PinnedLog(self.root, note, verify=self._opened).check(since.size)

    def publish(self, note: bytes, since: Checkpoint) -> None:
        """Make a checkpoint count, and discard the partial tiles that it supersedes."""
        size = self._opened(note).size
        self._files.publish(note)
        self._files.discard([*hash_tiles(size, since.size), *bundles(size, since.size)])

    def follow(self, source: LogReader, notes: Sequence[bytes], progress: Progress) -> None:
        """Bring the copy up to what the source has published now."""
        since, note = self.settle(notes), source.note()
        self.copy(source, note, since, progress)
        self.publish(note, since)


def _check_continues(log: LogReader, size: int, since: Checkpoint) -> None:
    if since.size > size or (since.size and log.root_at(since.size) != since.root):
        raise CustodyError(
            "C49",
            "the log does not continue its copy in the backup: it is an older one, put back, or another",
            expected=f"{since.size} entries under {since.root.hex()}",
            found=f"{size} entries",
        )


def _parts(refs: Iterator[TileRef]) -> Iterator[list[TileRef]]:
    while part := list(islice(refs, _AT_ONCE)):
        yield part
