"""Rules for the events that say whose keys and rights count: genesis, agents, compartments, grants."""

from dataclasses import replace
from typing import Any

from archive.codec import unb64
from archive.digests import Digest
from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import Act
from archive.lawful import demand, known_agent, known_compartment, known_grant
from archive.ledger import Ledger
from archive.nouns import OPENING, Action, Agent, Compartment, Grant, Role, SealedRef
from archive.policy import ACTIONS_OF, TWO_PERSON, may_enrol
from archive.rules_of_trustees import put_trustees
from archive.rules_of_two import demand_two
from archive.uses import Use


def genesis(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    if event.agent != data["custodian"]["agent"]:
        raise CustodyError("C63", "the genesis entry is the first custodian's act")
    ledger.archive = Id(data["archive"])
    ledger.log_keys = tuple(data["log_keys"])
    ledger.recovery = data["recovery"]
    own = data["archive_agent"]
    ledger.archive_agent = Id(own["agent"])
    ledger.agents[ledger.archive_agent] = Agent(
        ledger.archive_agent, None, None, (unb64(own["signing_key"]),), None, False, index
    )
    _enrol(ledger, data["custodian"], index)
    if "trustees" in data:
        ledger.trustees = put_trustees(ledger, data["trustees"], index)


def enrolment(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    recovering = event.agent == ledger.trustees and event.data["role"] == Role.CUSTODIAN
    if not (may_enrol(ledger, event.agent) or recovering):
        raise CustodyError("C63", "only a custodian enrols agents", found=event.agent)
    _enrol(ledger, event.data, index)


def _enrol(ledger: Ledger, data: dict[str, Any], index: int) -> None:
    agent = Id(data["agent"])
    if agent in ledger.agents:
        raise CustodyError("C64", "an agent is enrolled twice", found=agent)
    ledger.agents[agent] = Agent(
        agent,
        Role(data["role"]),
        data["recipient"],
        (unb64(data["signing_key"]),),
        Digest(data["handle"]),
        data["issued"],
        index,
    )


def compartment(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    if not may_enrol(ledger, event.agent):
        raise CustodyError("C63", "only a custodian founds compartments", found=event.agent)
    compartment = Id(data["compartment"])
    companion, own = data["companion_of"], data.get("trustees")
    if compartment in ledger.compartments or (companion is not None and companion not in ledger.compartments):
        raise CustodyError("C64", "a compartment is founded once, after the one it accompanies")
    ledger.compartments[compartment] = Compartment(
        compartment,
        Id(companion) if companion else None,
        data["authority"],
        data["sealed"],
        event.agent,
        (data["recipient"],),
        data["recovery_recipient"],
        (SealedRef.of(data["recovery"]),),
        index,
        put_trustees(ledger, own, index) if own else ledger.trustees,
    )


def epoch(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    data = event.data
    known = known_compartment(ledger, data["compartment"])
    demand(ledger, event, Action.MANAGE, known.compartment)
    if data["epoch"] != known.epoch + 1:
        raise CustodyError("C64", "epochs follow each other", expected=known.epoch + 1, found=data["epoch"])
    keys = {known_grant(ledger, key["grant"]).grant: SealedRef.of(key["sealed"]) for key in data["keys"]}
    _check_epoch_keys(ledger, event, known, keys)
    ledger.compartments[known.compartment] = replace(
        known,
        recipients=(*known.recipients, data["recipient"]),
        recovery_recipient=data["recovery_recipient"],
        recovery=(*known.recovery, SealedRef.of(data["recovery"])),
    )
    for grant, ref in keys.items():
        given = ledger.grants[grant]
        ledger.put_grant(replace(given, keys=(*given.keys, (data["epoch"], ref))))


def _check_epoch_keys(
    ledger: Ledger, event: CustodyEvent, known: Compartment, keys: dict[Id, SealedRef]
) -> None:
    """A new epoch's key goes to everyone who may open the compartment, to nobody else, and to her own key."""
    opening = {
        grant.grant
        for grant in ledger.open_grants(known.compartment)
        if grant.actions & OPENING and (grant.ends is None or event.at <= grant.ends)
    }
    if keys.keys() != opening:
        raise CustodyError("C68", "a new epoch's keys do not go to just those who may open it")
    for grant, ref in keys.items():
        agent = ledger.agents[ledger.grants[grant].agent]
        if (ref.holder, ref.epoch) != (agent.agent, agent.key):
            raise CustodyError("C68", "a key is sealed to somebody else than its grant says", found=grant)


def identity(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    compartment = known_compartment(ledger, event.data["compartment"]).compartment
    if demand(ledger, event, Action.MANAGE, compartment).grant != event.data["grant"]:
        raise CustodyError("C67", "a disclosure names another grant than covers it")
    demand_two(ledger, event, ledger.compartments[compartment], Act.IDENTITY, index)
    ledger.disclosures.setdefault(compartment, []).append(index)


def grant(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    data = event.data
    grant, agent = Id(data["grant"]), Id(data["agent"])
    compartment = known_compartment(ledger, data["compartment"])
    known = known_agent(ledger, agent)
    if grant in ledger.grants or known.recipient is None or known.suspended is not None:
        raise CustodyError("C64", "a grant is given once, to an enrolled agent", found=grant)
    sealed, reason = SealedRef.of(data["sealed"]), SealedRef.of(data["reason"])
    if (sealed.holder, reason.holder) != (agent, compartment.compartment) or sealed.epoch != known.key:
        raise CustodyError("C68", "a grant is sealed to somebody else than it names", found=grant)
    if data["epoch"] != compartment.epoch:
        raise CustodyError(
            "C68",
            "a grant of another epoch than is in force",
            expected=compartment.epoch,
            found=data["epoch"],
        )
    actions = frozenset(Action(word) for word in data["actions"])
    if not actions <= ACTIONS_OF[known.role]:
        raise CustodyError("C63", "an action that the agent's role does not allow", found=agent)
    # A quorum of trustees needs no other right, nor a second person.
    if event.agent != compartment.trustees and not _is_founding(ledger, event, compartment, agent):
        demand(ledger, event, Action.MANAGE, compartment.compartment)
        if actions & TWO_PERSON:
            demand_two(ledger, event, compartment, Act.GRANT, index)
    ledger.put_sealed(reason)
    ledger.put_grant(
        Grant(
            grant,
            agent,
            compartment.compartment,
            actions,
            frozenset(Use(word) for word in data["purposes"]),
            data["starts"],
            data["ends"],
            event.agent,
            reason,
            sealed,
            index,
        )
    )


def _is_founding(ledger: Ledger, event: CustodyEvent, compartment: Compartment, agent: Id) -> bool:
    """The founder gives the first grant of a compartment to himself."""
    if not event.agent == compartment.founder == agent:
        return False
    # Revoked grants count: whoever lost his rights does not come back as the founder.
    return all(given.compartment != compartment.compartment for given in ledger.grants.values())


def rewrap(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    """What is sealed to a compartment gets headers for its epoch in force; the bodies stay as they are."""
    data = event.data
    known = known_compartment(ledger, data["compartment"])
    demand(ledger, event, Action.MANAGE, known.compartment)
    if data["epoch"] != known.epoch:
        raise CustodyError("C64", "sealed again to another epoch", expected=known.epoch, found=data["epoch"])
    for one in data["headers"]:
        ref = ledger.bodies.get(Digest(one["body"]))
        if ref is None or ref.holder != known.compartment:
            raise CustodyError("C64", "a header of what the compartment does not hold", found=one["body"])
        ledger.bodies[ref.body] = replace(ref, epoch=data["epoch"], header=Digest(one["header"]))


def revocation(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    grant = known_grant(ledger, event.data["grant"])
    demand(ledger, event, Action.MANAGE, grant.compartment)
    if grant.revoked is not None:
        raise CustodyError("C64", "a grant is revoked once", found=grant.grant)
    ledger.put_sealed(SealedRef.of(event.data["reason"]))
    ledger.put_grant(replace(grant, revoked=index))
