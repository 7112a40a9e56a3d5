"""Founding compartments."""

import re
from dataclasses import dataclass

from archive.access.grants import Prepared, Terms, demand, prepare_grant, record, seal_recovery
from archive.access.keyring import Held, find_label, keyring
from archive.access.parts import Archive
from archive.access.signin import Sitting, demand_role, pen
from archive.author import Author
from archive.errors import AccessError, IntakeError
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.nouns import Action, Agent, Compartment, Role
from archive.uses import Use
from keys.identities import Identity
from keys.trustees import split_identity, trustees_of
from storage.catalogue.rows import CompartmentRow

COMPANION = ".identities"
_LABEL = re.compile(r"[\w][\w.-]{0,63}")
_FOUNDER = frozenset({Action.CONTRIBUTE, Action.DESCRIBE, Action.READ, Action.AUDIT, Action.MANAGE})


@dataclass(frozen=True, slots=True)
class Plan:
    """A compartment to be founded; `recovery` is the recipient that can always open it.

    `trustees` are those who hold its shares, where they are not the archive's.
    """

    label: str
    companion_of: Id | None = None
    authority: bool = False
    sealed: bool = False
    recovery: str = ""
    trustees: dict[str, str] | None = None


def found(archive: Archive, sitting: Sitting, label: str, *, sealed: bool = False) -> list[str]:
    """Found a compartment and its stricter companion; custodians only.

    Return the recovery shares (2 of 3) of a sealed compartment, which are never shown again; else nothing.
    """
    demand_role(sitting, Role.CUSTODIAN)
    check_label(label)
    held = keyring(archive, sitting)
    if any(one.label in (label, label + COMPANION) for one in held.values()):
        raise AccessError("A10", "a compartment of that label exists")
    ledger = archive.ledger()
    author = pen(archive, sitting)
    own = Identity.generate(archive.random) if sealed else None
    recovery = own.recipient.text if own else ledger.recovery

    def plan(label: str, first: Id | None = None) -> Plan:
        # Each compartment's trustees are an agent of their own, with one and the same key.
        trustees = trustees_of(own, new_id(archive.random)) if own else None
        return Plan(label, companion_of=first, sealed=sealed, recovery=recovery, trustees=trustees)

    first, prepared = prepare(archive.archive, author, sitting.agent, plan(label))
    prepared += prepare(archive.archive, author, sitting.agent, plan(label + COMPANION, first))[1]
    record(archive, prepared)
    return split_identity(own, 2, 3) if own else []


def check_label(label: str) -> None:
    """Refuse (I61) a label that is not 1 to 64 letters, digits, dots, hyphens or underscores."""
    if not _LABEL.fullmatch(label) or label.endswith(COMPANION):
        raise IntakeError(
            "I61", "not a label", expected="letters, digits, . - _ and not the ending .identities"
        )


def prepare(archive: Id, author: Author, founder: Agent, plan: Plan) -> tuple[Id, list[Prepared]]:
    """Write the founding of one compartment and the founder's grant in it; return its id and both."""
    compartment, identity = new_id(author.random), Identity.generate(author.random)
    recovery = seal_recovery(
        archive, author, compartment, label=plan.label, epoch=1, identity=identity, recovery=plan.recovery
    )
    signed = author.write(
        Kind.COMPARTMENT,
        {
            "compartment": compartment,
            "companion_of": plan.companion_of,
            "authority": plan.authority,
            "sealed": plan.sealed,
            "recipient": identity.recipient.text,
            "recovery_recipient": plan.recovery,
            "recovery": recovery.ref.as_data(),
            "trustees": plan.trustees,
        },
    )
    row = CompartmentRow(compartment, plan.companion_of, plan.sealed, signed.event)
    founded = Prepared(signed, (recovery.row(signed.event),), (row,))
    noun = Compartment(
        compartment,
        plan.companion_of,
        plan.authority,
        plan.sealed,
        author.agent,
        (identity.recipient.text,),
        plan.recovery,
        (recovery.ref,),
        0,
    )
    held = Held(compartment, plan.label, {} if plan.sealed else {1: identity})
    actions = _FOUNDER - {Action.READ} if plan.sealed else _FOUNDER
    terms = Terms(actions, frozenset(Use) - {Use.STORE}, None, "founder")
    grant = prepare_grant(archive, author, noun, held=held, agent=founder, terms=terms)
    return compartment, [founded, grant]


def disclose(archive: Archive, sitting: Sitting, label: str, *, proposal: Id | None = None) -> str:
    """Hand out a compartment's identities, newest first, to open the archive without us; logged before.

    Where it takes two persons, `proposal` is the approved one (C59 without it).
    """
    held = find_label(keyring(archive, sitting), label)
    author = pen(archive, sitting)
    grant = demand(archive, author, Action.MANAGE, held.compartment)
    if not held.identities:
        raise AccessError("A06", "this compartment is sealed: nobody holds its identity")
    data = {"compartment": held.compartment, "grant": grant.grant, "proposal": proposal}
    archive.custody.record([author.write(Kind.IDENTITY, data)])
    return "\n".join(identity.text for _, identity in sorted(held.identities.items(), reverse=True))
