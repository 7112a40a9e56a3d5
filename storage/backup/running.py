"""Making a backup.

Order: bodies and headers are copied while the archive goes on → at one moment, at which nothing is logged,
the log's checkpoint, the headers that changed meanwhile and the catalogue's state are taken → the bodies that
came meanwhile, the catalogue and the log's tiles are made durable → the generation gets its name, and counts
→ the checkpoint is published → what was destroyed is purged, what is too old deleted.
"""

import math
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from archive.digests import Digest
from archive.findings import Fault, Progress
from archive.ledger import Ledger
from storage.backup.bodies import Copied, copy_bodies
from storage.backup.database import EVERY_ROW, columns, copy, making, reading
from storage.backup.headers import HeaderPack
from storage.backup.mirror import Mirror
from storage.backup.purging import Destroyed, Purged, destroyed_in, purge_locked, without
from storage.backup.target import Generation, Target
from storage.cosignatures import copy_cosigned
from storage.custody import Custody
from storage.durable import replace
from storage.headers import Headers
from storage.log import Log
from storage.objects import LocalObjects, Objects
from storage.timestamps import copy_beside_the_log

#: What is never in a backup: open sessions, and indexes, which are made again.
LEFT_OUT: Final[Mapping[str, str]] = dict.fromkeys(("sessions", "batches", "manifests"), EVERY_ROW)
#: How long to wait for a moment without a deposit under way.
_STILL_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Source:
    """The parts of an open archive that a backup is made from; `key_files` are those that open nothing."""

    folder: Path
    custody: Custody
    log: Log
    objects: Objects
    headers: Headers
    key_files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a run did. `faults` name what the archive itself lacks: the rest is backed up all the same."""

    generation: Generation
    bodies: int
    bodies_copied: int
    bytes_copied: int
    kept: tuple[Generation, ...]
    deleted: tuple[Generation, ...]
    purged: Purged
    faults: tuple[Fault, ...]


def back_up(
    source: Source, target: Target, *, now: datetime, keep: timedelta, progress: Progress
) -> BackedUp:
    """Make a new generation; delete those older than `keep`, unless the archive itself turns out damaged.

    Raises C49 when the archive is older than its backup, F72 when somebody else is using it, F02 when there
    is no room: then the backup is as it was.
    """
    with target.locked(patience_seconds=0):
        return _Run(source, target, progress).run(now, keep)


@dataclass(frozen=True, slots=True)
class _State:
    """What was found at the moment of a generation: which bodies and headers there are, and are not."""

    generation: Generation
    wanted: Mapping[Digest, Digest]
    destroyed: Destroyed
    copied: Copied
    faults: tuple[Fault, ...]


class _Run:
    """One run, while the lock on the backup is held."""

    def __init__(self, source: Source, target: Target, progress: Progress) -> None:
        self._source = source
        self._target = target
        self._progress = progress
        self._objects = LocalObjects(target.objects)
        self._mirror = Mirror(target.log, opened=source.log.opened)

    def run(self, now: datetime, keep: timedelta) -> BackedUp:
        target = self._target
        target.tidy()
        self._objects.sweep(older_than_seconds=0, now=math.inf)
        self._mirror.settle([one.note for one in target.generations()])
        for name in self._source.key_files:
            replace(target.folder / name, (self._source.folder / name).read_bytes())
        copy_beside_the_log(self._source.folder, target.folder)
        # Most of the work is done before the moment, so that nobody waits for it.
        early = self._copy_bodies(_wanted(self._source.custody.follow()))
        state = self._generation(now)
        purged, destroyed = self._purge(state.destroyed)
        faults = [
            fault
            for fault in dict.fromkeys((*state.copied.faults, *state.faults))
            if fault.object not in {f"body {body}" for body in destroyed.bodies}
        ]
        # What the archive has lost meanwhile may be nowhere but in an old generation.
        deleted = [] if faults else self._delete_older(state.generation, now - keep)
        return BackedUp(
            state.generation,
            len(state.wanted),
            early.bodies + state.copied.bodies,
            early.size_bytes + state.copied.size_bytes,
            tuple(target.generations()),
            tuple(deleted),
            purged,
            tuple(faults),
        )

    def _generation(self, now: datetime) -> _State:
        source, folder = self._source, self._target.begin(now)
        with ExitStack() as opened:
            pack = HeaderPack(opened.enter_context(making(folder / "headers.sqlite")), source.headers)
            pack.take(_wanted(source.custody.follow()), self._progress)
            with source.custody.still(patience_seconds=_STILL_SECONDS) as ledger:
                note, wanted, destroyed = source.log.note(), _wanted(ledger), destroyed_in(ledger)
                pack.take(wanted, self._progress)
                snapshot = opened.enter_context(reading(source.folder / "catalogue.sqlite", destroyed.sets()))
            copied, faults = self._copy_bodies(wanted), tuple(pack.faults(wanted))
            copy(snapshot, folder / "catalogue.sqlite", {**without(columns(snapshot)), **LEFT_OUT})
        since = self._mirror.settle()
        self._mirror.copy(source.log, note, since, self._progress)
        replace(folder / "checkpoint", note)
        # A crash before the name leaves the backup as it was; after it the generation counts, and the next
        # run, or a restore, publishes its checkpoint.
        generation = self._target.finish(folder)
        self._mirror.publish(note, since)
        copy_cosigned(source.folder, self._target.folder, generation.checkpoint.size)
        return _State(generation, wanted, destroyed, copied, faults)

    def _copy_bodies(self, wanted: Mapping[Digest, Digest]) -> Copied:
        return copy_bodies(self._source.objects, self._objects, wanted.keys(), self._progress)

    def _purge(self, known: Destroyed) -> tuple[Purged, Destroyed]:
        """Purge what was destroyed up to now; the log is to tell of it where the generation does not yet."""
        destroyed = destroyed_in(self._source.custody.follow())
        if destroyed != known:
            self._mirror.follow(self._source.log, (), self._progress)
        return purge_locked(self._target, destroyed), destroyed

    def _delete_older(self, newest: Generation, limit: datetime) -> list[Generation]:
        old = [one for one in self._target.generations() if one.moment < limit and one != newest]
        for generation in old:
            self._target.delete(generation)
        return old


def _wanted(ledger: Ledger) -> dict[Digest, Digest]:
    """Return the bodies of all renditions, and the digest of the header that each has now."""
    return {one.sealed.body: ledger.present(one.sealed).header for one in tuple(ledger.renditions.values())}
