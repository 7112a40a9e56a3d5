"""Taking what was destroyed out of a backup: from every generation headers, then rows, then the bodies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.digests import Digest
from archive.ids import Id
from archive.ledger import Ledger
from storage.backup.database import Conditions, columns, copy, count, reading
from storage.backup.mirror import Mirror
from storage.backup.target import Generation, Target, open_target
from storage.durable import sync_folder, writing
from storage.log_reader import LogReader
from storage.objects import LocalObjects

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What is to be nowhere any more: items, bodies of their renditions, and bodies of sealed rows."""

    items: frozenset[Id] = frozenset()
    bodies: frozenset[Digest] = frozenset()
    sealed: frozenset[Digest] = frozenset()

    def sets(self) -> Mapping[str, frozenset[str]]:
        """Return the temporary tables that `without` refers to."""
        return {"gone_items": frozenset(self.items), "gone_bodies": frozenset(self.bodies | self.sealed)}


@dataclass(frozen=True, slots=True)
class Purged:
    """How many generations were changed, and how many headers, rows and bodies went."""

    generations: int = 0
    headers: int = 0
    rows: int = 0
    bodies: int = 0


def destroyed_in(ledger: Ledger) -> Destroyed:
    """Return all that the log says was destroyed, or replaced and destroyed with that."""
    renditions = [one for item in ledger.tombstones.values() for one in item.renditions.values()]
    return Destroyed(
        frozenset(ledger.tombstones), frozenset(one.sealed.body for one in renditions), frozenset(ledger.gone)
    )


def purge(
    folder: Path,
    archive: Id,
    log: LogReader,
    destroyed: Destroyed,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Purged:
    """Take what was destroyed out of the backup in `folder`: from every generation, and its bodies.

    Give all that the log says was destroyed (`destroyed_in(ledger)`), or a part of it: `items` for the rows
    of items, their renditions and receipts; `bodies` for headers, bodies and rows of renditions; `sealed` for
    rows of records, reasons, grants. Call it once the destruction is logged: the backup first gets the log,
    so that whatever is restored from it knows of the destruction. Repeating it is harmless, and goes on where
    a crash ended it: databases are written anew without the rows and take the place of the old. The next
    backup purges of itself what this could not reach.

    Raises a FixityError when the backup cannot be reached (F70, F02), is another archive's (F71), is in use
    for longer than the patience (F72) or damaged (F73, F20); C49 when the archive is older than its backup.
    """
    target = open_target(folder, archive)
    with writing("the backup"), target.locked(patience_seconds):
        target.tidy()
        notes = [one.note for one in target.generations()]
        mirror = Mirror(target.log, opened=log.opened)
        mirror.follow(log, notes, lambda _what, _done, _total: None)
        return purge_locked(target, destroyed)


def purge_locked(target: Target, destroyed: Destroyed) -> Purged:
    """Do what `purge` does in a backup whose lock is held."""
    headers = rows = changed = 0
    for generation in target.generations():
        found = _purge(generation, destroyed)
        headers, rows, changed = headers + found[0], rows + found[1], changed + any(found)
    objects, bodies = LocalObjects(target.objects), 0
    for body in destroyed.bodies:
        if objects.has(body):
            objects.delete(body)
            bodies += 1
    return Purged(changed, headers, rows, bodies)


def without(tables: Mapping[str, set[str]]) -> Conditions:
    """Return which rows of a database go with the `sets` of what was destroyed.

    Which log entries concern an item stays: its history outlives it.
    """
    of_items = "SELECT deposit FROM items WHERE item"
    gone_body, gone = "body IN (SELECT value FROM gone_bodies)", "IN (SELECT value FROM gone_items)"
    found = {name: gone_body for name, held in tables.items() if "body" in held}
    own = {
        "items": f"item {gone}",
        "renditions": f"{gone_body} OR item {gone}",
        # What opens the commitments of a pack's items is sealed in one piece, and goes with any of them.
        "packs": f"deposit IN ({of_items} {gone})",
        "sealed": f"{gone_body} OR (kind = 'receipt' AND subject {gone})",
    }
    return found | {name: condition for name, condition in own.items() if name in tables}


def _purge(generation: Generation, destroyed: Destroyed) -> tuple[int, int]:
    """Return how many headers and rows went."""
    return _rewrite(generation.headers, destroyed), _rewrite(generation.catalogue, destroyed)


def _rewrite(path: Path, destroyed: Destroyed) -> int:
    """Write a database anew without what was destroyed, if any of it is there; return how many rows went."""
    fresh = path.with_name(f".{path.name}.new")
    with reading(path, destroyed.sets()) as connection:
        gone = without(columns(connection))
        found = count(connection, gone)
        if not found:
            return 0
        copy(connection, fresh, gone)
    with writing("a generation of the backup"):
        fresh.replace(path)
        sync_folder(path.parent)
    return found
