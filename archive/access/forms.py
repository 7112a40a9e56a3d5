"""The forms of an item that somebody may know of, each with who added it, when, and for which uses."""

from dataclasses import dataclass

from archive.access.keyring import keyring
from archive.access.knowing import known_forms, known_item
from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row
from archive.errors import AccessError
from archive.events import format_moment
from archive.ids import Id
from archive.nouns import Action, Rendition
from archive.policy import Allowed, Request, decide
from archive.uses import Use


@dataclass(frozen=True, slots=True)
class Form:
    """One form as somebody may know of it: `source` is None where she may not know of that one.

    `label` is empty where she does not know the compartment, as an auditor does not.
    """

    rendition: Rendition
    label: str
    handle: str
    at: str
    uses: frozenset[Use]
    source: Id | None
    readable: bool


def forms(archive: Archive, sitting: Sitting, item: Id) -> list[Form]:
    """Return the forms of an item that the agent may know of, oldest first (A20 where there is none)."""
    ledger = archive.ledger()
    found = known_item(archive, sitting, item)
    known = {one.rendition: one for one in known_forms(archive, sitting, found)}
    if not known:
        raise AccessError("A20", "there is no such item for you to read")
    held, now = keyring(archive, sitting), format_moment(archive.clock())
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all() if check_row(ledger, row)}

    def form(one: Rendition) -> Form:
        event, place = archive.custody.checked(one.index), held.get(one.sealed.holder)
        wanted = Request(
            sitting.id, Action.READ, one.sealed.holder, now, sitting.purpose, found.item, one.rendition
        )
        return Form(
            one,
            place.label if place else "",
            handles.get(event.agent, "archive"),
            event.at,
            found.uses_of(one.rendition),
            one.source if one.source in known else None,
            bool(place and place.identities) and isinstance(decide(ledger, wanted), Allowed),
        )

    return [form(one) for one in known.values()]
