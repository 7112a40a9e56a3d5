"""What happened to an item: its custody events, read from the log."""

from dataclasses import dataclass, replace

from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row
from archive.errors import AccessError
from archive.events import CustodyEvent, format_moment
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Action, Item
from archive.policy import may_audit

_LOOKS = frozenset({Kind.SEARCH, Kind.READING})
_INFORMED = frozenset({Action.READ, Action.RELEASE, Action.MANAGE, Action.AUDIT})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event in an item's history, and where the log holds it. `handle` is the agent's pseudonym."""

    index: int
    event: CustodyEvent
    handle: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """That an item was destroyed, and nothing of what it was: when, by whose order, on which ground.

    `approved_by` is who agreed, where it took two. `withdrawn` says that a consent to it had been withdrawn.
    """

    at: str
    index: int
    ordered_at: str
    ordered_by: str
    approved_by: str | None
    withdrawn: bool


def history(archive: Archive, sitting: Sitting, item: Id) -> list[Happened]:
    """Return the custody events of an item, oldest first.

    For auditors and whoever may read, manage or audit where the item is; its depositor sees it too, but not
    who searched and read, which would tell an infiltrator who looks for what. For everyone else the item does
    not exist (A20). The history of what was destroyed stays, for the same people.
    """
    ledger = archive.ledger()
    found = ledger.items.get(item) or ledger.tombstones.get(item)
    informed = found is not None and (
        may_audit(ledger, sitting.id)
        or any(
            grant.compartment == found.compartment and grant.actions & _INFORMED
            for grant in ledger.grants_in_force(sitting.id, format_moment(archive.clock()))
        )
    )
    if found is None or not (informed or found.depositor == sitting.id):
        raise AccessError("A20", "there is no such item for you to read")
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all() if check_row(ledger, row)}
    events = ((index, archive.custody.checked(index)) for index in archive.catalogue.items.events(item))
    return [
        Happened(index, _about(event, found), handles.get(event.agent, "archive"))
        for index, event in events
        if informed or event.kind not in _LOOKS
    ]


def tombstone(archive: Archive, sitting: Sitting, item: Id) -> Tombstone | None:
    """Return what is left of an item that was destroyed, or None; to whoever sees its history (else A20)."""
    happened = history(archive, sitting, item)
    ledger = archive.ledger()
    if item not in ledger.tombstones:
        return None
    [destroyed] = [one for one in happened if one.event.kind is Kind.DESTRUCTION]
    order = [one for one in happened if one.event.kind is Kind.ORDER][-1]
    named = order.event.data["proposal"]
    proposal = ledger.proposals.get(Id(named)) if named else None
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all() if check_row(ledger, row)}
    second = {proposal.proposer, proposal.approver} - {order.event.agent} if proposal else set()
    withdrawn = any(one.withdrawn for one in ledger.tombstones[item].rights.states())
    return Tombstone(
        destroyed.event.at,
        destroyed.index,
        order.event.at,
        order.handle,
        next((handles[one] for one in second if one in handles), None),
        withdrawn,
    )


def _about(event: CustodyEvent, item: Item) -> CustodyEvent:
    """Return the event without what it says of other items."""
    if event.kind is not Kind.SEARCH:
        return event
    own = {item.item, *item.renditions}
    lists = (name for name in ("shown", "told") if name in event.data)
    return replace(
        event, data={**event.data, **{name: sorted(own & set(event.data[name])) for name in lists}}
    )
