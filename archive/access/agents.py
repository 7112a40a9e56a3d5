"""Enrolling agents."""

import re
from dataclasses import dataclass

from archive.access.parts import Archive
from archive.access.signin import Sitting, demand_role, handle_commitment, new_salt, pen
from archive.codec import b64
from archive.digests import Digest
from archive.errors import AccessError, IntakeError
from archive.ids import Id, Random, new_id
from archive.kinds import Kind
from archive.nouns import Agent, Role
from keys.identities import Identity
from keys.keyfile import AgentSecret, format_key_file
from keys.signing import SigningKey
from storage.catalogue.rows import AgentRow

_HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class NewAgent:
    """Fresh keys under a handle, before they are enrolled."""

    agent: Id
    handle: str
    salt: bytes
    role: Role
    identity: Identity
    signing: SigningKey

    def as_data(self, *, issued: bool) -> dict[str, object]:
        """Write what the log is to say of the agent."""
        return {
            "agent": self.agent,
            "role": self.role.value,
            "recipient": self.identity.recipient.text,
            "signing_key": b64(self.signing.public),
            "handle": handle_commitment(self.salt, self.handle),
            "issued": issued,
        }

    def as_agent(self) -> Agent:
        """Return the agent as the log will know her, for what is written together with her enrolment."""
        return Agent(
            self.agent,
            self.role,
            self.identity.recipient.text,
            (self.signing.public,),
            handle_commitment(self.salt, self.handle),
            False,
            0,
        )


def new_agent(handle: str, role: Role, random: Random) -> NewAgent:
    """Generate an agent's keys; refuse (I60) a handle that is not 1 to 32 of a-z 0-9 . _ -"""
    if not _HANDLE.fullmatch(handle):
        raise IntakeError("I60", "not a handle", expected="1 to 32 of a-z, 0-9, dot, hyphen, underscore")
    return NewAgent(
        new_id(random), handle, new_salt(random), role, Identity.generate(random), SigningKey.generate(random)
    )


def key_file_row(
    archive: Id,
    agent: NewAgent,
    passphrase: str,
    event: Id,
    *,
    pin: tuple[Digest, int, bytes],
    log_n: int,
    random: Random,
    issued: bool = True,
) -> AgentRow:
    """Seal the keys under the passphrase; `pin` is the genesis digest and the checkpoint's size and root."""
    genesis, size, root = pin
    secret = AgentSecret(
        identity=agent.identity,
        signing=agent.signing,
        agent=agent.agent,
        archive=archive,
        genesis=genesis,
        size=size,
        root=root,
        issued=issued,
    )
    return AgentRow(
        agent=agent.agent,
        handle=agent.handle,
        handle_salt=agent.salt,
        role=agent.role.value,
        key_file=format_key_file(secret, passphrase, log_n=log_n, random=random),
        event=event,
    )


def enrol(archive: Archive, sitting: Sitting, handle: str, role: Role, passphrase: str) -> Id:
    """Enrol an agent with issued keys, opened by `passphrase`; custodians only. Return her id."""
    demand_role(sitting, Role.CUSTODIAN)
    if archive.catalogue.agents.by_handle(handle) is not None:
        raise AccessError("A03", "this handle is taken")
    agent = new_agent(handle, role, archive.random)
    signed = pen(archive, sitting).write(Kind.ENROLMENT, agent.as_data(issued=True))
    seen = archive.seen()
    row = key_file_row(
        archive.archive,
        agent,
        passphrase,
        signed.event,
        pin=(Digest.of(archive.log.entry(0)), seen.size, seen.root),
        log_n=archive.log_n,
        random=archive.random,
    )
    archive.custody.record([signed], agents=[row])
    return agent.agent
