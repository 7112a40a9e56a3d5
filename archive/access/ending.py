"""What the destruction of an item takes with it, and what it cannot: to be looked at before it is ordered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive.access.deeds import Done, handles_of, holds
from archive.access.disclosed import Disclosure, identity_disclosures
from archive.access.grants import demand
from archive.access.keyring import Held, keyring
from archive.access.knowing import known_original
from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.access.preserving import Taken, taken
from archive.access.signin import Sitting, pen
from archive.errors import SviedkaError
from archive.events import format_moment
from archive.ids import Id
from archive.nouns import Action, RecordHead
from archive.policy import Allowed, Request, decide
from archive.records import references
from storage.backup.memory import opens_until

#: In which roles a record names the items that it tells of.
_TELLS_OF = frozenset({"assertion.source_item", "items"})


@dataclass(frozen=True, slots=True)
class Lonely:
    """A record that tells of one item alone."""

    record: Id
    type: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What a record is, of which items and testimonies it tells, and to what else it refers."""

    type: str
    tells: frozenset[Id]
    refs: frozenset[Id]


@dataclass(frozen=True, slots=True)
class Ending:
    """What will be gone, what stays with others, and what stands in the way.

    `looked` says that records could be looked for, `unmasked` who learned whose the item is. `disclosed` are
    keys of the compartment that were handed out: whoever took one opens copies he has. `packed` says that it
    came in a pack, whose receipts are sealed in one piece and go with it.
    """

    item: Id
    label: str
    forms: tuple[str, ...]
    records: tuple[Lonely, ...]
    looked: bool
    taken: tuple[Taken, ...]
    unmasked: tuple[Disclosure, ...]
    disclosed: tuple[Done, ...]
    holds: tuple[Done, ...]
    backup_until: str | None
    two_person: bool
    packed: bool


def ending(archive: Archive, sitting: Sitting, item: Id) -> Ending:
    """Look at what ordering the destruction of an item means, as whoever may order it (A20, A07)."""
    known = known_original(archive, sitting, item)
    demand(archive, pen(archive, sitting), Action.DESTROY, known.compartment)
    held = keyring(archive, sitting)
    until = opens_until(archive.catalogue.settings)
    own = held[known.compartment]
    return Ending(
        item,
        own.label,
        tuple(one.kind for one in known.renditions.values()),
        _lonely(archive, sitting, held, item),
        bool(own.identities),
        tuple(taken(archive, sitting, item)),
        tuple(identity_disclosures(archive, sitting, item)),
        tuple(_disclosed(archive, {one.sealed.holder for one in known.renditions.values()})),
        tuple(holds(archive, sitting, item)),
        format_moment(until) if until else None,
        archive.ledger().compartments[known.compartment].two_person,
        known.depositor == archive.ledger().archive_agent,
    )


def _lonely(archive: Archive, sitting: Sitting, held: Mapping[Id, Held], item: Id) -> tuple[Lonely, ...]:
    """Return the records that would tell of nothing any more: all they tell of is this item, or one another.

    A record to which another refers that stays is kept. Looked for where she may destroy and holds the key.
    """
    said = dict(_said(archive, sitting, held))
    doomed: set[Id] = {item}
    while more := {one for one, found in said.items() if found.tells and found.tells <= doomed} - doomed:
        doomed |= more
    doomed.discard(item)
    while True:
        staying = {
            ref for one, found in said.items() if one not in doomed for ref in found.refs | found.tells
        }
        kept = {one for one in doomed if one in staying or not said[one].tells <= doomed | {item}}
        if not kept:
            return tuple(Lonely(one, said[one].type) for one in sorted(doomed))
        doomed -= kept


def _said(archive: Archive, sitting: Sitting, held: Mapping[Id, Held]) -> Iterator[tuple[Id, _Said]]:
    ledger, now = archive.ledger(), format_moment(archive.clock())
    for head in tuple(ledger.records.values()):
        place = held.get(head.sealed.holder)
        request = Request(sitting.id, Action.DESTROY, head.sealed.holder, now)
        # What is filed under an item goes with that item, or stays with it.
        if place is None or head.item is not None or not isinstance(decide(ledger, request), Allowed):
            continue
        opened = _opened(archive, place, head)
        if opened is not None:
            refs = references(opened["type"], opened["record"])
            tells = frozenset(ref for role, ref in refs if role in _TELLS_OF)
            yield head.record, _Said(opened["type"], tells, frozenset(ref for _, ref in refs) - tells)


def _opened(archive: Archive, held: Held, head: RecordHead) -> Mapping[str, Any] | None:
    ref = archive.ledger().present(head.sealed)
    binding = Binding(
        archive.archive, "record", head.record, head.version, head.sealed.holder, head.sealed.epoch
    )
    try:
        return open_structure(archive, ref, binding, [*held.identities.values()])
    except SviedkaError:
        return None


def _disclosed(archive: Archive, places: set[Id]) -> Iterator[Done]:
    """Yield who was handed the key of one of these compartments, and when."""
    handles = handles_of(archive)
    for index in sorted(one for place in places for one in archive.ledger().disclosures.get(place, ())):
        event = archive.custody.checked(index)
        yield Done(handles.get(event.agent, ""), event.at)
