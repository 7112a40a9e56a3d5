"""What the rules of custody share: looking up what an event names, and demanding a right to it."""

from collections.abc import Collection
from typing import Any, TypeVar

from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.ledger import Ledger
from archive.nouns import Action, Agent, Compartment, Grant, Item, SealedRef
from archive.policy import Allowed, Request, decide
from archive.uses import Use

Noun = TypeVar("Noun")


def demand(
    ledger: Ledger,
    event: CustodyEvent,
    action: Action,
    compartment: Id,
    *others: Action,
    purpose: Use | None = None,
    item: Id | None = None,
    rendition: Id | None = None,
) -> Grant:
    """Return the grant that allows the event by any of the actions; raise C67 when none does."""
    reasons = []
    for one in (action, *others):
        decision = decide(ledger, Request(event.agent, one, compartment, event.at, purpose, item, rendition))
        if isinstance(decision, Allowed):
            return decision.grant
        reasons.append(decision.reason.value)
    raise CustodyError("C67", f"{event.kind.value} without a right to it", found=", ".join(reasons))


def demand_any(ledger: Ledger, event: CustodyEvent, actions: Collection[Action], compartment: Id) -> Grant:
    """Return a grant in force there that allows any of the actions, for whatever purpose; else raise C67."""
    for grant in ledger.grants_in_force(event.agent, event.at):
        if grant.compartment == compartment and grant.actions.intersection(actions):
            return grant
    raise CustodyError("C67", f"{event.kind.value} without a right to it", found="no-grant")


def known_agent(ledger: Ledger, value: str) -> Agent:
    return _known(ledger.agents, value, "agent")


def known_compartment(ledger: Ledger, value: str) -> Compartment:
    return _known(ledger.compartments, value, "compartment")


def sealed_into(ledger: Ledger, value: dict[str, Any]) -> SealedRef:
    """Read a reference to something new, sealed to a compartment in an epoch that it has (raises C64).

    A body is in one place only: else destroying it there would destroy it here.
    """
    sealed = SealedRef.of(value)
    epochs = known_compartment(ledger, sealed.holder).epoch
    if sealed.epoch > epochs:
        raise CustodyError(
            "C64", "sealed to an epoch that does not exist", expected=f"at most {epochs}", found=sealed.epoch
        )
    if sealed.body in ledger.bodies:
        raise CustodyError("C64", "a sealed body is logged once", found=sealed.body)
    return sealed


def put_reason(ledger: Ledger, value: dict[str, Any], item: Item) -> SealedRef:
    """Take in a reason, which is sealed to the compartment of the item it is about (C68)."""
    reason = sealed_into(ledger, value)
    if reason.holder != item.compartment:
        raise CustodyError("C68", "a reason is sealed elsewhere than where it belongs", found=item.item)
    ledger.put_sealed(reason, item.item)
    return reason


def known_grant(ledger: Ledger, value: str) -> Grant:
    return _known(ledger.grants, value, "grant")


def known_item(ledger: Ledger, value: str) -> Item:
    return _known(ledger.items, value, "item")


def _known(held: dict[Id, Noun], value: str, noun: str) -> Noun:
    found = held.get(Id(value))
    if found is None:
        raise CustodyError("C64", f"an event names a {noun} that does not exist", found=value)
    return found
