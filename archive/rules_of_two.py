"""Rules for acts that take two persons: one who manages a compartment proposes, another approves."""

from dataclasses import replace
from datetime import datetime, timedelta

from archive.errors import CustodyError
from archive.events import CustodyEvent, format_moment
from archive.ids import Id
from archive.kinds import Act
from archive.lawful import demand, demand_any, known_compartment, known_item, sealed_into
from archive.ledger import Ledger
from archive.nouns import Action, Compartment, Proposal
from archive.policy import MAY_PROPOSE
from archive.uses import Use

#: How long a proposal can be approved and used.
VALID_DAYS = 30


def proposal(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    known, act = known_compartment(ledger, data["compartment"]), Act(data["act"])
    # For whatever purpose: what is proposed names its own.
    demand_any(ledger, event, {MAY_PROPOSE[act], Action.MANAGE}, known.compartment)
    if Id(data["proposal"]) in ledger.proposals:
        raise CustodyError("C64", "a proposal is made once", found=data["proposal"])
    if data["until"] > _latest(event.at):
        raise CustodyError("C64", "a proposal is valid for too long", expected=f"{VALID_DAYS} days")
    named = (data["agent"] is not None, data["item"] is not None)
    if named != (act is Act.GRANT, act in (Act.DESTROY, Act.RELEASE)):
        raise CustodyError("C64", "a proposal names what it is about, and nothing else", found=act)
    if data["item"] is not None and known_item(ledger, data["item"]).compartment != known.compartment:
        raise CustodyError("C64", "a proposal about an item that is elsewhere")
    reason = sealed_into(ledger, data["reason"])
    if reason.holder != known.compartment:
        raise CustodyError("C68", "a reason is sealed elsewhere than where it belongs")
    ledger.put_sealed(reason)
    ledger.proposals[Id(data["proposal"])] = Proposal(
        Id(data["proposal"]),
        known.compartment,
        event.agent,
        act,
        Id(data["agent"]) if data["agent"] else None,
        Id(data["item"]) if data["item"] else None,
        frozenset(Action(word) for word in data["actions"]),
        frozenset(Use(word) for word in data["purposes"]),
        data["ends"],
        data["until"],
        reason,
        index,
    )


def approval(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """Another who manages the compartment approves; whoever proposed may only take it back."""
    known = _known(ledger, event.data["proposal"])
    demand(ledger, event, MAY_PROPOSE[Act(known.act)], known.compartment, Action.MANAGE)
    if known.used is not None or known.approver is not None:
        raise CustodyError("C64", "a proposal is answered once", found=known.proposal)
    if not event.data["approved"]:
        ledger.proposals[known.proposal] = replace(known, used=index)
        return
    if event.agent not in ledger.managers(known.compartment, event.at):
        raise CustodyError("C63", "only one who manages the compartment approves", found=event.agent)
    if event.agent == known.proposer or event.at > known.until:
        raise CustodyError("C63", "a proposal is approved by another person, in time", found=known.proposal)
    ledger.proposals[known.proposal] = replace(known, approver=event.agent)


def setting(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """Whether a compartment takes two persons. Ending that takes two; so does beginning, to be there."""
    data = event.data
    known = known_compartment(ledger, data["compartment"])
    demand(ledger, event, Action.MANAGE, known.compartment)
    if data["two_person"] and len(ledger.managers(known.compartment, event.at)) < 2:
        raise CustodyError("C63", "two must manage a compartment in which it takes two")
    if not data["two_person"]:
        demand_two(ledger, event, known, Act.SETTING, index)
    ledger.compartments[known.compartment] = replace(known, two_person=data["two_person"])


def demand_two(ledger: Ledger, event: CustodyEvent, known: Compartment, act: Act, index: int) -> None:
    """Where a compartment takes two persons, demand the approved proposal that the event names (C59)."""
    if not known.two_person:
        return
    if event.data.get("proposal") is None:
        raise CustodyError("C59", "this takes two persons here: propose it", found=act)
    one = _known(ledger, event.data["proposal"])
    if one.approver is None or one.used is not None or event.at > one.until:
        raise CustodyError("C59", "the proposal is not approved, is over, or was used", found=one.proposal)
    if event.agent not in (one.proposer, one.approver) or not _is_what_was_proposed(event, known, act, one):
        raise CustodyError("C59", "something else was proposed", found=one.proposal)
    ledger.proposals[one.proposal] = replace(one, used=index)


def _is_what_was_proposed(event: CustodyEvent, known: Compartment, act: Act, one: Proposal) -> bool:
    data = event.data
    if (known.compartment, act) != (one.compartment, one.act):
        return False
    if act is not Act.GRANT:
        return data.get("item") == one.item
    return (
        (data["agent"], data["ends"]) == (one.agent, one.ends)
        and {*data["actions"]} == {*one.actions}
        and {*data["purposes"]} == {*one.purposes}
    )


def _latest(at: str) -> str:
    try:
        return format_moment(datetime.fromisoformat(at) + timedelta(days=VALID_DAYS))
    except (ValueError, OverflowError):
        raise CustodyError("C64", "an event of no day in the calendar", found=at) from None


def _known(ledger: Ledger, value: str) -> Proposal:
    found = ledger.proposals.get(Id(value))
    if found is None:
        raise CustodyError("C64", "an event names a proposal that does not exist", found=value)
    return found
