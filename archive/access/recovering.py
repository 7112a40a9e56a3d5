"""Recovery by trustees: trying their shares, granting anew when nobody can sign in, handing over to others.

Whoever combines a quorum's shares has the recovery identity, and with it the key that signs for the
trustees: no other key of the archive can do what is done here.
"""

from dataclasses import dataclass

from archive.access.agents import NewAgent, key_file_row, new_agent
from archive.access.grants import Prepared, Terms, prepare_grant, seal_recovery
from archive.access.keyring import Held, intact, keyring
from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row, demand_role, pen
from archive.author import Author, Signed
from archive.digests import Digest
from archive.errors import AccessError
from archive.events import Signer
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.ledger import Ledger
from archive.nouns import Action, Agent, Compartment, Role
from archive.policy import ACTIONS_OF
from archive.uses import Use
from keys.identities import Identity
from keys.trustees import trustees_key, trustees_of
from storage.catalogue.rows import AgentRow, SealedRow

_FULL = frozenset({Action.CONTRIBUTE, Action.DESCRIBE, Action.READ, Action.AUDIT, Action.MANAGE})


@dataclass(frozen=True, slots=True)
class Quorum:
    """Trustees whose shares were combined: who signs for them, and the compartments they can open."""

    agent: Id
    identity: Identity
    compartments: tuple[Compartment, ...]


def quorum_of(archive: Archive, identity: Identity) -> Quorum:
    """Return the trustees that a combined identity belongs to (A50 when it is of nobody here now)."""
    ledger, public = archive.ledger(), trustees_key(identity).public
    if ledger.trustees is None:
        raise AccessError("A50", "trustees of the first release cannot sign: a custodian replaces them first")
    agents = {
        one.agent
        for one in ledger.agents.values()
        if one.recipient is None and one.suspended is None and one.signing_key == public
    } - {ledger.archive_agent}
    opened = tuple(
        one
        for one in ledger.compartments.values()
        if one.trustees in agents and one.recovery_recipient == identity.recipient.text
    )
    if not agents or not opened:
        raise AccessError("A50", "these shares are not of the trustees of this archive, or of earlier ones")
    agent = ledger.trustees if ledger.trustees in agents else opened[0].trustees
    assert agent is not None
    return Quorum(agent, identity, opened)


def drill(archive: Archive, sitting: Sitting, identity: Identity) -> int:
    """Try the shares: open every recovery copy, and log that it worked; custodians only.

    Return how many compartments they open. Raises what opening raises when one does not.
    """
    demand_role(sitting, Role.CUSTODIAN)
    quorum = quorum_of(archive, identity)
    for compartment in quorum.compartments:
        opened_by(archive, quorum, compartment)
    agents = {one.trustees for one in quorum.compartments if one.trustees}
    author, key = pen(archive, sitting), trustees_key(identity)
    signed = [
        author.write(Kind.DRILL, {"trustees": agent}, also=[Signer(agent, 1, key.sign)])
        for agent in sorted(agents)
    ]
    archive.custody.record(signed)
    return len(quorum.compartments)


def recover(archive: Archive, identity: Identity, handle: str, passphrase: str) -> Id:
    """Grant everything that the trustees can open to the agent `handle`, who is enrolled if there is none.

    Nobody has to be signed in. An agent who is there keeps her keys and passphrase; she must be a custodian
    and not suspended (A51). Return her id.
    """
    quorum = quorum_of(archive, identity)
    row = archive.catalogue.agents.by_handle(handle)
    signed, rows = list[Signed](), list[AgentRow]()
    if row is None:
        if quorum.agent != archive.ledger().trustees:
            raise AccessError("A52", "trustees of one compartment enrol nobody: name an agent who is here")
        new = new_agent(handle, Role.CUSTODIAN, archive.random)
        agent = new.as_agent()
        enrolled, key_row = _enrolled(archive, _pen_of(archive, quorum, quorum.agent), new, passphrase)
        signed, rows = [enrolled], [key_row]
    else:
        agent = check_row(archive.ledger(), row)
        if agent.suspended is not None or agent.role is not Role.CUSTODIAN:
            raise AccessError("A51", "recovery is to a custodian who is not suspended")
    prepared = [_granted(archive, quorum, one, agent) for one in quorum.compartments]
    archive.custody.record(
        [*signed, *(one.signed for one in prepared)],
        agents=rows,
        sealed=[row for one in prepared for row in one.rows],
    )
    return agent.agent


def replace_trustees(
    archive: Archive, sitting: Sitting, old: Identity | None, new: Identity
) -> tuple[int, list[Id]]:
    """Appoint new trustees, who share the identity `new`, and seal everything to them; custodians only.

    With the identity of the present ones, of everything they can open; without it, of what the custodian
    holds. Where that is a sealed compartment, it is its own trustees who are replaced, and they sign for it.
    Return how many compartments were sealed to them, and which still have recovery copies of the old.
    """
    demand_role(sitting, Role.CUSTODIAN)
    quorum = quorum_of(archive, old) if old else None
    ledger, agent = archive.ledger(), new_id(archive.random)
    if quorum is not None and quorum.agent != ledger.trustees:
        return _handed_over(archive, quorum, new), []
    author = pen(archive, sitting)
    data = {"scope": None, "trustees": trustees_of(new, agent), "recovery": new.recipient.text}
    signed = [author.write(Kind.TRUSTEES, data, also=[Signer(agent, 1, trustees_key(new).sign)])]
    held, rows, left = keyring(archive, sitting), list[SealedRow](), list[Id]()
    for one in list(ledger.compartments.values()):
        if one.sealed:
            continue
        opened = _identities(archive, quorum, one, held)
        if opened is None:
            left.append(one.compartment)
            continue
        by = author
        if quorum is not None and one in quorum.compartments and one.trustees is not None:
            # The old trustees sign for what the custodian himself may not manage.
            by = _pen_of(archive, quorum, one.trustees)
        prepared = _resealed(archive, by, one, opened, new)
        signed.append(prepared.signed)
        rows += prepared.rows
    archive.custody.record(signed, sealed=rows)
    archive.catalogue.scrub()
    return len(signed) - 1, left


