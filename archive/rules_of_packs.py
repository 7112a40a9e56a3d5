"""Rules for what comes in packs: claimed when anyone hands it in, confirmed or not when somebody opens it."""

from archive.digests import Digest
from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import Outcome, RenditionKind
from archive.lawful import demand, demand_any, known_agent, known_item, sealed_into
from archive.ledger import Ledger
from archive.nouns import OPENING, Action, Item, Rendition
from archive.rules_of_items import put_item


def submission(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """The archive itself takes a claimed item in; nobody reads it before it is confirmed."""
    data = event.data
    sealed, described = sealed_into(ledger, data["sealed"]), sealed_into(ledger, data["description"])
    if event.agent != ledger.archive_agent or sealed.holder != described.holder:
        raise CustodyError("C63", "only the archive itself takes packs in, each to one compartment")
    if data["signer"] is not None:
        known_agent(ledger, data["signer"])
    if sealed.body == described.body:
        raise CustodyError("C64", "a sealed body is logged once", found=sealed.body)
    deposit, manifest = Id(data["deposit"]), Digest(data["manifest"])
    if ledger.packs.get(deposit, manifest) != manifest:
        raise CustodyError("C64", "two packs of one id", found=deposit)
    item = Item(Id(data["item"]), sealed.holder, event.agent, index, claimed=True)
    put_item(ledger, item, Id(data["rendition"]), sealed)
    ledger.put_sealed(described, item.item)
    ledger.packs[deposit] = manifest


def confirmation(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """Somebody who may open and describe compared a claimed item with what its pack says of it, once."""
    data, item = event.data, known_item(ledger, event.data["item"])
    demand(ledger, event, Action.DESCRIBE, item.compartment)
    demand_any(ledger, event, OPENING, item.compartment)
    if not item.claimed or item.mismatched is not None:
        raise CustodyError("C64", "a claimed item is confirmed once", found=item.item)
    confirmed = data["outcome"] == Outcome.SUCCESS
    if any((data[name] is not None) != confirmed for name in ("rendition", "sealed", "sha256")):
        raise CustodyError("C64", "a confirmation without its original, or one too many", found=item.item)
    if not confirmed:
        item.mismatched = index
        return
    sealed, rendition = sealed_into(ledger, data["sealed"]), Id(data["rendition"])
    if sealed.holder != item.compartment or rendition in ledger.renditions:
        raise CustodyError("C64", "an original confirmed elsewhere or twice", found=item.item)
    item.claimed = False
    ledger.put_rendition(Rendition(rendition, item.item, RenditionKind.ORIGINAL.value, sealed, index))
