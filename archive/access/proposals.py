"""Acts that take two persons: one who manages a compartment proposes, another approves.

Approving a grant, or the end of the rule itself, carries it out at once, by the approver. Handing out an
identity and ordering a destruction are done by either of the two, once approved.
"""

from dataclasses import dataclass
from datetime import timedelta

from archive.access.grants import Prepared, Terms, demand, demand_release, give, prepare_grant, record
from archive.access.keyring import Held, current_recipient, find_label, keyring
from archive.access.opening import Binding, open_structure, seal_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row, pen
from archive.author import Author, Signed
from archive.errors import AccessError, SviedkaError
from archive.events import format_moment
from archive.ids import Id, new_id
from archive.kinds import Act, Kind
from archive.nouns import OPENING, Action, Proposal
from archive.policy import MAY_PROPOSE, TWO_PERSON
from archive.rules_of_two import VALID_DAYS


@dataclass(frozen=True, slots=True)
class Wish:
    """What is proposed: an act, and whom or which item it is about; `terms` holds the reason of all acts."""

    act: Act
    terms: Terms
    agent: Id | None = None
    item: Id | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A proposal as one who manages its compartment sees it; `reason` is None where it does not open."""

    proposal: Proposal
    label: str
    reason: str | None
    state: str


def wish(act: Act, reason: str, *, item: Id | None = None) -> Wish:
    """Return a wish for anything but a grant."""
    return Wish(act, Terms(frozenset(), frozenset(), None, reason), item=item)


def propose(archive: Archive, sitting: Sitting, label: str, wanted: Wish) -> Id:
    """Propose an act in a compartment; return the proposal's id. It is valid for 30 days."""
    held = find_label(keyring(archive, sitting), label)
    author, proposal = pen(archive, sitting), new_id(archive.random)
    if wanted.act is Act.RELEASE:
        demand_release(archive, author, held.compartment)
    else:
        demand(archive, author, MAY_PROPOSE[wanted.act], held.compartment)
    compartment = archive.ledger().compartments[held.compartment]
    reason = seal_structure(
        Binding(archive.archive, "reason", proposal, 1, held.compartment, compartment.epoch),
        {"text": wanted.terms.reason},
        current_recipient(compartment),
        holder=held.compartment,
        random=archive.random,
        holder_epoch=compartment.epoch,
    )
    data = {
        "proposal": proposal,
        "compartment": held.compartment,
        "act": wanted.act.value,
        "agent": wanted.agent,
        "item": wanted.item,
        "actions": sorted(wanted.terms.actions),
        "purposes": sorted(wanted.terms.purposes),
        "ends": wanted.terms.ends,
        "until": format_moment(archive.clock() + timedelta(days=VALID_DAYS)),
        "reason": reason.ref.as_data(),
    }
    signed = author.write(Kind.PROPOSAL, data)
    record(archive, [Prepared(signed, (reason.row(signed.event),))])
    return proposal


def give_or_propose(
    archive: Archive, sitting: Sitting, handle: str, label: str, terms: Terms
) -> tuple[Id, bool]:
    """Give a grant or, where that takes two persons, propose it; return the id, and whether it was given."""
    held = find_label(keyring(archive, sitting), label)
    if not (archive.ledger().compartments[held.compartment].two_person and terms.actions & TWO_PERSON):
        return give(archive, sitting, handle, label, terms), True
    row = archive.catalogue.agents.by_handle(handle)
    if row is None:
        raise AccessError("A04", "no agent has this handle")
    agent = check_row(archive.ledger(), row)
    return propose(archive, sitting, label, Wish(Act.GRANT, terms, agent=agent.agent)), False


def proposals(archive: Archive, sitting: Sitting) -> list[Seen]:
    """Return the proposals of the compartments that the agent manages, newest first."""
    author, found = pen(archive, sitting), list[Seen]()
    rings = keyring(archive, sitting)
    for one in reversed(tuple(archive.ledger().proposals.values())):
        held = rings.get(one.compartment)
        if held is not None and sitting.id in archive.ledger().managers(one.compartment, author.now()):
            state = state_of(one, author.now())
            found.append(Seen(one, held.label, _reason(archive, held, one), state))
    return found


def state_of(one: Proposal, now: str) -> str:
    """Say where a proposal stands: open, approved, done, refused, or over."""
    if one.used is not None:
        return "done" if one.approver is not None else "refused"
    if now > one.until:
        return "over"
    return "open" if one.approver is None else "approved"


