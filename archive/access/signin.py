"""Signing in: opening one's key file *is* signing in; there is no separate password hash."""

from collections.abc import Callable
from dataclasses import dataclass

from archive.access.failures import log_failures, note_failure
from archive.access.parts import Archive
from archive.access.second_factor import satisfied
from archive.author import Author
from archive.digests import SALT_BYTES, Digest, commit
from archive.errors import AccessError, CustodyError, KeysError
from archive.ids import Id, Random
from archive.ledger import Ledger
from archive.nouns import Agent, Role
from archive.policy import default_purpose
from archive.uses import Use
from keys.keyfile import AgentSecret, open_key_file
from storage.catalogue.rows import AgentRow

WRONG = "the handle and passphrase do not open a key file here"


@dataclass(frozen=True, slots=True)
class Sitting:
    """One agent at work, for one purpose: who, with which opened secret, as the log knows her."""

    agent: Agent
    handle: str
    secret: AgentSecret
    purpose: Use

    @property
    def id(self) -> Id:
        """The agent's id."""
        return self.agent.agent


def handle_commitment(salt: bytes, handle: str) -> Digest:
    """Commit to a handle: enrolment logs this, so that rows cannot be swapped between agents."""
    return commit(salt, "handle", handle.encode())


def new_salt(random: Random) -> bytes:
    """Return a fresh salt for a commitment."""
    return random(SALT_BYTES)


def sign_in(
    archive: Archive,
    handle: str,
    passphrase: str,
    *,
    code: Callable[[], str] = str,
    purpose: Use | None = None,
) -> Sitting:
    """Open the agent's key file and check it against the log. An unknown handle costs the same (K10).

    `code` asks for the code of her second factor; it is called only if she has one. What fails is counted,
    and what was counted on earlier days is logged when somebody gets in.
    """
    try:
        sitting = _let_in(archive, handle, passphrase, code=code, purpose=purpose)
    except KeysError:
        note_failure(archive)
        raise
    log_failures(archive)
    return sitting


def _let_in(
    archive: Archive, handle: str, passphrase: str, *, code: Callable[[], str], purpose: Use | None
) -> Sitting:
    row, stand_in = archive.catalogue.agents.by_handle(handle), archive.catalogue.agents.any()
    # An unknown handle takes the same path with somebody else's key file, and nothing comes of it.
    opened = row or stand_in
    if opened is None:
        raise KeysError("K10", WRONG)
    try:
        secret = open_key_file(opened.key_file, passphrase, log_n=archive.log_n)
    except KeysError as fault:
        raise (KeysError("K10", WRONG) if row is None or fault.code == "K10" else fault) from None
    if row is None:
        raise KeysError("K10", WRONG)
    sitting = admit(archive, row, secret, purpose=purpose)
    if sitting.agent.factor is None:
        return sitting
    author, typed = pen(archive, sitting), code()
    if not satisfied(archive, sitting.agent, sitting.secret, author=author, typed=typed):
        raise KeysError("K10", WRONG)
    return admit(archive, row, secret, purpose=purpose)


def admit(archive: Archive, row: AgentRow, secret: AgentSecret, *, purpose: Use | None = None) -> Sitting:
    """Check an opened secret against the log and start a sitting.

    1. The log begins with the genesis entry that the key file pins. 2. It still contains the checkpoint its
    owner verified last. 3. Among the keys are those now in force by the log, under this handle and role: a
    key file is written before its keys are logged, so it may hold them too early.
    """
    ledger = archive.ledger()
    check_pins(archive, secret)
    agent = check_row(ledger, row)
    if agent.suspended is not None:
        raise KeysError("K10", WRONG)
    if secret.agent != agent.agent or secret.archive != ledger.archive:
        raise CustodyError("C70", "a key file belongs to another agent or archive", found=secret.agent)
    for pair in secret.pairs:
        if (pair.identity.recipient.text, pair.signing.public) == (agent.recipient, agent.signing_key):
            return Sitting(agent, row.handle, secret.using(pair), purpose or default_purpose(agent.role))
    raise CustodyError("C70", "a key file does not hold the keys that the log enrolled", found=agent.agent)


def check_pins(archive: Archive, secret: AgentSecret) -> None:
    """Check that the log is the one, and not shorter or other than, what the key file's owner last saw."""
    genesis = Digest.of(archive.log.entry(0))
    if genesis != secret.genesis:
        raise CustodyError(
            "C71", "the log does not begin as the key file remembers", expected=secret.genesis, found=genesis
        )
    size = archive.log.checkpoint().size
    if size < secret.size:
        raise CustodyError(
            "C72", "the log is shorter than when last seen", expected=f"at least {secret.size}", found=size
        )
    if archive.log.root_at(secret.size) != secret.root:
        raise CustodyError("C72", "the log was rewritten since it was last seen", found=f"size {secret.size}")


def check_row(ledger: Ledger, row: AgentRow) -> Agent:
    """Hold a catalogue row of an agent against the log (C70)."""
    agent = ledger.agents.get(row.agent)
    if (
        agent is None
        or agent.handle != handle_commitment(row.handle_salt, row.handle)
        or agent.role != row.role
    ):
        raise CustodyError("C70", "an agent's row does not match the log", found=row.agent)
    return agent


def pen(archive: Archive, sitting: Sitting) -> Author:
    """Return the pen of a sitting: it signs with the agent's key and cites the newest checkpoint."""
    return Author(
        sitting.id,
        sitting.secret.signing.sign,
        archive.ledger().origin,
        archive.seen(),
        archive.clock,
        archive.random,
        sitting.agent.key,
    )


def demand_role(sitting: Sitting, role: Role) -> None:
    """Refuse anyone not enrolled as `role` (A01)."""
    if sitting.agent.role is not role:
        raise AccessError("A01", f"only a {role.value} may do this", found=str(sitting.agent.role))
