"""Rules for trustees: who holds the shares of a recovery identity, what is sealed to it, that it was tried.

Trustees sign as one agent, with a key made from the recovery identity, so that only a quorum can. What they
may do without any grant is what a quorum is for: enrol a custodian, and grant what is sealed to them.
"""

from dataclasses import replace

from archive.codec import unb64
from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.lawful import demand, known_compartment
from archive.ledger import Ledger
from archive.nouns import Action, Agent, SealedRef
from archive.policy import may_enrol


def put_trustees(ledger: Ledger, value: dict[str, str], index: int) -> Id:
    """Take in a new signing agent of trustees (raises C64 when the id is taken)."""
    agent = Id(value["agent"])
    if agent in ledger.agents:
        raise CustodyError("C64", "an agent is enrolled twice", found=agent)
    ledger.agents[agent] = Agent(agent, None, None, (unb64(value["signing_key"]),), None, False, index)
    return agent


def trustees(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """New trustees: of the archive by a custodian or the old ones; of a sealed compartment by its own.

    What was sealed to those before stays theirs until it is sealed anew.
    """
    data = event.data
    scope = known_compartment(ledger, data["scope"]) if data["scope"] is not None else None
    if scope is not None and not scope.sealed:
        raise CustodyError("C64", "a compartment without trustees of its own", found=scope.compartment)
    present = scope.trustees if scope else ledger.trustees
    if event.agent != present and (scope is not None or not may_enrol(ledger, event.agent)):
        raise CustodyError(
            "C63", "trustees are appointed by a custodian or by those before", found=event.agent
        )
    agent = put_trustees(ledger, data["trustees"], index)
    if scope is None:
        ledger.trustees, ledger.recovery = agent, data["recovery"]
    else:
        ledger.compartments[scope.compartment] = replace(
            scope, trustees=agent, recovery_recipient=data["recovery"]
        )
    _retire(ledger, present, index)


def recovery(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """A compartment's identities, of every epoch, sealed to the trustees now appointed."""
    data = event.data
    known = known_compartment(ledger, data["compartment"])
    if event.agent != known.trustees:
        demand(ledger, event, Action.MANAGE, known.compartment)
    refs = {key["epoch"]: SealedRef.of(key["sealed"]) for key in data["keys"]}
    if sorted(refs) != list(range(1, known.epoch + 1)) or len(refs) != len(data["keys"]):
        raise CustodyError("C68", "recovery is sealed anew for every epoch, once", expected=known.epoch)
    if any(ref.holder != ledger.archive for ref in refs.values()):
        raise CustodyError("C68", "a recovery copy is sealed to somebody else", found=known.compartment)
    ledger.gone += [ref.body for ref in known.recovery]
    sealed = tuple(refs[epoch] for epoch in sorted(refs))
    if known.sealed:
        ledger.compartments[known.compartment] = replace(known, recovery=sealed)
        return
    ledger.compartments[known.compartment] = replace(
        known, recovery=sealed, trustees=ledger.trustees, recovery_recipient=ledger.recovery
    )
    _retire(ledger, known.trustees, index)


def _retire(ledger: Ledger, agent: Id | None, index: int) -> None:
    """End what trustees may do who are trustees of nothing any more."""
    if agent is not None and agent not in trustees_of(ledger):
        ledger.agents[agent] = replace(ledger.agents[agent], suspended=index)


def drill(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    """A quorum showed that its shares still combine; `archive.rules` checks that they signed."""
    agent = Id(event.data["trustees"])
    known = ledger.agents.get(agent)
    if known is None or known.suspended is not None or agent not in trustees_of(ledger):
        raise CustodyError("C64", "a drill of trustees who are none now", found=agent)
    if not may_enrol(ledger, event.agent):
        raise CustodyError("C63", "only a custodian records a drill", found=event.agent)
    ledger.drills[agent] = event.at


def trustees_of(ledger: Ledger) -> set[Id]:
    """Return the trustees of now: the archive's, and those of compartments that have their own."""
    found = {ledger.trustees, *(one.trustees for one in ledger.compartments.values())}
    return {agent for agent in found if agent is not None}