def _reason(archive: Archive, held: Held, one: Proposal) -> str | None:
    binding = Binding(archive.archive, "reason", one.proposal, 1, one.compartment, one.reason.epoch)
    ref = archive.ledger().present(one.reason)
    try:
        return str(open_structure(archive, ref, binding, [*held.identities.values()])["text"])
    except SviedkaError:
        return None


def approve(archive: Archive, sitting: Sitting, proposal: Id) -> Proposal:
    """Approve what another proposed; a grant, and the end of the rule of two, are carried out at once."""
    one, held = _known(archive, sitting, proposal)
    author = pen(archive, sitting)
    if one.proposer == sitting.id:
        raise AccessError("A13", "a proposal is approved by another person than made it")
    if state_of(one, author.now()) != "open":
        raise AccessError("A14", "this proposal is not open any more")
    approval = author.write(Kind.APPROVAL, {"proposal": proposal, "approved": True})
    prepared = [Prepared(approval, ())]
    if one.act == Act.GRANT:
        prepared.append(_grant(archive, author, held, one))
    if one.act == Act.SETTING:
        prepared.append(Prepared(_setting(author, one.compartment, on=False, proposal=proposal), ()))
    record(archive, prepared)
    return archive.ledger().proposals[proposal]


def refuse(archive: Archive, sitting: Sitting, proposal: Id) -> None:
    """Refuse what another proposed, or take back one's own proposal."""
    one, _ = _known(archive, sitting, proposal)
    author = pen(archive, sitting)
    if one.used is not None or one.approver is not None:
        raise AccessError("A14", "this proposal is not open any more")
    signed = author.write(Kind.APPROVAL, {"proposal": proposal, "approved": False})
    record(archive, [Prepared(signed, ())])


def set_two_person(archive: Archive, sitting: Sitting, label: str) -> None:
    """Let opening and destroying take two persons in a compartment and its companion, which is stricter.

    Each has to have two who manage it (A15).
    """
    held = find_label(keyring(archive, sitting), label)
    author, ledger = pen(archive, sitting), archive.ledger()
    both = [
        one
        for one in tuple(ledger.compartments.values())
        if held.compartment in (one.compartment, one.companion_of) and not one.two_person
    ]
    for one in both:
        demand(archive, author, Action.MANAGE, one.compartment)
        if len(ledger.managers(one.compartment, author.now())) < 2:
            raise AccessError("A15", "two must manage a compartment in which it takes two, and its companion")
    settings = [_setting(author, one.compartment, on=True, proposal=None) for one in both]
    record(archive, [Prepared(one, ()) for one in settings])


def approved(
    archive: Archive, sitting: Sitting, label: str, act: Act, *, item: Id | None = None
) -> Id | None:
    """Return the approved proposal that lets the agent do this; None where it takes one person only (A13)."""
    compartment = find_label(keyring(archive, sitting), label).compartment
    ledger, now = archive.ledger(), format_moment(archive.clock())
    if not ledger.compartments[compartment].two_person:
        return None
    for one in tuple(ledger.proposals.values()):
        wanted = (one.compartment, one.act, one.item) == (compartment, act, item)
        mine = sitting.id in (one.proposer, one.approver)
        if wanted and mine and state_of(one, now) == "approved":
            return one.proposal
    raise AccessError("A13", "this takes two persons here: propose it, and have another approve it")


def _setting(author: Author, compartment: Id, *, on: bool, proposal: Id | None) -> Signed:
    data = {"compartment": compartment, "two_person": on, "proposal": proposal}
    return author.write(Kind.SETTING, data)


def _grant(archive: Archive, author: Author, held: Held, one: Proposal) -> Prepared:
    ledger = archive.ledger()
    reason = _reason(archive, held, one)
    if one.agent is None or reason is None or (one.actions & OPENING and not held.identities):
        raise AccessError("A06", "this compartment is sealed: nobody holds its identity")
    return prepare_grant(
        archive.archive,
        author,
        ledger.compartments[one.compartment],
        held=held,
        agent=ledger.agents[one.agent],
        terms=Terms(one.actions, one.purposes, one.ends, reason),
        proposal=one.proposal,
    )


def _known(archive: Archive, sitting: Sitting, proposal: Id) -> tuple[Proposal, Held]:
    """Return a proposal and its compartment; for whoever does not manage that, there is none (A16)."""
    one = archive.ledger().proposals.get(proposal)
    held = keyring(archive, sitting).get(one.compartment) if one else None
    managers = archive.ledger().managers(one.compartment, format_moment(archive.clock())) if one else ()
    if one is None or held is None or sitting.id not in managers:
        raise AccessError("A16", "there is no such proposal for you")
    return one, held
