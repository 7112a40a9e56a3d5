"""The second factor, as signing in demands it; `archive.access.factors` adds and removes it.

It lies in the catalogue, sealed to its agent, under the digest that the log names: a row that was removed,
altered or put back from before refuses the sign-in (F30).
"""

from archive.access.opening import Binding, SealedStructure, open_structure, seal_structure
from archive.access.parts import Archive
from archive.author import Author, Signed
from archive.ids import Id
from archive.kinds import Credential, Kind
from archive.nouns import Agent
from keys.keyfile import AgentSecret
from keys.otp import Factor
from keys.recipients import Recipient
from storage.locks import exclusive

#: After so many wrong codes in a row only a recovery code signs in: six digits are soon guessed.
MOST_MISSES = 10


def satisfied(archive: Archive, agent: Agent, secret: AgentSecret, *, author: Author, typed: str) -> bool:
    """Say whether `typed` is the code of this moment, or a recovery code; neither counts a second time."""
    with exclusive(archive.folder / "keys.lock"):
        agent = archive.ledger().agents[agent.agent]
        if agent.factor is None:
            return True
        factor = open_factor(archive, agent, secret)
        left = factor.without(typed)
        if left is not None:
            record_factor(archive, author, Credential.CODE_USED, seal_factor(archive, agent, left))
        accepted = left is not None or _is_code(archive, factor, typed)
        _count(archive, factor, typed, accepted=accepted)
        return accepted


def open_factor(archive: Archive, agent: Agent, secret: AgentSecret) -> Factor:
    """Open an agent's second factor (F30, F31, or as keys fail)."""
    assert agent.factor is not None
    binding = _binding(archive, agent.agent, agent.factor.epoch)
    return Factor.of(open_structure(archive, agent.factor, binding, secret.identities))


def seal_factor(archive: Archive, agent: Agent, factor: Factor) -> SealedStructure:
    """Seal a second factor to its agent's key in force."""
    return seal_structure(
        _binding(archive, agent.agent, agent.key),
        factor.as_data(),
        Recipient.parse(str(agent.recipient)),
        holder=agent.agent,
        random=archive.random,
        holder_epoch=agent.key,
    )


def record_factor(archive: Archive, author: Author, change: Credential, sealed: SealedStructure) -> None:
    """Log a change of the author's second factor, with its row."""
    signed = factor_event(author, change, sealed)
    archive.custody.record([signed], sealed=[sealed.row(signed.event)])


def factor_event(author: Author, change: Credential, sealed: SealedStructure) -> Signed:
    """Write a change of the author's second factor."""
    data = {"agent": author.agent, "change": change.value, "sealed": sealed.ref.as_data()}
    return author.write(Kind.CREDENTIAL, data)


def remember_step(archive: Archive, factor: Factor, step: int) -> None:
    """Let no code up to this step count again."""
    archive.catalogue.settings.set(factor.memory, str(step))


def _is_code(archive: Archive, factor: Factor, typed: str) -> bool:
    """Say whether it is the code of this moment, and remember it; after many wrong ones none is any more."""
    if _misses(archive, factor) >= MOST_MISSES:
        return False
    last = int(archive.catalogue.settings.get(factor.memory) or -1)
    step = factor.step_of(typed, int(archive.clock().timestamp()), after=last)
    if step is not None:
        remember_step(archive, factor, step)
    return step is not None


def _misses(archive: Archive, factor: Factor) -> int:
    return int(archive.catalogue.settings.get(f"{factor.memory}-misses") or 0)


def _count(archive: Archive, factor: Factor, typed: str, *, accepted: bool) -> None:
    """Count wrong codes in a row, which only somebody who knows the passphrase gets to type."""
    if accepted or typed.strip():
        misses = 0 if accepted else _misses(archive, factor) + 1
        archive.catalogue.settings.set(f"{factor.memory}-misses", str(misses))


def _binding(archive: Archive, agent: Id, key: int) -> Binding:
    return Binding(archive.archive, "factor", agent, 1, agent, key)
