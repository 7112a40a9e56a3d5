"""Rules for handing originals on: by who holds one, to one person at a time, taken over by that person only.

The archive holds sealed copies; the paper, card or telephone itself is in somebody's hands. The offer is
signed by who gives it away, the acceptance by who takes it over.
"""

from dataclasses import replace

from archive.digests import Digest
from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.lawful import known_agent, known_item, sealed_into
from archive.ledger import Ledger
from archive.nouns import Agent, Item, Role, SealedRef, Transfer

#: Whoever audits is told no text, and an offer has one.
TAKERS = frozenset({Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN})


def may_give(ledger: Ledger, agent: Id, item: Item, at: str) -> bool:
    """Say whether an agent may offer the original of an item to another.

    Its holder may. Where that is nobody who can sign, whoever manages the compartment speaks for it: for what
    came in a pack, and for what somebody holds who was suspended.
    """
    holder = ledger.agents.get(ledger.holder(item))
    if holder is not None and holder.recipient is not None and holder.suspended is None:
        return holder.agent == agent
    return agent in ledger.managers(item.compartment, at)


def may_take(agent: Agent, giver: Id) -> bool:
    """Say whether an original can be offered to an agent."""
    person = agent.recipient is not None and agent.role in TAKERS
    return person and agent.suspended is None and agent.agent != giver


def transfer(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    item, taker = known_item(ledger, data["item"]), known_agent(ledger, data["to"])
    if not may_give(ledger, event.agent, item, event.at):
        raise CustodyError("C69", "an item is offered by somebody who does not hold it", found=item.item)
    if not may_take(taker, event.agent):
        raise CustodyError("C69", "an item is offered to somebody who cannot take it", found=taker.agent)
    if Id(data["transfer"]) in ledger.transfers or any(one.open for one in ledger.transfers_of(item.item)):
        raise CustodyError("C69", "an item is offered to one person at a time", found=item.item)
    details, copy = sealed_into(ledger, data["details"]), SealedRef.of(data["copy"])
    if details.holder != item.compartment or (copy.holder, copy.epoch) != (taker.agent, taker.key):
        raise CustodyError("C68", "an offer is sealed elsewhere than where it belongs", found=item.item)
    for sealed in (details, copy):
        ledger.put_sealed(sealed, item.item)
    ledger.transfers[Id(data["transfer"])] = Transfer(
        Id(data["transfer"]),
        item.item,
        event.agent,
        taker.agent,
        data["medium"],
        Digest(data["seal"]) if data["seal"] else None,
        Digest(data["basis"]),
        details,
        copy,
        event.at,
        index,
    )


def acceptance(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    known = _open(ledger, event)
    if event.agent != known.taker:
        raise CustodyError("C69", "an offer is taken by somebody else", found=known.transfer)
    ledger.transfers[known.transfer] = replace(known, taken=index, outcome=event.data["outcome"])
    ledger.takers[known.item] = event.agent


def retraction(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """It is refused by whom it was made to, or withdrawn by who made it or could make it now."""
    known = _open(ledger, event)
    item = known_item(ledger, known.item)
    if event.agent not in (known.taker, known.giver) and not may_give(ledger, event.agent, item, event.at):
        raise CustodyError("C69", "an offer is ended by a stranger to it", found=known.transfer)
    ledger.transfers[known.transfer] = replace(known, over=index)


def _open(ledger: Ledger, event: CustodyEvent) -> Transfer:
    known = ledger.transfers.get(Id(event.data["transfer"]))
    if known is None or known.item != event.data["item"] or not known.open:
        raise CustodyError(
            "C69", "an offer that there is not, or that was answered", found=event.data["transfer"]
        )
    return known
