"""Holds, and destruction: ordered, delayed, cancelled, carried out by the archive itself.

Destruction takes the headers first: from then on nobody opens the bodies, whatever else still lies about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from archive.access.copies_held import finish_destroying
from archive.access.grants import demand, seal_reason
from archive.access.keyring import keyring
from archive.access.knowing import known_original
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.author import Author, Signed
from archive.digests import Digest
from archive.errors import AccessError, SviedkaError
from archive.events import format_moment
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.nouns import Action, Item
from storage.backup.memory import remembered
from storage.backup.purging import destroyed_in, purge
from storage.catalogue.rows import SealedRow
from storage.durable import remove
from storage.locks import exclusive

USUAL_DELAY_DAYS = 30


@dataclass(frozen=True, slots=True)
class Taken:
    """Who opened an item, when, in which form: what a destruction cannot take back."""

    handle: str
    at: str
    rendition: Id


@dataclass(frozen=True, slots=True)
class Destroyed:
    """The items that were destroyed, and the moments until which a backup out of reach could open them.

    `behind` are copies that hold what was destroyed, now or earlier, and cannot be written to now.
    """

    items: tuple[Id, ...]
    unreached: tuple[str, ...]
    behind: tuple[Path, ...] = ()


def hold(archive: Archive, sitting: Sitting, item: Id, reason: str) -> Id:
    """Have an item preserved: while it is held it cannot be destroyed. Return the hold's id."""
    known, author, given = _known(archive, sitting, item), pen(archive, sitting), new_id(archive.random)
    _record(archive, [_written(archive, author, Kind.HOLD, known, {"hold": given}, said=(reason, given))])
    return given


def lift(archive: Archive, sitting: Sitting, item: Id, reason: str) -> int:
    """Lift every hold on an item, all or none of them; return how many.

    Raises A56 when there is none, A57 where one was given by another and she does not manage the compartment.
    """
    known, author = _known(archive, sitting, item), pen(archive, sitting)
    holds = archive.ledger().held(item)
    if not holds:
        raise AccessError("A56", "the item is not under a hold")
    others = [one.hold for one in holds if one.giver != sitting.id]
    if others and sitting.id not in archive.ledger().managers(known.compartment, author.now()):
        raise AccessError("A57", "others gave holds too, so none was lifted", found=", ".join(others))
    written = (
        _written(archive, author, Kind.LIFT, known, {"hold": one.hold}, said=(reason, one.hold))
        for one in holds
    )
    _record(archive, list(written))
    return len(holds)


def order(
    archive: Archive,
    sitting: Sitting,
    item: Id,
    reason: str,
    *,
    delay_days: int = USUAL_DELAY_DAYS,
    records: Sequence[Id] = (),
    proposal: Id | None = None,
) -> str:
    """Order the destruction of an item, and of records that tell of it alone; return from when it is due.

    Raises CustodyError: C58 under a hold, C59 where it takes two persons, C67 without the right.
    """
    # One moment for both: an order is never due before it was given.
    known, now = _known(archive, sitting, item), archive.clock()
    author = replace(pen(archive, sitting), clock=lambda: now)
    due = format_moment(now + timedelta(days=delay_days))
    data = {"due": due, "records": sorted(records), "proposal": proposal}
    _record(archive, [_written(archive, author, Kind.ORDER, known, data, said=(reason, item))])
    return due


def cancel(archive: Archive, sitting: Sitting, item: Id, reason: str) -> None:
    """Cancel a destruction that is ordered and not yet carried out."""
    known, author = _known(archive, sitting, item), pen(archive, sitting)
    _record(archive, [_written(archive, author, Kind.CANCELLATION, known, {}, said=(reason, item))])


def taken(archive: Archive, sitting: Sitting, item: Id) -> list[Taken]:
    """Return every reading of an item, to whoever may destroy it: what was read or saved stays with others.

    Raises A20 and A07 for everyone else, who would learn who looks at what.
    """
    known = _known(archive, sitting, item)
    demand(archive, pen(archive, sitting), Action.DESTROY, known.compartment)
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all()}
    events = (archive.custody.checked(index) for index in archive.catalogue.items.events(item))
    return [
        Taken(handles.get(event.agent, ""), event.at, Id(event.data["rendition"]))
        for event in events
        if event.kind is Kind.READING
    ]


