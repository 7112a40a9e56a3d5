"""Adding and removing copies of an archive's bodies and headers.

A copy is listed before it is filled: from then on it gets what is handed in and loses what is destroyed,
wherever the filling is interrupted. Adding it again goes on.
"""

from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.access.copies_held import remember
from archive.access.parts import Archive
from archive.audit_bodies import Sample
from archive.errors import FixityError, IntakeError
from archive.findings import Progress
from archive.ids import Id, new_id
from storage import durable
from storage.backup.target import OF_DISKS, is_leftover
from storage.copies.listed import (
    LIST_NAME,
    MARK_NAME,
    Listed,
    Listing,
    format_listing,
    format_mark,
    parse_mark,
)
from storage.copies.stores import Copy
from storage.durable import FolderTree, writing
from storage.fixity.checking import Check, Parts, destroyed_bodies
from storage.fixity.filling import fill
from storage.fixity.findings import Findings
from storage.fixity.pace import Pace
from storage.fixity.repairing import Repairer
from storage.locks import exclusive

#: With a first copy, what is handed in is to be in two places before that is acknowledged.
_USUAL: Final = 2
_PATIENCE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Added:
    """A copy, how many bodies and headers were put into it, and how many could not be."""

    copy: Copy
    copied: int
    left: int


def add_copy(
    archive: Archive,
    folder: Path,
    acknowledge: int | None,
    progress: Progress,
    *,
    discard_unknown: bool = False,
) -> Added:
    """List the copy in `folder`, new or interrupted or moved, and put into it what it lacks.

    One that was taken off the list, or is of the archive before it was restored, is taken up again. If it
    holds what the log does not know, that may be all that is left of it: raises F68, unless it is to be
    discarded.

    Raises I43 where it lies in the archive's folder or another copy, or around one; I67 where the folder
    holds anything else; F64 where it is another archive's copy; I44 for a number that no stores can hold.
    """
    place = folder.resolve()
    with _changing_list(archive):
        listing = archive.stores.listing()
        listed = Listed(_marked(archive, place, listing), str(place))
        if not discard_unknown and listed.copy not in {one.copy for one in listing.copies}:
            _check_known(archive, listed)
        others = tuple(one for one in listing.copies if one.copy != listed.copy)
        usual = listing.acknowledge if listing.copies else _USUAL
        _write(archive, Listing(acknowledge or usual, (*others, listed)))
    remember(archive, listed.copy, 0)
    # Whoever began before the copy was listed does not write to it.
    with archive.custody.still(patience_seconds=_PATIENCE_SECONDS) as ledger:
        size = ledger.size
    [copy] = [one for one in archive.stores.copies() if one.copy == listed.copy]
    parts, pace = parts_of(archive), Pace()
    copied = fill(parts, copy.store(), progress)
    # No body is read that is there; what could not be copied from the archive's own store may be in another.
    check = Check(parts, Findings(), pace, progress, Sample(0, ""), repair=Repairer(parts, pace))
    found = check.run(copy.store())
    archive.custody.recover(archive.objects, archive.headers)
    if not found.left:
        remember(archive, listed.copy, size)
    return Added(copy, copied + found.repaired(copy.copy), found.left)


def remove_copy(archive: Archive, folder: Path, acknowledge: int | None, *, erase: bool) -> Copy:
    """Take a copy off the list; `erase` what it holds, the headers first.

    One that was taken off before may be erased later. Raises I45 where the folder is no copy's, F63 where one
    that is to be erased is not there.
    """
    place = str(folder.resolve())
    with _changing_list(archive):
        listing = archive.stores.listing()
        found = [one for one in archive.stores.copies() if str(one.folder) == place]
        if not found and erase:
            found = _taken_off(archive, folder.resolve())
        if not found:
            known = ", ".join(one.folder for one in listing.copies) or "none"
            raise IntakeError("I45", "this folder is no copy of the archive", expected=known)
        rest = tuple(one for one in listing.copies if one.copy != found[0].copy)
        if erase:
            found[0].store()
        usual = min(listing.acknowledge, 1 + len(rest))
        _write(archive, Listing(acknowledge or usual, rest))
    if erase:
        _erase(found[0])
    return found[0]


def parts_of(archive: Archive) -> Parts:
    """Return the parts of an archive that a check of its stores reads."""
    return Parts(archive.stores, archive.custody, archive.catalogue.pending)


def _marked(archive: Archive, place: Path, listing: Listing) -> Id:
    """Return the id of the copy in a folder, which gets its mark if it is new or empty."""
    others = [Path(one.folder) for one in listing.copies if Path(one.folder) != place]
    for other in (archive.folder.resolve(), *others):
        if place.is_relative_to(other) or other.is_relative_to(place):
            raise IntakeError("I43", "a copy does not lie in the archive or another copy, nor around one")
    mark = place / MARK_NAME
    if mark.exists():
        of, copy = parse_mark(mark.read_bytes())
        if of != archive.archive:
            raise FixityError("F64", "this is a copy of another archive", found=of)
        if any(
            one.copy == copy and one.is_there() and one.folder != place for one in archive.stores.copies()
        ):
            raise FixityError("F64", "this folder was copied from a copy that is there", found=copy)
        return copy
    known = {Path(one.folder): one.copy for one in listing.copies}
    if place in known:
        raise FixityError(
            "F63", "a copy cannot be reached: connect its disk", expected=MARK_NAME, found=place
        )
    with writing("the copy"):
        FolderTree(place).ready(place)
        if any(path.name not in OF_DISKS for path in place.iterdir() if not is_leftover(path)):
            raise IntakeError("I67", "the folder is not empty", expected="a new or empty folder, or a copy")
    copy = new_id(archive.random)
    durable.replace(mark, format_mark(archive.archive, copy))
    return copy


def _changing_list(archive: Archive) -> AbstractContextManager[None]:
    return exclusive(archive.folder / f"{LIST_NAME}.lock")


def _check_known(archive: Archive, listed: Listed) -> None:
    """Refuse (F68) a copy with bodies or headers that the log does not know, nor that they were destroyed."""
    ledger, store = archive.ledger(), Copy(archive.archive, listed).store()
    known = {one.sealed.body for one in ledger.renditions.values()} | destroyed_bodies(ledger)
    unknown = {*store.objects.digests(), *store.headers.bodies()} - known
    if unknown:
        raise FixityError(
            "F68",
            "the copy holds what the log does not know, perhaps all that is left of what came after a backup",
            found=f"{len(unknown)} bodies",
        )


def _write(archive: Archive, listing: Listing) -> None:
    most = 1 + len(listing.copies)
    if not 1 <= listing.acknowledge <= most:
        raise IntakeError(
            "I44",
            "so many stores there are not",
            expected=f"1 to {most}, the archive's own among them",
            found=listing.acknowledge,
        )
    durable.replace(archive.folder / LIST_NAME, format_listing(listing))


def _taken_off(archive: Archive, place: Path) -> list[Copy]:
    """Return the copy of the archive in a folder that is not listed, if there is one."""
    with suppress(OSError, FixityError):
        of, copy = parse_mark((place / MARK_NAME).read_bytes())
        if of == archive.archive and all(one.copy != copy for one in archive.stores.copies()):
            return [Copy(of, Listed(copy, str(place)))]
    return []


def _erase(copy: Copy) -> None:
    store = copy.store()
    for body in store.headers.bodies():
        store.headers.delete(body)
    for body in store.objects.digests():
        store.objects.delete(body)
    durable.remove(copy.folder / MARK_NAME)
