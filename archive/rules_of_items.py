"""Rules for what happens to items: accession, records, rights, searches, readings, audits."""

from archive.digests import Digest
from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import Outcome, RenditionKind
from archive.lawful import demand, known_compartment, known_item, put_reason, sealed_into
from archive.ledger import Ledger
from archive.nouns import Action, Item, RecordHead, Rendition, Rights, SealedRef
from archive.uses import ConsentState, RightsBasis, Use


def accession(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    item, rendition = Id(data["item"]), Id(data["rendition"])
    sealed = sealed_into(ledger, data["sealed"])
    demand(ledger, event, Action.CONTRIBUTE, sealed.holder)
    put_item(ledger, Item(item, sealed.holder, event.agent, index), rendition, sealed)


def put_item(ledger: Ledger, item: Item, rendition: Id, sealed: SealedRef) -> None:
    """Take in a new item with its original (raises C64 for one that was here before, destroyed or not)."""
    if item.item in ledger.items or item.item in ledger.destroyed or rendition in ledger.renditions:
        raise CustodyError("C64", "an item is accessioned once", found=item.item)
    ledger.items[item.item] = item
    ledger.rights_changes += 1
    original = RenditionKind.ORIGINAL.value
    ledger.put_rendition(Rendition(rendition, item.item, original, sealed, item.index))


def record(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    record, sealed = Id(data["record"]), sealed_into(ledger, data["sealed"])
    if data["item"] is not None and _place_of(known_item(ledger, data["item"]), record) != sealed.holder:
        raise CustodyError("C65", "a record of an item is sealed elsewhere than the item", found=record)
    demand(ledger, event, Action.CONTRIBUTE, sealed.holder, Action.DESCRIBE)
    if record in ledger.destroyed:
        raise CustodyError("C65", "a record that was destroyed", found=record)
    head = ledger.records.get(record)
    version, predecessor = (head.version + 1, head.sealed.body) if head else (1, None)
    if (data["version"], data["predecessor"]) != (version, predecessor):
        raise CustodyError("C65", "a record's version does not follow its predecessor", expected=version)
    if head is not None and (head.sealed.holder, head.item) != (sealed.holder, data["item"]):
        raise CustodyError("C65", "a record's version is about another item or compartment than before")
    ledger.put_sealed(sealed, record, *([Id(data["item"])] if data["item"] else []))
    ledger.records[record] = RecordHead(
        record, version, Id(data["item"]) if data["item"] else None, sealed, index
    )


def _place_of(item: Item, record: Id) -> Id:
    """Return where a record of an item belongs: with the item, or with the form that it describes."""
    form = item.renditions.get(record)
    return form.sealed.holder if form else item.compartment


def policy(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    item = known_item(ledger, data["item"])
    demand(ledger, event, Action.CONTRIBUTE, item.compartment, Action.DESCRIBE)
    consents = {
        Id(one["record"]): ConsentState(
            frozenset(Use(u) for u in one["uses"]), one["withdrawn"], one.get("contact_first", False)
        )
        for one in data["consents"]
    }
    for one in data["consents"]:
        head = ledger.records.get(Id(one["record"]))
        if head is None or one["version"] > head.version:
            raise CustodyError("C66", "rights rest on a consent that was never recorded", found=one["record"])
    before = dict(item.rights.consents)
    if before.keys() - consents.keys():
        raise CustodyError("C66", "a consent once recorded cannot vanish", found=item.item)
    rights = Rights(
        RightsBasis(data["basis"]), frozenset(Use(word) for word in data["uses"]), tuple(consents.items())
    )
    if event.agent != item.depositor or item.item in ledger.policies:
        _check_change(ledger, event, item, rights)
    if data.get("reason") is not None:
        put_reason(ledger, data["reason"], item)
    item.rights = rights
    ledger.policies[item.item] = index
    ledger.rights_changes += 1


def _check_change(ledger: Ledger, event: CustodyEvent, item: Item, rights: Rights) -> None:
    """Whoever only contributes may narrow the rights of what she handed in; the rest takes `describe`."""
    narrower = rights.uses <= item.rights.uses and not _is_taken_back(item, rights)
    # Consent that was forgotten at the deposit is widening too: from storage only.
    if event.agent == item.depositor and (narrower or not item.rights.consents):
        return
    demand(ledger, event, Action.DESCRIBE, item.compartment)


def _is_taken_back(item: Item, rights: Rights) -> bool:
    """Say whether a consent that was withdrawn counts again."""
    before = dict(item.rights.consents)
    return any(
        record in before and before[record].withdrawn and not state.withdrawn
        for record, state in rights.consents
    )


def extraction(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    item = known_item(ledger, event.data["item"])
    if event.agent != ledger.archive_agent:
        raise CustodyError("C63", "only the archive itself records extraction", found=event.agent)
    item.extracted = True


def indexing(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    compartment = known_compartment(ledger, event.data["compartment"]).compartment
    if event.agent != ledger.archive_agent:
        raise CustodyError("C63", "only the archive itself queues index batches", found=event.agent)
    ledger.batches.setdefault(compartment, set()).add(Digest(event.data["batch"]))


def search(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    purpose = Use(event.data["purpose"])
    compartments = event.data["compartments"]
    if not compartments:
        raise CustodyError("C67", "a search in nothing")
    for compartment in compartments:
        demand(ledger, event, Action.READ, Id(compartment), purpose=purpose)
    for shown in event.data["shown"]:
        item, rendition = ledger.item_of(Id(shown)), ledger.renditions.get(Id(shown))
        place = rendition.sealed.holder if rendition else item and item.compartment
        if item is None or place not in compartments or purpose not in item.uses_of(Id(shown)):
            raise CustodyError("C67", "a search showed what it may not show", found=shown)
    for told in event.data.get("told", ()):
        item = ledger.items.get(Id(told))
        if item is None or item.compartment not in compartments or not item.rights.may_be_told:
            raise CustodyError("C67", "a search told of what it may not tell of", found=told)


def reading(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    data = event.data
    item, rendition = known_item(ledger, data["item"]), ledger.renditions.get(Id(data["rendition"]))
    if rendition is None or rendition.item != item.item:
        raise CustodyError("C64", "a reading of a rendition that the item does not have", found=item.item)
    grant = demand(
        ledger,
        event,
        Action.READ,
        rendition.sealed.holder,
        purpose=Use(data["purpose"]),
        item=item.item,
        rendition=rendition.rendition,
    )
    if grant.grant != data["grant"]:
        raise CustodyError("C67", "a reading names another grant than covers it", expected=grant.grant)


def fixity(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    ledger.fixity = (event.at, Outcome(event.data["outcome"]))
