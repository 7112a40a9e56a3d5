"""The state of the archive as its log tells it: agents, compartments, grants, items, renditions, records.

State only; `archive.rules` takes entries in and holds each against the rules of custody.
"""

from collections.abc import Iterable

from archive.digests import Digest
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Agent, Compartment, Grant, Item, RecordHead, Rendition


class Ledger:
    """What the first `size` entries of the log of `origin` say."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.size = 0
        self.archive: Id | None = None
        self.archive_agent: Id | None = None
        self.log_keys: tuple[str, ...] = ()
        self.recovery = ""
        self.agents: dict[Id, Agent] = {}
        self.compartments: dict[Id, Compartment] = {}
        self.grants: dict[Id, Grant] = {}
        self.items: dict[Id, Item] = {}
        self.renditions: dict[Id, Rendition] = {}
        self.records: dict[Id, RecordHead] = {}
        self.policies: dict[Id, int] = {}
        self.batches: dict[Id, set[Digest]] = {}
        self.events: dict[Id, int] = {}
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
        """Every unrevoked grant of an agent."""
        return (
            grant for grant in tuple(self.grants.values()) if grant.agent == agent and grant.revoked is None
        )

    def open_grants(self, compartment: Id) -> Iterable[Grant]:
        """Every unrevoked grant in a compartment."""
        return (g for g in tuple(self.grants.values()) if g.compartment == compartment and g.revoked is None)

    def concerned(self, event: CustodyEvent) -> frozenset[Id]:
        """The items an event concerns: the one it names or, for a search, those it showed."""
        if event.kind is not Kind.SEARCH:
            named = event.data.get("item")
            return frozenset({Id(named)} if named else ())
        found = (self.item_of(Id(shown)) for shown in event.data["shown"])
        return frozenset(item.item for item in found if item)

    def item_of(self, shown: Id) -> Item | None:
        """Return the item behind what a search showed: a rendition, or an item without a text."""
        rendition = self.renditions.get(shown)
        return self.items.get(rendition.item if rendition else shown)
