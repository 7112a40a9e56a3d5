"""Rules for holds and destruction: ordered by who may destroy, delayed, cancellable, never under a hold."""

from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import Act
from archive.lawful import demand, demand_any, known_compartment, known_item, put_reason
from archive.ledger import Ledger
from archive.nouns import Action, Hold, Order
from archive.rules_of_two import demand_two

_WORKING = frozenset({Action.READ, Action.DESCRIBE, Action.RELEASE, Action.MANAGE})


def hold(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    """Whoever works with an item may have it preserved."""
    data, item = event.data, known_item(ledger, event.data["item"])
    demand_any(ledger, event, _WORKING, item.compartment)
    if Id(data["hold"]) in ledger.holds:
        raise CustodyError("C64", "a hold is given once", found=data["hold"])
    ledger.holds[Id(data["hold"])] = Hold(
        Id(data["hold"]), item.item, event.agent, event.at, put_reason(ledger, data["reason"], item)
    )


def lift(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    """A hold is lifted by whoever gave it or manages the compartment."""
    data, item = event.data, known_item(ledger, event.data["item"])
    known = ledger.holds.get(Id(data["hold"]))
    if known is None or known.item != item.item:
        raise CustodyError("C64", "an event names a hold that does not exist", found=data["hold"])
    if event.agent != known.giver:
        demand(ledger, event, Action.MANAGE, item.compartment)
    put_reason(ledger, data["reason"], item)
    del ledger.holds[known.hold]


def order(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """A destruction is ordered once, for later, with the records that tell of the item alone."""
    data, item = event.data, known_item(ledger, event.data["item"])
    demand(ledger, event, Action.DESTROY, item.compartment)
    if ledger.held(item.item):
        raise CustodyError("C58", "the item is under a hold", found=item.item)
    if item.item in ledger.orders or data["due"] < event.at:
        raise CustodyError("C64", "a destruction is ordered once, and for later", found=item.item)
    for record in data["records"]:
        head = ledger.records.get(Id(record))
        if head is None or head.item not in (None, item.item):
            raise CustodyError("C64", "a destruction names a record that is not of the item", found=record)
        demand(ledger, event, Action.DESTROY, head.sealed.holder)
    demand_two(ledger, event, known_compartment(ledger, item.compartment), Act.DESTROY, index)
    ledger.orders[item.item] = Order(
        item.item,
        event.agent,
        event.at,
        data["due"],
        frozenset(map(Id, data["records"])),
        put_reason(ledger, data["reason"], item),
    )


def cancellation(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    data, item = event.data, known_item(ledger, event.data["item"])
    demand(ledger, event, Action.DESTROY, item.compartment, Action.MANAGE)
    if item.item not in ledger.orders:
        raise CustodyError("C64", "there is no destruction to cancel", found=item.item)
    put_reason(ledger, data["reason"], item)
    del ledger.orders[item.item]


def destruction(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """The archive itself destroys what was ordered, once the order is due and nothing holds the item."""
    item = known_item(ledger, event.data["item"])
    known = ledger.orders.get(item.item)
    if event.agent != ledger.archive_agent or known is None or event.at < known.due:
        raise CustodyError("C58", "a destruction that nobody ordered, or not yet due", found=item.item)
    if ledger.held(item.item):
        raise CustodyError("C58", "the item is under a hold", found=item.item)
    del ledger.orders[item.item]
    ledger.bury(item.item, index)
    for record in known.records:
        ledger.bury(record, index)
