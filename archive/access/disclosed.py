"""Who learned whose identity about an item: what a destruction cannot take back, beside the readings."""

from dataclasses import dataclass

from archive.access.grants import demand
from archive.access.keyring import keyring
from archive.access.knowing import known_item
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.errors import AccessError
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Action


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Somebody read who the witness of an item is, at a moment, for a purpose."""

    handle: str
    at: str
    purpose: str


def identity_disclosures(archive: Archive, sitting: Sitting, item: Id) -> list[Disclosure]:
    """Return every unmasking about an item, to whoever may destroy it (A20 and A07 for everyone else)."""
    known = known_item(archive, sitting, item)
    if known.compartment not in keyring(archive, sitting):
        raise AccessError("A20", "there is no such item for you to read")
    demand(archive, pen(archive, sitting), Action.DESTROY, known.compartment)
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all()}
    events = (archive.custody.checked(index) for index in archive.catalogue.items.events(item))
    return [
        Disclosure(handles.get(event.agent, ""), event.at, event.data["purpose"])
        for event in events
        if event.kind is Kind.UNMASKING
    ]
