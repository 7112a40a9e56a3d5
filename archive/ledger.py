"""The state of the archive as its log tells it: agents, compartments, grants, items, renditions, records.

State only; `archive.rules` takes entries in and holds each against the rules of custody.
"""

from collections.abc import Iterable

from archive.digests import Digest
from archive.event_ids import EventIds
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import Kind, Outcome
from archive.nouns import (
    Action,
    Agent,
    Compartment,
    Grant,
    Hold,
    Inspection,
    Item,
    Order,
    Proposal,
    RecordHead,
    Rendition,
    SealedRef,
    Transfer,
)
from archive.succession import Lost, Predecessor


class Ledger:
    """What the first `size` entries of a log say. Its origin and keys change where a successor log begins."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.size = 0
        self.archive: Id | None = None
        self.archive_agent: Id | None = None
        self.log_keys: tuple[str, ...] = ()
        #: The logs that this one followed, and the entries readmitted from them, by event.
        self.earlier: list[Predecessor] = []
        self.readmitted: dict[Id, Lost] = {}
        self.recovery = ""
        self.trustees: Id | None = None
        self.drills: dict[Id, str] = {}
        self.agents: dict[Id, Agent] = {}
        self.compartments: dict[Id, Compartment] = {}
        self.grants: dict[Id, Grant] = {}
        self.items: dict[Id, Item] = {}
        self.renditions: dict[Id, Rendition] = {}
        self.records: dict[Id, RecordHead] = {}
        self.policies: dict[Id, int] = {}
        self.batches: dict[Id, set[Digest]] = {}
        #: Entries by which a compartment's key was handed out.
        self.disclosures: dict[Id, list[int]] = {}
        #: Packs that were handed in, by the id of the deposit, and the digest of the manifest of each.
        self.packs: dict[Id, Digest] = {}
        #: What auditors opened to themselves from outside, by the key that they made for it.
        self.inspections: dict[bytes, Inspection] = {}
        self.proposals: dict[Id, Proposal] = {}
        self.holds: dict[Id, Hold] = {}
        self.orders: dict[Id, Order] = {}
        #: Offers to hand originals on, and who took one over last, by item.
        self.transfers: dict[Id, Transfer] = {}
        self.takers: dict[Id, Id] = {}
        #: How many attempts to sign in failed, by day.
        self.failures: dict[str, int] = {}
        #: Destroyed items and records, and the index of the entry that says so; the items as they were.
        self.destroyed: dict[Id, int] = {}
        self.tombstones: dict[Id, Item] = {}
        #: Bodies of sealed things that were replaced or destroyed, and are to be nowhere any more.
        self.gone: list[Digest] = []
        self.bodies: dict[Digest, SealedRef] = {}
        #: When the stores were last held against the log, and with what outcome.
        self.fixity: tuple[str, Outcome] | None = None
        self._about: dict[Id, list[Digest]] = {}
        self.events = EventIds()
        self.rights_changes = 0
        self.refused: list[tuple[int, str]] = []
        self._grants_of: dict[tuple[Id, Id], list[Id]] = {}

    def put_grant(self, grant: Grant) -> None:
        """Take in a new grant, or the new state of one."""
        if grant.grant not in self.grants:
            self._grants_of.setdefault((grant.agent, grant.compartment), []).append(grant.grant)
        self.grants[grant.grant] = grant

    def put_rendition(self, rendition: Rendition) -> None:
        """Take in a rendition of an item that is already known."""
        self.items[rendition.item].renditions[rendition.rendition] = rendition
        self.renditions[rendition.rendition] = rendition
        self.bodies[rendition.sealed.body] = rendition.sealed

    def put_sealed(self, ref: SealedRef, *about: Id) -> None:
        """Take in something sealed to a compartment, whose header may later be another.

        It goes when any of the items and records it is `about` are destroyed.
        """
        self.bodies[ref.body] = ref
        for subject in about:
            self._about.setdefault(subject, []).append(ref.body)

    def bury(self, subject: Id, index: int) -> None:
        """Forget an item or a record that the entry at `index` destroys, with all that is sealed about it."""
        self.destroyed[subject] = index
        bodies = self._about.pop(subject, [])
        self.gone += bodies
        item = self.items.pop(subject, None)
        if item is not None:
            self.tombstones[subject] = item
            self.rights_changes += 1
            self.takers.pop(subject, None)
            for one in self.transfers_of(subject):
                del self.transfers[one.transfer]
            bodies += [one.sealed.body for one in item.renditions.values()]
            for rendition in item.renditions:
                del self.renditions[rendition]
        for record in [one.record for one in self.records.values() if subject in (one.record, one.item)]:
            del self.records[record]
        for body in bodies:
            self.bodies.pop(body, None)

    def present(self, ref: SealedRef) -> SealedRef:
        """Return how something is sealed now: in which epoch, under which header."""
        return self.bodies.get(ref.body, ref)

    def held(self, item: Id) -> list[Hold]:
        """Return the holds on an item."""
        return [hold for hold in tuple(self.holds.values()) if hold.item == item]

    def holder(self, item: Item) -> Id:
        """Return who holds the original of an item: who took it over last, or else its depositor."""
        return self.takers.get(item.item, item.depositor)

    def transfers_of(self, item: Id) -> list[Transfer]:
        """Return every offer to hand an item on, oldest first."""
        return [one for one in tuple(self.transfers.values()) if one.item == item]

    def managers(self, compartment: Id, at: str) -> set[Id]:
        """Return who manages a compartment at a moment."""
        return {
            grant.agent
            for grant in self.open_grants(compartment)
            if Action.MANAGE in grant.actions
            and grant.starts <= at
            and (grant.ends is None or at <= grant.ends)
        }

    def grants_of(self, agent: Id, compartment: Id) -> tuple[Grant, ...]:
        """Every grant ever given to an agent in a compartment, oldest first, revoked ones included."""
        return tuple(self.grants[grant] for grant in self._grants_of.get((agent, compartment), ()))

    def grants_in_force(self, agent: Id, at: str) -> Iterable[Grant]:
        """Every grant of an agent that is neither revoked nor out of its period at a moment."""
        return (
            grant
            for grant in self.grants_to(agent)
            if grant.starts <= at and (grant.ends is None or at <= grant.ends)
        )

    def grants_to(self, agent: Id) -> Iterable[Grant]:
        """Every unrevoked grant of an agent; none once she is suspended."""
        known = self.agents.get(agent)
        if known is None or known.suspended is not None:
            return ()
        return (
            grant for grant in tuple(self.grants.values()) if grant.agent == agent and grant.revoked is None
        )

    def open_grants(self, compartment: Id) -> Iterable[Grant]:
        """Every grant in a compartment that is not revoked, of agents who are not suspended."""
        return (
            grant
            for grant in tuple(self.grants.values())
            if grant.compartment == compartment
            and grant.revoked is None
            and self.agents[grant.agent].suspended is None
        )

    def concerned(self, event: CustodyEvent) -> frozenset[Id]:
        """The items an event concerns: the one it names or, for a search, those it showed."""
        if event.kind is not Kind.SEARCH:
            named = event.data.get("item")
            return frozenset({Id(named)} if named else ())
        shown = (*event.data["shown"], *event.data.get("told", ()))
        found = (self.item_of(Id(one)) for one in shown)
        return frozenset(item.item for item in found if item)

    def item_of(self, shown: Id) -> Item | None:
        """Return the item behind what a search showed: a rendition, or an item without a text."""
        rendition = self.renditions.get(shown)
        return self.items.get(rendition.item if rendition else shown)