def carry_out(archive: Archive) -> Destroyed:
    """Destroy what is due and not held, here, in every copy and every backup; the archive's agent does it.

    Needs no key. What a copy that is not there still holds, a later call destroys.

    Logged first; then headers, bodies, rows, and the compartment's index, which is made again without it.
    What a crash leaves undone is swept when the archive is next opened.
    """
    now = format_moment(archive.clock())
    ledger = archive.ledger()
    due = [one.item for one in list(ledger.orders.values()) if one.due <= now and not ledger.held(one.item)]
    items = tuple(item for item in due if _destroy(archive, item))
    if items:
        archive.catalogue.scrub()
    return Destroyed(items, _purge_backups(archive) if items else (), finish_destroying(archive))


def _purge_backups(archive: Archive) -> tuple[str, ...]:
    """Take what was destroyed out of every backup; return until when those out of reach may open it."""
    unreached = []
    for backup in remembered(archive.catalogue.settings):
        try:
            purge(backup.path, archive.archive, archive.log, destroyed_in(archive.ledger()))
        except SviedkaError:
            unreached.append(format_moment(backup.opens_until))
    return tuple(unreached)


def _destroy(archive: Archive, item: Id) -> bool:
    with archive.custody.writing():
        known = archive.ledger().items.get(item)
        if known is None:
            return False
        try:
            signed = archive.archive_author.write(Kind.DESTRUCTION, {"item": item})
            archive.custody.record([signed])
        except SviedkaError as fault:
            # Held, cancelled, or destroyed by another process at this very moment.
            if fault.code not in ("C58", "C64"):
                raise
            return False
        # The item as it was when it was destroyed: no form of it can have come since.
        renditions = archive.ledger().tombstones[item].renditions.values()
        remove_bodies(archive, [one.sealed.body for one in renditions])
        for place in {known.compartment, *(one.sealed.holder for one in renditions)}:
            forget_index(archive, place)
    return True


def remove_bodies(archive: Archive, bodies: Sequence[Digest]) -> None:
    """Remove headers, then bodies; what is gone already is fine."""
    for body in bodies:
        archive.headers.delete(body)
    for body in bodies:
        archive.objects.delete(body)


def forget_index(archive: Archive, compartment: Id) -> None:
    """Throw a compartment's index and waiting batches away; whoever next opens it makes it again."""
    archive.catalogue.manifests.spoil(compartment)
    archive.catalogue.batches.delete(archive.catalogue.batches.of_compartment(compartment))
    folder = archive.folder / "index" / compartment
    if folder.is_dir():
        with exclusive(folder / "lock"):
            for suffix in (".header", ".body"):
                for path in sorted(folder.glob(f"*{suffix}")):
                    remove(path)


def _known(archive: Archive, sitting: Sitting, item: Id) -> Item:
    known = known_original(archive, sitting, item)
    if known.compartment not in keyring(archive, sitting):
        raise AccessError("A20", "there is no such item for you to read")
    return known


def _written(
    archive: Archive,
    author: Author,
    kind: Kind,
    item: Item,
    data: Mapping[str, object],
    *,
    said: tuple[str, Id],
) -> tuple[Signed, SealedRow]:
    """Write an event about an item and seal its reason, with what that is the reason of."""
    reason, subject = said
    compartment = archive.ledger().compartments[item.compartment]
    sealed = seal_reason(archive.archive, author, compartment, subject, reason)
    signed = author.write(kind, {"item": item.item, "reason": sealed.ref.as_data(), **data})
    return signed, sealed.row(signed.event)


def _record(archive: Archive, written: Sequence[tuple[Signed, SealedRow]]) -> None:
    archive.custody.record([signed for signed, _ in written], sealed=[row for _, row in written])
