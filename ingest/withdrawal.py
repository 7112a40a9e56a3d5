"""Withdrawing consent: the gate shuts at once, in every process, whether or not the record can be opened.

What is logged is what counts. Where the one who withdraws can open the consent's record, its next version
says so too, in the same commit.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from archive.access.grants import seal_reason
from archive.access.keyring import Held, current_recipient, keyring
from archive.access.knowing import known_original
from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.author import Signed
from archive.errors import AccessError
from archive.events import format_moment
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.nouns import Action, Compartment, Item, RecordHead
from archive.policy import Refused, Request, decide
from archive.records import load_record
from archive.uses import ConsentState, RightsBasis
from ingest.accession import Desk, write_record
from ingest.describe import rights_with
from ingest.receive import Target
from storage.catalogue.rows import SealedRow

#: An entry, and the row of what is sealed with it, if anything is.
Written: TypeAlias = tuple[Signed, SealedRow | None]

_NOBODY: Final = "there is no such item or person for you"


def withdraw(archive: Archive, sitting: Sitting, subject: Id, reason: str = "") -> list[Id]:
    """Withdraw every consent to an item, or every consent of a person that one can open; return the items.

    An item that rests on no consent may then be stored, and nothing else. `reason` is sealed where each item
    is. All or nothing: raises A58, naming those of a person's items that are not hers to withdraw, A20 where
    there is no such item or person for the agent, A55 where nothing is left to withdraw.
    """
    ledger, held = archive.ledger(), keyring(archive, sitting)
    if subject in ledger.items:
        item = _known(archive, sitting, held, subject)
        wanted = {item.item: frozenset(dict(item.rights.consents))}
        return _withdraw(archive, sitting, held, wanted, reason)
    records = {
        record
        for one in list(ledger.items.values())
        for record, _state in one.rights.consents
        if one.compartment in held and _person_of(archive, held, record) == subject
    }
    if not records:
        raise AccessError("A20", _NOBODY)
    concerned = {
        one.item: frozenset(records & dict(one.rights.consents).keys()) for one in list(ledger.items.values())
    }
    wanted = {item: ids for item, ids in concerned.items() if ids}
    _check_hers(archive, sitting, wanted)
    return _withdraw(archive, sitting, held, wanted, reason)


def _known(archive: Archive, sitting: Sitting, held: dict[Id, Held], item: Id) -> Item:
    try:
        known = known_original(archive, sitting, item)
    except AccessError:
        raise AccessError("A20", _NOBODY) from None
    if known.compartment not in held:
        raise AccessError("A20", _NOBODY)
    return known


def _check_hers(archive: Archive, sitting: Sitting, wanted: Iterable[Id]) -> None:
    """Refuse (A58) before anything is withdrawn where one item is not hers to withdraw."""
    ledger, now = archive.ledger(), format_moment(archive.clock())
    refused = [
        item
        for item in (ledger.items[one] for one in wanted)
        if item.depositor != sitting.id
        and isinstance(
            decide(ledger, Request(sitting.id, Action.DESCRIBE, item.compartment, now, item=item.item)),
            Refused,
        )
    ]
    if refused:
        known = [item.item for item in refused if _is_known(archive, sitting, item.item)]
        found = ", ".join(sorted(known)) or "where you have no rights"
        raise AccessError("A58", "some items are not yours to withdraw, so nothing was", found=found)


def _is_known(archive: Archive, sitting: Sitting, item: Id) -> bool:
    try:
        known_original(archive, sitting, item)
    except AccessError:
        return False
    return True


def _withdraw(
    archive: Archive, sitting: Sitting, held: dict[Id, Held], wanted: dict[Id, frozenset[Id]], reason: str
) -> list[Id]:
    ledger, written, said = archive.ledger(), list[Written](), set[Id]()
    done: list[Id] = []
    for name, records in wanted.items():
        item = ledger.items[name]
        consents = dict(item.rights.consents)
        left = {record for record in records if not consents[record].withdrawn}
        if not left and (records or not item.rights.uses - {"store"}):
            continue
        desk = _desk(archive, sitting, ledger.compartments[item.compartment])
        consents |= {record: replace(consents[record], withdrawn=True) for record in left}
        written.append(_policy(desk, item, consents, reason))
        # One record may stand for several items, and has one next version.
        versions = (_said_in_the_record(desk, held, item, record) for record in sorted(left - said))
        written += [version for version in versions if version is not None]
        said |= left
        done.append(item.item)
    if not done:
        raise AccessError("A55", "nothing is left to withdraw here")
    archive.custody.record([one for one, _ in written], sealed=[row for _, row in written if row])
    return done


def _policy(desk: Desk, item: Item, consents: dict[Id, ConsentState], reason: str) -> Written:
    """Write the rights that are left; the reason, if one was given, is sealed where the item is."""
    data = rights_with(desk, item, consents)
    if not consents:
        data |= {"basis": RightsBasis.CONSENT.value, "uses": []}
    if not reason:
        return desk.author.write(Kind.POLICY, data), None
    compartment = desk.archive.ledger().compartments[item.compartment]
    sealed = seal_reason(desk.archive.archive, desk.author, compartment, item.item, reason)
    data |= {"reason": sealed.ref.as_data()}
    signed = desk.author.write(Kind.POLICY, data)
    return signed, sealed.row(signed.event)


def _desk(archive: Archive, sitting: Sitting, compartment: Compartment) -> Desk:
    target = Target(
        archive.objects,
        archive.headers,
        compartment.compartment,
        compartment.epoch,
        current_recipient(compartment),
        archive.random,
    )
    return Desk(archive, sitting, pen(archive, sitting), target, new_id(archive.random))


def _said_in_the_record(
    desk: Desk, held: dict[Id, Held], item: Item, record: Id
) -> tuple[Signed, SealedRow] | None:
    """Write the next version of a consent's record; None where she cannot open the one that is there."""
    head = desk.archive.ledger().records.get(record)
    data = _opened(desk.archive, held, head) if head else None
    if head is None or data is None or head.sealed.holder != item.compartment:
        return None
    said = load_record("consent", {**data, "withdrawn_on": desk.author.now()[:10]})
    return write_record(desk, "consent", said, record=record, item=head.item)


def _person_of(archive: Archive, held: dict[Id, Held], record: Id) -> str | None:
    head = archive.ledger().records.get(record)
    data = _opened(archive, held, head) if head else None
    return data.get("person", {}).get("record") if data else None


def _opened(archive: Archive, held: dict[Id, Held], head: RecordHead) -> dict[str, Any] | None:
    """Open the newest version of a record, if the agent holds its compartment's identity."""
    sealed = archive.ledger().present(head.sealed)
    identity = held[sealed.holder].identities.get(sealed.epoch) if sealed.holder in held else None
    if identity is None:
        return None
    binding = Binding(archive.archive, "record", head.record, head.version, sealed.holder, head.sealed.epoch)
    found: dict[str, Any] = open_structure(archive, head.sealed, binding, [identity])["record"]
    return found
