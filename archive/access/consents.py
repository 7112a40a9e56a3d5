"""What was agreed to for an item: person by person and use by use, since when, by whom given, and the sum.

What the log says is for whoever sees the item's history. The rest (which person, who gave it, conditions) is
opened for whoever manages where the item is, or may read it now for her purpose. These are the terms under
which one works, no testimony: they leave no event, as the reasons of rights leave none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.access.history import Happened, history
from archive.access.keyring import Held, keyring
from archive.access.knowing import known_original
from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.access.reasons import reason_of
from archive.access.signin import Sitting
from archive.errors import AccessError, SviedkaError
from archive.events import format_moment
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Action, Item, RecordHead, SealedRef
from archive.policy import Allowed, Request, decide
from archive.records import given_alone
from archive.uses import ConsentState, RightsBasis, Use


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was recorded, under whose handle, and why if that was said and opens."""

    at: str
    handle: str
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """One consent. `terms` are its record as far as it opens: None where it does not, or is not for her.

    `person` is the pseudonym or else the id of the person's record; never a name out of that record.
    """

    record: Id
    state: ConsentState
    since: Moment
    withdrawn: Moment | None
    person: str | None = None
    terms: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Agreed:
    """All consents to an item and what they add up to: the strictest wins.

    `minor_alone` are consents which the person gave herself though the item concerns minors.
    """

    item: Id
    basis: RightsBasis
    declared: frozenset[Use]
    uses: frozenset[Use]
    may_be_told: bool
    consents: tuple[Given, ...]
    minor_alone: tuple[Id, ...] = ()


def agreed(archive: Archive, sitting: Sitting, item: Id) -> Agreed:
    """Return what was agreed to for an item, to whoever sees its history (A20 for everyone else)."""
    known_original(archive, sitting, item)
    happened = [one for one in history(archive, sitting, item) if one.event.kind is Kind.POLICY]
    found = archive.ledger().items.get(item)
    if found is None:  # Destroyed: what was agreed to went with it.
        raise AccessError("A20", "there is no such item for you to read")
    held = _opening(archive, sitting, found)
    consents = tuple(_given(archive, held, found, happened))
    alone = (one.record for one in consents if one.terms and given_alone(one.terms))
    return Agreed(
        item,
        found.rights.basis,
        found.rights.declared,
        found.rights.uses,
        found.rights.may_be_told,
        consents,
        tuple(alone) if held and _concerns_minors(archive, held, item) else (),
    )


def told_of(archive: Archive, sitting: Sitting, entry: int) -> list[Id]:
    """Return of which items the search logged at `entry` told that there is something, to who manages there.

    That is how a custodian learns what somebody asks about who was told to ask first (A59 for any other).
    """
    ledger = archive.ledger()
    if not 0 <= entry < ledger.size:
        raise AccessError("A59", "there is no such search for you")
    event = archive.custody.checked(entry)
    told = [ledger.items.get(Id(one)) for one in event.data.get("told", ())]
    now = format_moment(archive.clock())
    mine = [one.item for one in told if one and sitting.id in ledger.managers(one.compartment, now)]
    if event.kind is not Kind.SEARCH or not mine:
        raise AccessError("A59", "there is no such search for you")
    return mine


def _opening(archive: Archive, sitting: Sitting, item: Item) -> Held | None:
    """Return with what consents to an item may be opened for the agent, or None."""
    ledger, now = archive.ledger(), format_moment(archive.clock())
    request = Request(sitting.id, Action.READ, item.compartment, now, sitting.purpose, item.item)
    manages = sitting.id in ledger.managers(item.compartment, now)
    if manages or isinstance(decide(ledger, request), Allowed):
        return keyring(archive, sitting).get(item.compartment)
    return None


def _given(archive: Archive, held: Held | None, item: Item, happened: list[Happened]) -> Iterator[Given]:
    for record, state in item.rights.consents:
        since = next(one for one in happened if record in _consents(one))
        # The last time that it stopped to count, if it does not.
        stopped = [
            one
            for before, one in zip([None, *happened], happened, strict=False)
            if _withdrawn(one, record) and not (before and _withdrawn(before, record))
        ]
        withdrawn = _moment(archive, held, stopped[-1]) if state.withdrawn and stopped else None
        terms = _terms(archive, held, record)
        person = _person(archive, held, terms)
        yield Given(record, state, _moment(archive, held, since), withdrawn, person, terms)


def _consents(one: Happened) -> dict[str, dict[str, Any]]:
    return {given["record"]: given for given in one.event.data["consents"]}


def _withdrawn(one: Happened, record: Id) -> bool:
    return bool(_consents(one).get(record, {}).get("withdrawn"))


def _moment(archive: Archive, held: Held | None, one: Happened) -> Moment:
    reason = one.event.data.get("reason")
    if held is None or reason is None:
        return Moment(one.event.at, one.handle)
    why = reason_of(archive, held, Id(one.event.data["item"]), SealedRef.of(reason))
    return Moment(one.event.at, one.handle, why)


def _terms(archive: Archive, held: Held | None, record: Id) -> dict[str, Any] | None:
    head = archive.ledger().records.get(record)
    return _record(archive, held, head) if held and head else None


def _person(archive: Archive, held: Held | None, terms: Mapping[str, Any] | None) -> str | None:
    """Return the pseudonym of whose consent it is; her name stays where it is."""
    person = (terms or {}).get("person", {})
    if "record" not in person:
        return str(person["name"]) if "name" in person else None
    head = archive.ledger().records.get(Id(person["record"]))
    known = _record(archive, held, head) if held and head else None
    return str((known or {}).get("pseudonym") or person["record"])


def _concerns_minors(archive: Archive, held: Held, item: Id) -> bool:
    return bool((_terms(archive, held, item) or {}).get("minors"))


def _record(archive: Archive, held: Held, head: RecordHead) -> dict[str, Any] | None:
    sealed = head.sealed
    if sealed.holder != held.compartment:
        return None
    binding = Binding(archive.archive, "record", head.record, head.version, sealed.holder, sealed.epoch)
    ref = archive.ledger().present(sealed)
    try:
        return dict(open_structure(archive, ref, binding, [*held.identities.values()])["record"])
    except SviedkaError:
        return None
