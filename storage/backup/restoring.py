"""Restoring an archive into a folder from a generation of a backup and the newest log that is known.

The log may be longer than the generation: what it says was destroyed since does not come back, and what it
says was added since is missing. Order: the log → the catalogue → headers → bodies → recovery, as after a
crash, which replays the destructions → `archive.json`, without which nobody opens the folder. A restore that
was interrupted goes on at the next attempt.
"""

import dataclasses
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from archive.checkpoints import Checkpoint
from archive.digests import Digest
from archive.errors import CustodyError, FixityError, IntakeError
from archive.findings import Fault, Progress
from archive.ids import Id
from archive.rules import Verify
from archive.settings import FILE_NAME, Settings, as_of, format_settings
from storage.backup.bodies import copy_bodies
from storage.backup.database import copy, reading
from storage.backup.headers import packed
from storage.backup.mirror import NOTHING, Mirror, Opened, PinnedLog
from storage.backup.target import OF_DISKS, Generation, Target, is_leftover
from storage.catalogue.opening import open_catalogue, sqlite_url
from storage.cosignatures import copy_cosigned
from storage.custody import Custody
from storage.durable import FolderTree, remove, replace, writing
from storage.headers import LocalHeaders
from storage.log import Log
from storage.objects import LocalObjects
from storage.staging import StagingLock
from storage.timestamps import copy_beside_the_log

#: Lets the archive in a folder go on under a successor log: takes and returns its settings.
Succeed = Callable[[Path, Settings], Settings]

#: Says that a restore into the folder has begun and did not end; holds whose archive it is to be.
UNFINISHED: Final = "restore.unfinished"
_PATIENCE_SECONDS: Final = 10.0
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Checks:
    """What opens notes of the archive's log, and checks signatures of its agents."""

    opened: Opened
    verify: Verify


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: from when, up to which entry of the log, how much, and what was damaged or missing.

    `destroyed` items stayed away. `behind` is how many entries the log has more than the generation.
    `origin` is that of the log under which the archive goes on, `succeeded` the earlier one's, if it is new.
    """

    generation: Generation
    size: int
    behind: int
    bodies: int
    size_bytes: int
    destroyed: int
    faults: tuple[Fault, ...]
    origin: str
    succeeded: str | None


def restore(
    target: Target,
    folder: Path,
    checks: Checks,
    *,
    stamp: str | None = None,
    logs: Sequence[Path] = (),
    key_files: Collection[str],
    succeed: Succeed | None,
    progress: Progress,
) -> Restored:
    """Put the archive of a backup into a new or empty folder, or go on with that.

    `logs` are folders of other copies of its log: the newest of all counts. `succeed` lets the archive go on
    under a successor log, as it must wherever the lost log may have been longer. Raises I67 when the folder
    holds anything else, F74 when there is no such generation, C49 when the logs are not of one history.
    """
    _begin(folder, target.settings.archive)
    with target.locked(_PATIENCE_SECONDS, shared=True):
        generation = _choose(target.generations(), stamp)
        place = _Place(target, folder, checks, progress)
        size = place.restore_log(logs)
        for name in key_files:
            replace(folder / name, _load(target.folder / name))
        copy_beside_the_log(target.folder, folder)
        copy_cosigned(target.folder, folder, size)
        place.restore_catalogue(generation)
        restored = place.restore_rest(generation, size)
    settings = as_of(target.settings, restored.origin)
    if succeed is not None:
        settings = succeed(folder, settings)
        restored = dataclasses.replace(restored, origin=settings.origin, succeeded=restored.origin)
    replace(folder / FILE_NAME, format_settings(settings))
    remove(folder / UNFINISHED)
    return restored


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder that is becoming an archive."""

    target: Target
    folder: Path
    checks: Checks
    progress: Progress

    def restore_log(self, others: Sequence[Path]) -> int:
        """Copy the newest log; return its size."""
        notes = [one.note for one in self.target.generations()]
        found = [self._mirror(self.target.log).newest(notes), *(self._other(one) for one in others)]
        logs = sorted((log for log in found if log is not None), key=lambda log: log.checkpoint().size)
        if not logs:
            raise FixityError("F10", "the log has no checkpoint")
        for older in logs[:-1]:
            _check_same_history(older.checkpoint(), logs[-1])
        copied = self._mirror(self.folder / "log")
        copied.copy(logs[-1], logs[-1].note(), NOTHING, self.progress)
        copied.publish(logs[-1].note(), NOTHING)
        return logs[-1].checkpoint().size

    def restore_catalogue(self, generation: Generation) -> None:
        for name in ("catalogue.sqlite-wal", "catalogue.sqlite-shm", "catalogue.sqlite"):
            (self.folder / name).unlink(missing_ok=True)
        with reading(generation.catalogue) as source:
            copy(source, self.folder / "catalogue.sqlite", {})

    def restore_rest(self, generation: Generation, size: int) -> Restored:
        """Put the stores beside log and catalogue, and bring them into one state."""
        settings = self.target.settings
        objects, headers = LocalObjects(self.folder / "objects"), LocalHeaders(self.folder / "headers")
        staging = StagingLock(self.folder / "staging.lock")
        origin = _newest(self.folder / "log", self.checks.opened).checkpoint().origin
        log = Log(self.folder / "log", origin=origin, sign=None, verify=self.checks.opened)
        with open_catalogue(sqlite_url(self.folder / "catalogue.sqlite")) as catalogue:
            first = settings.first_origin
            custody = Custody(log, catalogue, staging, origin=first, verify=self.checks.verify)
            ledger = custody.follow()
            wanted = {one.sealed.body for one in ledger.renditions.values()}
            self._restore_headers(generation, headers, wanted)
            copied = copy_bodies(LocalObjects(self.target.objects), objects, wanted, self.progress)
            # As after a crash of a writer who began with the log: everything is looked at again.
            staging.leave_mark()
            custody.recover(objects, headers)
        return Restored(
            generation,
            size,
            size - generation.checkpoint.size,
            copied.bodies,
            copied.size_bytes,
            len(ledger.tombstones),
            tuple(copied.faults),
            origin,
            None,
        )

    def _restore_headers(
        self, generation: Generation, headers: LocalHeaders, wanted: Collection[Digest]
    ) -> None:
        """Put the headers of what is still there; an audit says whether each is as logged."""
        found = ((body, header) for body, header in packed(generation.headers) if body in wanted)
        done = 0
        while part := dict(islice(found, _AT_ONCE)):
            headers.fill(part)
            done += len(part)
            self.progress("headers", done, len(wanted))

    def _mirror(self, root: Path) -> Mirror:
        return Mirror(root, opened=self.checks.opened)

    def _other(self, root: Path) -> PinnedLog:
        return _newest(root, self.checks.opened)


