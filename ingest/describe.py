"""Describing: catalogue records in bulk, sealed into a compartment, versioned, and queued for its index.

A `consent` record that names items also changes their rights at once, in the same commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from archive.access.grants import demand
from archive.access.keyring import current_recipient, find_label, keyring
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.author import Signed
from archive.errors import AccessError, IntakeError
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.nouns import Action, Item
from archive.policy import Allowed, Request, decide
from archive.records import Fault, FaultyRecord, consent_state, load_record, resolve_local
from archive.records.indexing import record_entry
from archive.uses import ConsentState
from ingest.accession import Desk, consent_data, write_record
from ingest.receive import Target
from ingest.texts import seal_batch

RECORDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Described:
    """One record as it was stored."""

    record: Id
    type: str
    version: int


def describe(archive: Archive, sitting: Sitting, label: str, records: object) -> list[Described]:
    """Store records (`[{"type", "key"?, "id"?, "data"}]`) in a compartment, all of them checked first.

    Raises FaultyRecord with every fault, AccessError without a right to describe or contribute there.
    """
    resolved = resolve_local(records, archive.random)
    loaded = _load(resolved)
    if not loaded:
        raise IntakeError("I68", "there are no records in this file", expected="at least one record")
    desk = describing_desk(archive, sitting, label)
    _check_named(desk, _named(records))
    done: list[Described] = []
    for start in range(0, len(loaded), RECORDS_AT_ONCE):
        done += _store(desk, loaded[start : start + RECORDS_AT_ONCE])
    return done


def _named(records: object) -> list[Id]:
    """Return the ids that a file of records, found well-formed before, gives itself."""
    assert isinstance(records, list)
    return [Id(one["id"]) for one in records if one.get("id")]


def _load(records: Iterable[dict[str, Any]]) -> list[tuple[Id, str, dict[str, Any]]]:
    """Hold each record against its schema; raise I10 with the faults of all of them."""
    loaded: list[tuple[Id, str, dict[str, Any]]] = []
    faults: list[Fault] = []
    for position, one in enumerate(records):
        try:
            loaded.append((Id(one["id"]), one["type"], load_record(one["type"], one["data"])))
        except FaultyRecord as refused:
            faults += [f._replace(path=f"[{position}].data.{f.path}".rstrip(".")) for f in refused.faults]
    if faults:
        raise FaultyRecord("I10", "a file of records", faults)
    return loaded


def describing_desk(archive: Archive, sitting: Sitting, label: str) -> Desk:
    """Return the desk of an agent who may describe, or contribute, in a compartment."""
    held = find_label(keyring(archive, sitting), label)
    author = pen(archive, sitting)
    compartment = archive.ledger().compartments[held.compartment]
    request = Request(sitting.id, Action.DESCRIBE, held.compartment, author.now())
    if not isinstance(decide(archive.ledger(), request), Allowed):
        demand(archive, author, Action.CONTRIBUTE, held.compartment)
    target = Target(
        archive.objects,
        archive.headers,
        held.compartment,
        compartment.epoch,
        current_recipient(compartment),
        archive.random,
    )
    return Desk(archive, sitting, author, target, new_id(archive.random))


def _store(desk: Desk, records: list[tuple[Id, str, dict[str, Any]]]) -> list[Described]:
    archive = desk.archive
    signed: list[Signed] = []
    rows, entries, done = [], [], []
    changed: dict[Id, dict[Id, ConsentState]] = {}
    for record, type, data in records:
        event, row = write_record(desk, type, data, record=record, item=_item_of(desk, record, type))
        signed.append(event)
        rows.append(row)
        entries.append(record_entry(record, type, data))
        done.append(Described(record, type, row.version))
        if type == "consent":
            signed += _change_rights(desk, record, data, changed)
    queued, batch = seal_batch(archive, desk.target, entries)
    archive.custody.record([*signed, queued], sealed=rows, batches=[batch])
    return done


def _item_of(desk: Desk, record: Id, type: str) -> Id | None:
    """Return the item that an earlier version of the record is bound to.

    An item's own description is written when it is deposited, with what opens its receipt and what its text
    is found by, none of which a describer can read (I69). A record stays in its compartment (A12).
    """
    if type == "item":
        raise IntakeError("I69", "an item is described when it is deposited", expected="another record type")
    head = desk.archive.ledger().records.get(record)
    if head is not None and head.sealed.holder != desk.target.compartment:
        raise AccessError("A12", "no earlier version of this record is here", found=record)
    if head is not None and (head.item == record or record in desk.archive.ledger().renditions):
        raise IntakeError("I69", "an item is described when it is deposited", found=record)
    return head.item if head else None


def _check_named(desk: Desk, named: Iterable[Id]) -> None:
    """Refuse (A12) records named by whoever only contributes, unless she wrote their last version here.

    The records of others are none of her business, not even that they exist; so she chooses no ids either.
    """
    if _may_describe(desk, desk.target.compartment):
        return
    for record in named:
        head = desk.archive.ledger().records.get(record)
        here = head is not None and head.sealed.holder == desk.target.compartment
        if head is None or not here or desk.archive.custody.checked(head.index).agent != desk.author.agent:
            raise AccessError("A12", "no earlier version of this record is here", found=record)


def _may_describe(desk: Desk, compartment: Id) -> bool:
    request = Request(desk.author.agent, Action.DESCRIBE, compartment, desk.author.now())
    return isinstance(decide(desk.archive.ledger(), request), Allowed)


def _change_rights(
    desk: Desk, record: Id, data: dict[str, Any], changed: dict[Id, dict[Id, ConsentState]]
) -> Iterable[Signed]:
    """Write the rights of each item that a consent names or that rests on it, with it as it now stands.

    A withdrawal need not repeat the items, and leaving one out does not free it of this consent. `changed`
    holds the consents of the items whose rights were written earlier in the same commit.
    """
    state = consent_state(data)
    items = desk.archive.ledger().items
    resting = [one.item for one in tuple(items.values()) if record in dict(one.rights.consents)]
    for name in dict.fromkeys((*data.get("items", ()), *resting)):
        item = items.get(Id(name))
        if item is None or not (name in resting or _may_change(desk, item)):
            raise AccessError("A11", "a consent names an item that does not exist here", found=name)
        consents = changed.setdefault(item.item, dict(item.rights.consents))
        consents[record] = state
        yield desk.author.write(Kind.POLICY, rights_with(desk, item, consents))


def _may_change(desk: Desk, item: Item) -> bool:
    """Say whether the rights of an item are hers to change; for the others it does not exist."""
    return item.depositor == desk.author.agent or _may_describe(desk, item.compartment)


def rights_with(desk: Desk, item: Item, consents: dict[Id, ConsentState]) -> dict[str, Any]:
    """Return what the log is to say of an item's rights, with these consents."""
    records = desk.archive.ledger().records
    return {
        "item": item.item,
        "basis": item.rights.basis.value,
        "uses": sorted(item.rights.declared),
        "consents": [
            consent_data(one, records[one].version if one in records else 1, given)
            for one, given in consents.items()
        ],
        "reason": None,
    }