def _handed_over(archive: Archive, quorum: Quorum, new: Identity) -> int:
    """Let the trustees of sealed compartments appoint those who follow them, and seal everything to those."""
    signed, rows, key = list[Signed](), list[SealedRow](), trustees_key(new)
    for one in quorum.compartments:
        assert one.trustees is not None
        agent = new_id(archive.random)
        data = {
            "scope": one.compartment,
            "trustees": trustees_of(new, agent),
            "recovery": new.recipient.text,
        }
        pen_before = _pen_of(archive, quorum, one.trustees)
        signed.append(pen_before.write(Kind.TRUSTEES, data, also=[Signer(agent, 1, key.sign)]))
        pen_after = _pen_of(archive, Quorum(agent, new, ()), agent)
        prepared = _resealed(archive, pen_after, one, opened_by(archive, quorum, one), new)
        signed.append(prepared.signed)
        rows += prepared.rows
    archive.custody.record(signed, sealed=rows)
    archive.catalogue.scrub()
    return len(quorum.compartments)


def opened_by(archive: Archive, quorum: Quorum, compartment: Compartment) -> Held:
    """Open the recovery copies of a compartment: its label, and its identities (K13 for others)."""
    label, identities = "", dict[int, Identity]()
    for epoch, ref in enumerate(compartment.recovery, 1):
        binding = Binding(
            archive.archive, "recovery", compartment.compartment, epoch, compartment.compartment, epoch
        )
        data = open_structure(archive, ref, binding, [quorum.identity])
        label, identities[epoch] = data["label"], Identity.parse(data["identity"])
        if identities[epoch].recipient.text != compartment.recipients[epoch - 1]:
            raise AccessError("A54", "a recovery copy holds another identity than the log names")
    return Held(compartment.compartment, label, identities)


def last_drill(ledger: Ledger) -> str | None:
    """Return when the present trustees of the archive last tried their shares, or None."""
    return ledger.drills.get(ledger.trustees) if ledger.trustees else None


def drills_of_sealed(ledger: Ledger) -> list[str | None]:
    """Return the same for each sealed compartment, which has trustees of its own."""
    return [
        ledger.drills.get(one.trustees) for one in ledger.compartments.values() if one.sealed and one.trustees
    ]


def _pen_of(archive: Archive, quorum: Quorum, agent: Id) -> Author:
    return Author(
        agent,
        trustees_key(quorum.identity).sign,
        archive.ledger().origin,
        archive.seen(),
        archive.clock,
        archive.random,
    )


def _enrolled(archive: Archive, author: Author, new: NewAgent, passphrase: str) -> tuple[Signed, AgentRow]:
    signed = author.write(Kind.ENROLMENT, new.as_data(issued=True))
    seen = archive.seen()
    row = key_file_row(
        archive.archive,
        new,
        passphrase,
        signed.event,
        pin=(Digest.of(archive.log.entry(0)), seen.size, seen.root),
        log_n=archive.log_n,
        random=archive.random,
    )
    return signed, row


def _granted(archive: Archive, quorum: Quorum, compartment: Compartment, agent: Agent) -> Prepared:
    assert compartment.trustees is not None
    terms = Terms(
        _FULL & ACTIONS_OF[agent.role], frozenset(Use) - {Use.STORE}, None, "recovered by the trustees"
    )
    return prepare_grant(
        archive.archive,
        _pen_of(archive, quorum, compartment.trustees),
        compartment,
        held=opened_by(archive, quorum, compartment),
        agent=agent,
        terms=terms,
    )


def _identities(
    archive: Archive, quorum: Quorum | None, compartment: Compartment, held: dict[Id, Held]
) -> Held | None:
    """Return the label and all identities of a compartment, by the old trustees or the custodian's grants."""
    if quorum is not None and compartment in quorum.compartments:
        return opened_by(archive, quorum, compartment)
    known = held.get(compartment.compartment)
    whole = known is not None and sorted(intact(known).identities) == list(range(1, compartment.epoch + 1))
    return known if whole else None


def _resealed(
    archive: Archive, author: Author, compartment: Compartment, opened: Held, new: Identity
) -> Prepared:
    copies = [
        seal_recovery(
            archive.archive,
            author,
            compartment.compartment,
            label=opened.label,
            epoch=epoch,
            identity=identity,
            recovery=new.recipient.text,
        )
        for epoch, identity in sorted(opened.identities.items())
    ]
    keys = [{"epoch": epoch, "sealed": one.ref.as_data()} for epoch, one in enumerate(copies, 1)]
    signed = author.write(Kind.RECOVERY, {"compartment": compartment.compartment, "keys": keys})
    return Prepared(signed, tuple(one.row(signed.event) for one in copies))