def _newest(root: Path, opened: Opened) -> PinnedLog:
    log = Mirror(root, opened=opened).newest()
    if log is None:
        raise FixityError("F10", "the log has no checkpoint")
    return log


def _begin(folder: Path, archive: Id) -> None:
    """Mark the folder as one that is being restored into; refuse (I67) one that holds anything else."""
    mark = folder / UNFINISHED
    with writing("the folder"):
        FolderTree(folder).ready(folder)
        begun = mark.exists() and mark.read_text() == archive and not (folder / FILE_NAME).exists()
        if not begun and any(path.name not in OF_DISKS for path in folder.iterdir() if not is_leftover(path)):
            raise IntakeError("I67", "the folder is not empty", expected="a new or empty folder")
        replace(mark, archive.encode())
        # Bodies stay: each was held against its name before it got it.
        for leftover in filter(is_leftover, folder.iterdir()):
            leftover.unlink()
        for name in ("log", "headers"):
            with suppress(FileNotFoundError):
                shutil.rmtree(folder / name)


def _choose(generations: Sequence[Generation], stamp: str | None) -> Generation:
    found = [one for one in generations if stamp in (None, one.stamp)]
    if not found:
        known = ", ".join(one.stamp for one in generations) or "none"
        raise FixityError("F74", "the backup has no such generation", expected=known, found=stamp)
    return found[-1]


def _check_same_history(older: Checkpoint, log: PinnedLog) -> None:
    if log.root_at(older.size) != older.root:
        raise CustodyError("C49", "two copies of the log tell different histories", found=older.size)


def _load(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise FixityError("F34", "a file of the backup is missing", expected=path.name) from None
