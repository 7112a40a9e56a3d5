"""Unmasking: reading who a pseudonym stands for, out of a companion compartment. A reading of its own.

It takes a right to read there, a purpose, and a reason, which is sealed there; all of it is logged before a
byte of an identity is handed out. Which records tell of an item is looked for inside the companion, with the
keys of whoever may read it, and shown to nobody before that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.access.grants import seal_reason
from archive.access.keyring import Held, keyring
from archive.access.knowing import known_item
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.author import Author
from archive.errors import AccessError, SviedkaError
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Action, RecordHead
from archive.policy import Allowed, Refused, Request, decide
from archive.records import references
from search.renditions import open_record

#: In which role a record of a companion names the person whose identity it tells.
_WHO = frozenset({"source", "person"})
#: In which role it names what that person told, or the pseudonym. Whom else an account names is no witness.
_ABOUT = frozenset({"items", "described"})
_NOBODY = "there is no such item or record for you to read"


@dataclass(frozen=True, slots=True)
class Identity:
    """One record that tells who somebody is: its type and what it says."""

    record: Id
    type: str
    label: str
    data: dict[str, Any] = field(repr=False)


def unmask(archive: Archive, sitting: Sitting, subject: Id, reason: str) -> list[Identity]:
    """Return who is behind an item or a record: records of the companion, each logged as an unmasking.

    A record of a companion is meant itself. Of anything else, those that the records of its companion name as
    its source or person, or the records that speak of it. Raises A20 without a right to read there for the
    purpose, as for what does not exist, and for an item that may not be used for it; A62 where nothing is
    recorded about something that she knows.
    """
    author = pen(archive, sitting)
    place, heads, item = _found(archive, sitting, author, subject)
    data = {"grant": _granted(archive, sitting, author, place), "purpose": sitting.purpose.value}
    compartment = archive.ledger().compartments[place.compartment]
    signed, rows = [], []
    for head in heads:
        sealed = seal_reason(archive.archive, author, compartment, head.record, reason)
        about = {"record": head.record, "item": item, "reason": sealed.ref.as_data()}
        event = author.write(Kind.UNMASKING, {**data, **about})
        signed.append(event)
        rows.append(sealed.row(event.event))
    archive.custody.record(signed, sealed=rows)
    return [_opened(archive, place, head) for head in heads]


def may_unmask(archive: Archive, sitting: Sitting, compartment: Id) -> bool:
    """Say whether somebody may, for her purpose, read who is behind what is in a compartment."""
    author = pen(archive, sitting)
    return any(
        archive.ledger().compartments[place.compartment].companion_of == compartment
        for place in _companions(archive, sitting, author)
    )


def _companions(archive: Archive, sitting: Sitting, author: Author) -> list[Held]:
    """Return the companions that she may read now, for the purpose of the sitting (A20 names why not)."""
    known = archive.ledger().compartments
    return [
        held
        for held in keyring(archive, sitting).values()
        if known[held.compartment].companion_of is not None
        and held.identities
        and isinstance(_decided(archive, sitting, author, held), Allowed)
    ]


def _decided(archive: Archive, sitting: Sitting, author: Author, place: Held) -> Allowed | Refused:
    asked = Request(sitting.id, Action.READ, place.compartment, author.now(), sitting.purpose)
    return decide(archive.ledger(), asked)


def _granted(archive: Archive, sitting: Sitting, author: Author, place: Held) -> Id:
    decision = _decided(archive, sitting, author, place)
    if isinstance(decision, Refused):
        raise AccessError("A20", _NOBODY)
    return decision.grant.grant


def _found(
    archive: Archive, sitting: Sitting, author: Author, subject: Id
) -> tuple[Held, list[RecordHead], Id | None]:
    """Return the companion, its records that say who is behind the subject, and the item if it is one."""
    ledger = archive.ledger()
    item = ledger.items.get(subject)
    head = ledger.records.get(subject) if item is None else None
    first = item.compartment if item else head.sealed.holder if head else None
    for place in _companions(archive, sitting, author):
        if head is not None and place.compartment == first:
            return place, [head], None
        if first is not None and ledger.compartments[place.compartment].companion_of == first:
            heads = _telling(archive, place, subject)
            if not heads:
                break
            if item is not None and sitting.purpose not in item.rights.uses:
                raise AccessError("A20", "you may not read this item", found="consent")
            return place, heads, subject if item else None
    else:
        raise AccessError("A20", _NOBODY)
    _refuse_unrecorded(archive, sitting, subject)
    raise AccessError("A20", _NOBODY)


def _refuse_unrecorded(archive: Archive, sitting: Sitting, subject: Id) -> None:
    """Say that nothing is recorded (A62) to whoever knows the item; for others there is none."""
    try:
        known_item(archive, sitting, subject)
    except AccessError:
        return
    raise AccessError("A62", "nobody's identity is recorded for this")


def _telling(archive: Archive, place: Held, subject: Id) -> list[RecordHead]:
    """Return the records of a companion that tell who is behind something outside it."""
    ledger, found = archive.ledger(), dict[Id, RecordHead]()
    for head, type, data in _records(archive, place):
        named = references(type, data)
        if subject not in {record for role, record in named if role in _ABOUT}:
            continue
        persons = [ledger.records.get(record) for role, record in named if role in _WHO and record != subject]
        here = [one for one in persons if one and one.sealed.holder == place.compartment]
        found |= {one.record: one for one in here or [head]}
    return list(found.values())


def _records(archive: Archive, place: Held) -> Iterator[tuple[RecordHead, str, dict[str, Any]]]:
    """Yield the records of a compartment that are of no item; a damaged one does not hold up the others."""
    for head in list(archive.ledger().records.values()):
        if head.sealed.holder == place.compartment and head.item is None:
            try:
                opened = open_record(archive, place, head)
            except SviedkaError:
                continue
            yield head, opened["type"], opened["record"]


def _opened(archive: Archive, place: Held, head: RecordHead) -> Identity:
    opened = open_record(archive, place, head)
    return Identity(head.record, opened["type"], place.label, opened["record"])
