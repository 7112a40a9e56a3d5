"""Rules for the further forms of items, and for reading who a pseudonym stands for."""

from typing import Any

from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import Act, RenditionKind
from archive.lawful import demand, demand_any, known_compartment, known_item, sealed_into
from archive.ledger import Ledger
from archive.nouns import Action, Item, Rendition, SealedRef
from archive.policy import released_for
from archive.rules_of_two import demand_two
from archive.uses import STORE_ONLY, Use

#: Renditions that the archive's own agent derives, and nobody else.
_DERIVED = frozenset({RenditionKind.TEXT.value, RenditionKind.THUMBNAIL.value})


def rendition(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    item = known_item(ledger, data["item"])
    rendition = Id(data["rendition"])
    if rendition in ledger.renditions:
        raise CustodyError("C64", "a rendition is added once", found=rendition)
    sealed = sealed_into(ledger, data["sealed"])
    source = _source(item, data.get("source"))
    uses = frozenset(map(Use, data["uses"])) if data.get("uses") is not None else None
    if uses is not None and data["kind"] != RenditionKind.REDACTION:
        raise CustodyError("C66", "only a redaction has uses of its own", found=rendition)
    _check_maker(ledger, event, item, sealed, source)
    if data["kind"] == RenditionKind.REDACTION:
        _check_redaction(ledger, event, item, sealed, index)
        ledger.rights_changes += 1
    ledger.put_rendition(
        Rendition(
            rendition, item.item, data["kind"], sealed, index, uses, source.rendition if source else None
        )
    )


def _source(item: Item, value: str | None) -> Rendition | None:
    """Return the form from which another is derived, which is one of the same item (C64)."""
    if value is None:
        return None
    found = item.renditions.get(Id(value))
    if found is None:
        raise CustodyError("C64", "a form derived from one that the item does not have", found=value)
    return found


def _check_maker(
    ledger: Ledger, event: CustodyEvent, item: Item, sealed: SealedRef, source: Rendition | None
) -> None:
    """Texts come from the archive itself, where their source is; all else from people with a right there."""
    derived = event.data["kind"] in _DERIVED
    place = source.sealed.holder if source else item.compartment
    if derived != (event.agent == ledger.archive_agent) or (derived and sealed.holder != place):
        raise CustodyError("C63", "texts and thumbnails come from the archive itself, others do not")
    if derived:
        return
    demand(ledger, event, Action.CONTRIBUTE, sealed.holder, Action.DESCRIBE)
    if event.data["kind"] != RenditionKind.REDACTION and event.agent != item.depositor:
        demand(ledger, event, Action.DESCRIBE, item.compartment)


def _check_redaction(ledger: Ledger, event: CustodyEvent, item: Item, sealed: SealedRef, index: int) -> None:
    """A redaction takes what a release takes, and somebody who agreed to more than that it is kept.

    Wider uses than the item has are for whoever may release it for them. Where releasing takes two persons,
    so does a redaction that others than before, or for other uses, may read.
    """
    data = event.data
    demand_any(ledger, event, {Action.RELEASE}, item.compartment)
    if item.rights.uses == STORE_ONLY:
        raise CustodyError("C66", "a redaction of what is stored only", found=item.item)
    wider = frozenset(map(Use, data.get("uses") or ())) - item.rights.uses
    if wider - released_for(ledger, event.agent, item.compartment, event.at):
        raise CustodyError("C67", "a redaction for uses that nobody may release it for", found=item.item)
    if wider or sealed.holder != item.compartment:
        demand_two(ledger, event, ledger.compartments[item.compartment], Act.RELEASE, index)
    if data.get("reason") is not None:
        _put_reason(ledger, data["reason"], item.compartment, item.item)


def _put_reason(ledger: Ledger, value: dict[str, Any], place: Id, about: Id) -> None:
    reason = sealed_into(ledger, value)
    if reason.holder != place:
        raise CustodyError("C67", "a reason is sealed elsewhere than what it is about", found=about)
    ledger.put_sealed(reason, about)


def unmasking(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    """Who a pseudonym stands for was read: a record of a companion compartment, opened with a reason.

    Where it was asked about an item, that is one of the compartment accompanied, and it may be used for the
    purpose: whoever withdraws what she said is not to be looked up for it.
    """
    data = event.data
    head = ledger.records.get(Id(data["record"]))
    first = known_compartment(ledger, head.sealed.holder).companion_of if head else None
    if head is None or first is None:
        raise CustodyError("C64", "an unmasking of what is no identity", found=data["record"])
    grant = demand(ledger, event, Action.READ, head.sealed.holder, purpose=Use(data["purpose"]))
    if grant.grant != data["grant"]:
        raise CustodyError("C67", "an unmasking names another grant than covers it", expected=grant.grant)
    if data.get("item") is not None:
        item = known_item(ledger, data["item"])
        if item.compartment != first:
            raise CustodyError("C64", "an unmasking about an item of another compartment", found=item.item)
        if Use(data["purpose"]) not in item.rights.uses:
            raise CustodyError("C67", "an unmasking for what nobody agreed to", found=item.item)
    _put_reason(ledger, data["reason"], head.sealed.holder, head.record)
