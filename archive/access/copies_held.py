"""What copies hold, and destroying in them what was destroyed; a copy that is away loses it when it is back.

How far destructions came in each copy is kept in the catalogue, as the number of entries that were done.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from archive.access.parts import Archive
from archive.errors import FixityError
from archive.ids import Id
from storage.fixity.checking import destroyed_bodies

_DONE: Final = "copies"


@dataclass(frozen=True, slots=True)
class Held:
    """What one copy holds of what the log names, and how many destructions have not reached it.

    Where it is not there, only those are known.
    """

    copy: Id
    folder: Path
    is_there: bool
    bodies: int
    headers: int
    lacking: int
    pending: int


def held(archive: Archive) -> list[Held]:
    """Say of each copy what it holds and lacks, by name."""
    ledger = archive.ledger()
    wanted = {one.sealed.body for one in ledger.renditions.values()}
    states = []
    for copy in archive.stores.copies():
        pending = len(destroyed_bodies(ledger, _since(archive, copy.copy)))
        state = Held(copy.copy, copy.folder, False, 0, 0, 0, pending)
        try:
            store = copy.store()
            bodies, headers = set(store.objects.digests()), set(store.headers.bodies())
        except (FixityError, OSError):
            states.append(state)
            continue
        lacking = len(wanted - (bodies & headers))
        states.append(
            replace(state, is_there=True, bodies=len(bodies), headers=len(headers), lacking=lacking)
        )
    return states


def finish_destroying(archive: Archive) -> tuple[Path, ...]:
    """Destroy in every copy what was destroyed and has not reached it; return those that still hold it."""
    ledger, behind = archive.ledger(), []
    for copy in archive.stores.copies():
        gone = destroyed_bodies(ledger, _since(archive, copy.copy))
        if not gone:
            continue
        try:
            store = copy.store()
            for body in gone:
                store.headers.delete(body)
            for body in gone:
                store.objects.delete(body)
        except (FixityError, OSError):
            behind.append(copy.folder)
        else:
            remember(archive, copy.copy, ledger.size)
    return tuple(behind)


def _since(archive: Archive, copy: Id) -> int:
    """Return from which entry of the log on destructions have not reached a copy."""
    done = json.loads(archive.catalogue.settings.get(_DONE) or "{}").get(copy, 0)
    return done if done <= archive.ledger().size else 0


def remember(archive: Archive, copy: Id, size: int) -> None:
    """Note that what the first `size` entries destroyed is gone from a copy."""
    listed: Iterable[Id] = (one.copy for one in archive.stores.copies())
    done = json.loads(archive.catalogue.settings.get(_DONE) or "{}")
    kept = {one: done.get(one, 0) for one in listed} | {copy: size}
    archive.catalogue.settings.set(_DONE, json.dumps(kept))
