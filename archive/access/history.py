"""What happened to an item: its custody events, read from the log."""

from dataclasses import dataclass

from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import AccessError
from archive.events import CustodyEvent, parse_entry
from archive.ids import Id
from archive.nouns import Action
from archive.policy import may_audit

_INFORMED = frozenset({Action.READ, Action.RELEASE, Action.MANAGE, Action.AUDIT})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event in an item's history, and where the log holds it. `handle` is the agent's pseudonym."""

    index: int
    event: CustodyEvent
    handle: str


def history(archive: Archive, sitting: Sitting, item: Id) -> list[Happened]:
    """Return the custody events of an item, oldest first.

    For its depositor, for auditors, and for whoever may read, manage or audit where the item is; for everyone
    else the item does not exist (A20).
    """
    ledger = archive.ledger()
    found = ledger.items.get(item)
    entitled = found is not None and (
        found.depositor == sitting.id
        or may_audit(ledger, sitting.id)
        or any(
            grant.compartment == found.compartment and grant.actions & _INFORMED
            for grant in ledger.grants_to(sitting.id)
        )
    )
    if not entitled:
        raise AccessError("A20", "there is no such item for you to read")
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all()}
    events = (
        (index, parse_entry(archive.log.entry(index)).event) for index in archive.catalogue.items.events(item)
    )
    return [Happened(index, event, handles.get(event.agent, "archive")) for index, event in events]
