"""Giving and withdrawing rights."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.access.keyring import Held, current_recipient, find_label, grant_binding, keyring
from archive.access.opening import Binding, SealedStructure, seal_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row, pen
from archive.author import Author, Signed
from archive.errors import AccessError
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.nouns import OPENING, Action, Agent, Compartment, Grant
from archive.policy import ACTIONS_OF, Refused, Request, decide, may_release
from archive.uses import Use
from keys.identities import Identity
from keys.recipients import Recipient
from storage.catalogue.rows import CompartmentRow, SealedRow


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grant allows. `ends` is a moment as events write it, or None for no end."""

    actions: frozenset[Action]
    purposes: frozenset[Use]
    ends: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signed event and the rows that come true with it."""

    signed: Signed
    rows: tuple[SealedRow, ...]
    compartments: tuple[CompartmentRow, ...] = ()


def give(
    archive: Archive, sitting: Sitting, handle: str, label: str, terms: Terms, *, proposal: Id | None = None
) -> Id:
    """Give an agent rights in a compartment; needs `manage` there. Return the grant's id.

    Where it takes two persons, `proposal` is the approved one (C59 without it).
    """
    row = archive.catalogue.agents.by_handle(handle)
    if row is None:
        raise AccessError("A04", "no agent has this handle")
    ledger = archive.ledger()
    agent = check_row(ledger, row)
    if not terms.actions or not terms.actions <= ACTIONS_OF[agent.role]:
        allowed = ",".join(sorted(ACTIONS_OF[agent.role]))
        raise AccessError("A05", "the agent's role does not allow these actions", expected=allowed)
    held = find_label(keyring(archive, sitting), label)
    author = pen(archive, sitting)
    demand(archive, author, Action.MANAGE, held.compartment)
    compartment = ledger.compartments[held.compartment]
    if terms.actions & OPENING and not held.identities:
        raise AccessError("A06", "this compartment is sealed: nobody holds its identity")
    prepared = prepare_grant(
        archive.archive,
        author,
        compartment,
        held=held,
        agent=agent,
        terms=terms,
        proposal=proposal,
    )
    record(archive, [prepared])
    return Id(prepared.rows[0].subject)


def record(archive: Archive, prepared: Sequence[Prepared]) -> None:
    """Log prepared events and make their rows come true, all or nothing."""
    archive.custody.record(
        [one.signed for one in prepared],
        compartments=[row for one in prepared for row in one.compartments],
        sealed=[row for one in prepared for row in one.rows],
    )


def demand(archive: Archive, author: Author, action: Action, compartment: Id) -> Grant:
    """Return the grant that allows the author this action now, or refuse (A07, with the reason)."""
    decision = decide(archive.ledger(), Request(author.agent, action, compartment, author.now()))
    if isinstance(decision, Refused):
        raise AccessError("A07", f"you may not {action.value} here", found=decision.reason.value)
    return decision.grant


def demand_release(archive: Archive, author: Author, compartment: Id) -> None:
    """Refuse (A07) whoever may not release from a compartment now, for any purpose at all."""
    if not may_release(archive.ledger(), author.agent, compartment, author.now()):
        raise AccessError("A07", "you may not release here", found="no-grant")


def prepare_grant(
    archive: Id,
    author: Author,
    compartment: Compartment,
    *,
    held: Held,
    agent: Agent,
    terms: Terms,
    proposal: Id | None = None,
) -> Prepared:
    """Seal a grant to the agent, its reason to the compartment, and write the event."""
    grant = new_id(author.random)
    opens = bool(terms.actions & OPENING)
    identities = [
        {"epoch": epoch, "identity": identity.text}
        for epoch, identity in sorted(held.identities.items())
        if opens
    ]
    sealed = seal_structure(
        Binding(archive, "grant", grant, 1, compartment.compartment, agent.key),
        {"label": held.label, "identities": identities},
        Recipient.parse(str(agent.recipient)),
        holder=agent.agent,
        random=author.random,
        holder_epoch=agent.key,
    )
    reason = seal_reason(archive, author, compartment, grant, terms.reason)
    signed = author.write(
        Kind.GRANT,
        {
            "grant": grant,
            "agent": agent.agent,
            "compartment": compartment.compartment,
            "epoch": compartment.epoch,
            "actions": sorted(terms.actions),
            "purposes": sorted(terms.purposes),
            "starts": author.now(),
            "ends": terms.ends,
            "reason": reason.ref.as_data(),
            "sealed": sealed.ref.as_data(),
            "proposal": proposal,
        },
    )
    return Prepared(signed, (sealed.row(signed.event), reason.row(signed.event)))


def seal_reason(
    archive: Id, author: Author, compartment: Compartment, grant: Id, text: str
) -> SealedStructure:
    """Seal why a grant was given or withdrawn to the compartment it concerns."""
    return seal_structure(
        Binding(archive, "reason", grant, 1, compartment.compartment, compartment.epoch),
        {"text": text},
        current_recipient(compartment),
        holder=compartment.compartment,
        random=author.random,
        holder_epoch=compartment.epoch,
    )


def revoke(archive: Archive, sitting: Sitting, handle: str, label: str, reason: str) -> int:
    """Withdraw every right of an agent in a compartment and start a new epoch. Return how many grants ended.

    It cannot recall what was read, nor stop someone who kept an identity and copies of the bytes.
    """
    row = archive.catalogue.agents.by_handle(handle)
    if row is None:
        raise AccessError("A04", "no agent has this handle")
    ledger = archive.ledger()
    agent = check_row(ledger, row)
    held = find_label(keyring(archive, sitting), label)
    author = pen(archive, sitting)
    demand(archive, author, Action.MANAGE, held.compartment)
    compartment = ledger.compartments[held.compartment]
    doomed = [g for g in ledger.grants_of(agent.agent, held.compartment) if g.revoked is None]
    if not doomed:
        raise AccessError("A08", "the agent has no rights there")
    if agent.agent == sitting.id:
        raise AccessError("A09", "nobody withdraws his own rights: another custodian does")
    ended = [_end(archive.archive, author, compartment, grant, reason) for grant in doomed]
    kept = [
        g
        for g in ledger.open_grants(held.compartment)
        if g.agent != agent.agent and g.actions & OPENING and (g.ends is None or author.now() <= g.ends)
    ]
    if held.identities:
        ended.append(new_epoch(archive, author, compartment, held, kept))
    record(archive, ended)
    return len(doomed)


def _end(archive: Id, author: Author, compartment: Compartment, grant: Grant, reason: str) -> Prepared:
    sealed = seal_reason(archive, author, compartment, grant.grant, reason)
    signed = author.write(Kind.REVOCATION, {"grant": grant.grant, "reason": sealed.ref.as_data()})
    return Prepared(signed, (sealed.row(signed.event),))


def new_epoch(
    archive: Archive, author: Author, compartment: Compartment, held: Held, kept: Iterable[Grant]
) -> Prepared:
    """Make the next identity; seal it to recovery and to everyone who keeps an opening grant in force."""
    epoch, identity = compartment.epoch + 1, Identity.generate(author.random)
    ledger = archive.ledger()
    recovery = seal_recovery(
        archive.archive,
        author,
        compartment.compartment,
        label=held.label,
        epoch=epoch,
        identity=identity,
        recovery=compartment.recovery_recipient,
    )
    keys = [
        (
            grant.grant,
            seal_structure(
                grant_binding(archive, grant.grant, compartment.compartment, "grant-key", epoch),
                {"epoch": epoch, "identity": identity.text},
                Recipient.parse(str(ledger.agents[grant.agent].recipient)),
                holder=grant.agent,
                random=author.random,
                holder_epoch=ledger.agents[grant.agent].key,
            ),
        )
        for grant in kept
    ]
    signed = author.write(
        Kind.EPOCH,
        {
            "compartment": compartment.compartment,
            "epoch": epoch,
            "recipient": identity.recipient.text,
            "recovery_recipient": compartment.recovery_recipient,
            "recovery": recovery.ref.as_data(),
            "keys": [{"grant": grant, "sealed": key.ref.as_data()} for grant, key in keys],
        },
    )
    return Prepared(signed, (recovery.row(signed.event), *(key.row(signed.event) for _, key in keys)))


def seal_recovery(
    archive: Id, author: Author, compartment: Id, *, label: str, epoch: int, identity: Identity, recovery: str
) -> SealedStructure:
    """Seal a compartment's identity to the recovery recipient, whose identity the trustees hold in shares."""
    return seal_structure(
        Binding(archive, "recovery", compartment, epoch, compartment, epoch),
        {"label": label, "identity": identity.text},
        Recipient.parse(recovery),
        holder=archive,
        random=author.random,
    )
