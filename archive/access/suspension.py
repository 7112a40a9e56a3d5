"""Suspending an agent: all her rights end at once, everywhere.

It cannot recall what she read, nor stop her from opening copies of what was sealed before.
"""

from dataclasses import dataclass

from archive.access.grants import Prepared, new_epoch, record
from archive.access.keyring import Held, keyring
from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row, demand_role, pen
from archive.author import Author
from archive.errors import AccessError
from archive.ids import Id
from archive.kinds import Kind
from archive.ledger import Ledger
from archive.nouns import OPENING, Action, Grant, Role
from archive.policy import Allowed, Request, decide


@dataclass(frozen=True, slots=True)
class Suspended:
    """Whose rights ended, the labels of compartments with a new key, and those that still need one.

    `left` are compartments she could open and the custodian does not manage: a label where he knows it, else
    an id.
    """

    agent: Id
    renewed: tuple[str, ...]
    left: tuple[str, ...]


def suspend(archive: Archive, sitting: Sitting, handle: str) -> Suspended:
    """End all rights of an agent; custodians only, and nobody himself (A41). Raises A42 the second time.

    Her sessions end, and each compartment that she could open and the custodian manages gets a new key.
    """
    demand_role(sitting, Role.CUSTODIAN)
    row = archive.catalogue.agents.by_handle(handle)
    if row is None:
        raise AccessError("A04", "no agent has this handle")
    ledger = archive.ledger()
    agent = check_row(ledger, row)
    if agent.agent == sitting.id:
        raise AccessError("A41", "nobody suspends himself: another custodian does")
    if agent.suspended is not None:
        raise AccessError("A42", "the agent is suspended already")
    author = pen(archive, sitting)
    held = keyring(archive, sitting)
    could_open = _could_open(ledger, agent.agent)
    managed = {one for one in could_open if _manages(ledger, author, one) and held[one].identities}
    prepared = [Prepared(author.write(Kind.SUSPENSION, {"agent": agent.agent}), ())]
    prepared += [_renewed(archive, author, ledger, held[one], without=agent.agent) for one in sorted(managed)]
    record(archive, prepared)
    archive.catalogue.sessions.delete_of_agent(agent.agent)
    return Suspended(
        agent.agent,
        tuple(sorted(held[one].label for one in managed)),
        tuple(sorted(_named(held, one) for one in could_open - managed)),
    )


def _could_open(ledger: Ledger, agent: Id) -> set[Id]:
    """Return the compartments whose identity is in an unrevoked grant of hers; expired ones count."""
    return {grant.compartment for grant in ledger.grants_to(agent) if grant.actions & OPENING}


def _manages(ledger: Ledger, author: Author, compartment: Id) -> bool:
    request = Request(author.agent, Action.MANAGE, compartment, author.now())
    return isinstance(decide(ledger, request), Allowed)


def _renewed(archive: Archive, author: Author, ledger: Ledger, held: Held, *, without: Id) -> Prepared:
    kept: list[Grant] = [
        grant
        for grant in ledger.open_grants(held.compartment)
        if grant.agent != without
        and grant.actions & OPENING
        and (grant.ends is None or author.now() <= grant.ends)
    ]
    return new_epoch(archive, author, ledger.compartments[held.compartment], held, kept)


def _named(held: dict[Id, Held], compartment: Id) -> str:
    known = held.get(compartment)
    return known.label if known and known.label else compartment
