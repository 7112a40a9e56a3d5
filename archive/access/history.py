"""What happened to an item: its custody events, read from the log, as far as somebody may know of them."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from typing import Any

from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row
from archive.errors import AccessError
from archive.events import CustodyEvent, format_moment
from archive.ids import Id
from archive.kinds import Kind, RenditionKind
from archive.nouns import Action, Item
from archive.policy import may_audit

_LOOKS = frozenset({Kind.SEARCH, Kind.READING, Kind.UNMASKING})
_INFORMED = frozenset({Action.READ, Action.RELEASE, Action.MANAGE, Action.AUDIT})
_OVERSEEING = frozenset({Action.RELEASE, Action.MANAGE, Action.DESTROY, Action.AUDIT})
#: What whoever oversees where an item is learns of acts in compartments that she does not know.
_OVERSEEN = {Kind.RENDITION: ("item", "kind"), Kind.UNMASKING: ("item", "purpose")}


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


@dataclass(frozen=True, slots=True)
class _View:
    """What of an item's history one agent sees: all, or what happened in `places`, or to what is hers."""

    item: Item
    everything: bool
    places: frozenset[Id]
    overseen: frozenset[Id]
    mine: bool

    def is_blind(self) -> bool:
        """Say whether the item does not exist for her."""
        forms = {one.sealed.holder for one in self.item.renditions.values()}
        return not (self.everything or self.mine or self.places & {self.item.compartment, *forms})

    def of(self, event: CustodyEvent) -> CustodyEvent | None:
        """Return the event as she sees it, or None."""
        if event.kind is Kind.SEARCH:
            event = self._without_others(event)
        where = self._where(event)
        if self.everything or where & self.places:
            return self._without_source(event)
        if self.mine and event.kind not in _LOOKS and where == {self.item.compartment}:
            return None if self._of_redaction(event) else event
        if self.item.compartment in self.overseen and event.kind in _OVERSEEN:
            kept = _OVERSEEN[event.kind]
            return replace(event, data={key: event.data[key] for key in kept})
        return None

    def _where(self, event: CustodyEvent) -> set[Id]:
        """Return the compartments that an event tells of: where the forms are, or else the item."""
        data = event.data
        match event.kind:
            case Kind.RENDITION | Kind.READING:
                return self._holders([data["rendition"]])
            case Kind.SEARCH:
                return self._holders([*data["shown"], *data.get("told", ())])
            case Kind.RECORD:
                return {Id(data["sealed"]["holder"])}
            case Kind.UNMASKING:
                return {Id(data["reason"]["holder"])}
            case _:
                return {self.item.compartment}

    def _holders(self, shown: Iterable[str]) -> set[Id]:
        known = (self.item.renditions.get(Id(one)) for one in shown)
        return {one.sealed.holder if one else self.item.compartment for one in known}

    def _of_redaction(self, event: CustodyEvent) -> bool:
        named = event.data.get("rendition") or event.data.get("record")
        return named is not None and self.item.redaction_behind(Id(named)) is not None

    def _without_others(self, event: CustodyEvent) -> CustodyEvent:
        """Return a search without what it says of other items, and of places that she does not know."""
        if self.everything:
            own = {self.item.item, *self.item.renditions}
            return replace(event, data=_only(event.data, own))
        own = {one.rendition for one in self.item.renditions.values() if one.sealed.holder in self.places}
        if self.item.compartment in self.places:
            own.add(self.item.item)
        known = sorted(self.places.intersection(event.data["compartments"]))
        return replace(event, data={**_only(event.data, own), "compartments": known})

    def _without_source(self, event: CustodyEvent) -> CustodyEvent:
        """Return what tells of a redaction without what it says of the original, where that is not hers."""
        hidden = not self.everything and self.item.compartment not in self.places
        if not hidden or event.kind is not Kind.RENDITION or event.data["kind"] != RenditionKind.REDACTION:
            return event
        return replace(event, data={**event.data, "source": None, "reason": None, "proposal": None})


def _only(data: dict[str, Any], own: Set[Id]) -> dict[str, Any]:
    """Return what a search says, without what it says of other items."""
    lists = (name for name in ("shown", "told") if name in data)
    return {**data, **{name: sorted(own & set(data[name])) for name in lists}}


def history(archive: Archive, sitting: Sitting, item: Id) -> list[Happened]:
    """Return the custody events of an item, oldest first, as far as the agent may know of them.

    For auditors and whoever may read, manage or audit where the item is, or where one of its redactions is:
    what happened there. Its depositor sees it too, but not who searched and read, which would tell an
    infiltrator who looks for what, nor what was made of it. Whoever oversees where the item is learns that
    a redaction was made or an identity disclosed elsewhere, and no more. For everyone else the item does not
    exist (A20). The history of what was destroyed stays, for the same people.
    """
    ledger = archive.ledger()
    found = ledger.items.get(item) or ledger.tombstones.get(item)
    view = _view(archive, sitting, found) if found else None
    if view is None or view.is_blind():
        raise AccessError("A20", "there is no such item for you to read")
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all() if check_row(ledger, row)}
    events = ((index, archive.custody.checked(index)) for index in archive.catalogue.items.events(item))
    seen = ((index, view.of(event)) for index, event in events)
    return [
        Happened(index, event, handles.get(event.agent, "archive"))
        for index, event in seen
        if event is not None
    ]


def sees_looks(archive: Archive, sitting: Sitting, item: Id) -> bool:
    """Say whether the history that somebody sees of an item tells who searched for it and read it."""
    ledger = archive.ledger()
    found = ledger.items.get(item) or ledger.tombstones.get(item)
    view = _view(archive, sitting, found) if found else None
    return view is not None and (view.everything or view.item.compartment in view.places)


def tombstone(archive: Archive, sitting: Sitting, item: Id) -> Tombstone | None:
    """Return what is left of an item that was destroyed, or None; to whoever sees its history (else A20)."""
    happened = history(archive, sitting, item)
    ledger = archive.ledger()
    destroyed = next((one for one in happened if one.event.kind is Kind.DESTRUCTION), None)
    if item not in ledger.tombstones or destroyed is None:
        return None
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


def _view(archive: Archive, sitting: Sitting, item: Item) -> _View:
    ledger, now = archive.ledger(), format_moment(archive.clock())
    grants = list(ledger.grants_in_force(sitting.id, now))

    def places(actions: frozenset[Action]) -> frozenset[Id]:
        return frozenset(one.compartment for one in grants if one.actions & actions)

    return _View(
        item,
        may_audit(ledger, sitting.id),
        places(_INFORMED),
        places(_OVERSEEING),
        item.depositor == sitting.id,
    )
