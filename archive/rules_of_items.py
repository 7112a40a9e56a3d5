"""Rules for what happens to items: accession, renditions, records, rights, searches, readings, audits."""

from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import RenditionKind
from archive.lawful import demand, known_item, sealed_into
from archive.ledger import Ledger
from archive.nouns import Action, Item, RecordHead, Rendition, Rights
from archive.policy import may_audit
from archive.uses import ConsentState, RightsBasis, Use


def accession(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    item, rendition = Id(data["item"]), Id(data["rendition"])
    sealed = sealed_into(ledger, data["sealed"])
    if item in ledger.items or rendition in ledger.renditions:
        raise CustodyError("C64", "an item is accessioned once", found=item)
    demand(ledger, event, Action.CONTRIBUTE, sealed.holder)
    held = Item(item, sealed.holder, event.agent, index)
    ledger.items[item] = held
    ledger.rights_changes += 1
    ledger.put_rendition(Rendition(rendition, item, RenditionKind.ORIGINAL.value, sealed, index))


def rendition(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    item = known_item(ledger, data["item"])
    rendition = Id(data["rendition"])
    if rendition in ledger.renditions:
        raise CustodyError("C64", "a rendition is added once", found=rendition)
    sealed = sealed_into(ledger, data["sealed"])
    if event.agent != ledger.archive_agent:
        demand(ledger, event, Action.CONTRIBUTE, sealed.holder, Action.DESCRIBE)
    ledger.put_rendition(Rendition(rendition, item.item, data["kind"], sealed, index))


def record(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    record, sealed = Id(data["record"]), sealed_into(ledger, data["sealed"])
    if data["item"] is not None:
        known_item(ledger, data["item"])
    demand(ledger, event, Action.CONTRIBUTE, sealed.holder, Action.DESCRIBE)
    head = ledger.records.get(record)
    version, predecessor = (head.version + 1, head.sealed.body) if head else (1, None)
    if (data["version"], data["predecessor"]) != (version, predecessor):
        raise CustodyError("C65", "a record's version does not follow its predecessor", expected=version)
    if head is not None and head.sealed.holder != sealed.holder:
        raise CustodyError("C65", "a record's version is in another compartment than its predecessor")
    ledger.records[record] = RecordHead(
        record, version, Id(data["item"]) if data["item"] else None, sealed, index
    )


def policy(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    item = known_item(ledger, data["item"])
    demand(ledger, event, Action.CONTRIBUTE, item.compartment, Action.DESCRIBE)
    consents = tuple(
        (Id(one["record"]), ConsentState(frozenset(Use(u) for u in one["uses"]), one["withdrawn"]))
        for one in data["consents"]
    )
    if {record for record, _ in item.rights.consents} - {record for record, _ in consents}:
        raise CustodyError("C66", "a consent once recorded cannot vanish", found=item.item)
    declared = frozenset(Use(word) for word in data["uses"])
    item.rights = Rights(RightsBasis(data["basis"]), declared, consents)
    ledger.policies[item.item] = index
    ledger.rights_changes += 1


def extraction(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    item = known_item(ledger, event.data["item"])
    if event.agent != ledger.archive_agent:
        raise CustodyError("C63", "only the archive itself records extraction", found=event.agent)
    item.extracted = True


def search(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    purpose = Use(event.data["purpose"])
    for compartment in event.data["compartments"]:
        demand(ledger, event, Action.READ, Id(compartment), purpose=purpose)


def reading(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    data = event.data
    item, rendition = known_item(ledger, data["item"]), ledger.renditions.get(Id(data["rendition"]))
    if rendition is None or rendition.item != item.item:
        raise CustodyError("C64", "a reading of a rendition that the item does not have", found=item.item)
    grant = demand(
        ledger, event, Action.READ, rendition.sealed.holder, purpose=Use(data["purpose"]), item=item.item
    )
    if grant.grant != data["grant"]:
        raise CustodyError("C67", "a reading names another grant than covers it", expected=grant.grant)


def audit(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    if not may_audit(ledger, event.agent) and not any(
        Action.AUDIT in grant.actions for grant in ledger.grants_to(event.agent)
    ):
        raise CustodyError("C63", "only an auditor records an audit", found=event.agent)
