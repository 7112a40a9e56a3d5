"""Who may know that an item is there at all, and in which forms: for everybody else they do not exist."""

from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import AccessError
from archive.ids import Id
from archive.nouns import Action, Item, Rendition
from archive.policy import may_audit


def known_item(archive: Archive, sitting: Sitting, item: Id) -> Item:
    """Return an item that the agent may know of (A20 for any other, whether or not it exists).

    Its depositor knows of it, auditors do, and whoever was given more than handing in where one of its forms
    lies. A contributor does not know what others handed in, not even when she comes upon its id.
    """
    ledger = archive.ledger()
    found = ledger.items.get(item)
    if found is not None:
        places = {found.compartment, *(one.sealed.holder for one in found.renditions.values())}
        given = (
            grant.compartment in places and grant.actions - {Action.CONTRIBUTE}
            for grant in ledger.grants_to(sitting.id)
        )
        if found.depositor == sitting.id or may_audit(ledger, sitting.id) or any(given):
            return found
    raise AccessError("A20", "there is no such item for you to read")


def knows_original(archive: Archive, sitting: Sitting, item: Item) -> bool:
    """Say whether the agent may know of an item where it lies itself, not just of a redaction elsewhere."""
    ledger = archive.ledger()
    if item.depositor == sitting.id or may_audit(ledger, sitting.id):
        return True
    grants = (one for one in ledger.grants_to(sitting.id) if one.compartment == item.compartment)
    return any(one.actions - {Action.CONTRIBUTE} for one in grants)


def known_original(archive: Archive, sitting: Sitting, item: Id) -> Item:
    """Return an item of which the agent may know where it lies itself (A20 for any other)."""
    found = known_item(archive, sitting, item)
    if not knows_original(archive, sitting, found):
        raise AccessError("A20", "there is no such item for you to read")
    return found


def known_forms(archive: Archive, sitting: Sitting, item: Item) -> list[Rendition]:
    """Return the forms of an item that the agent may know of, oldest first.

    Whoever knows a redaction where it is, and nothing of where the item is, knows of that redaction only. Its
    depositor does not learn what was made of an item, and by whom.
    """
    ledger = archive.ledger()
    forms = list(item.renditions.values())
    if may_audit(ledger, sitting.id):
        return forms
    places = {one.compartment for one in ledger.grants_to(sitting.id) if one.actions - {Action.CONTRIBUTE}}
    mine = item.depositor == sitting.id
    return [
        one
        for one in forms
        if one.sealed.holder in places
        or (mine and one.sealed.holder == item.compartment and not item.redaction_behind(one.rendition))
    ]
