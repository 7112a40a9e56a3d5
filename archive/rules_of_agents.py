"""Rules for what becomes of an agent after enrolment: further keys, how she signs in, suspension."""

from dataclasses import replace

from archive.codec import unb64
from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.kinds import Credential
from archive.lawful import known_agent, known_grant
from archive.ledger import Ledger
from archive.nouns import Role, SealedRef
from archive.policy import may_enrol


def rotation(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """Her next key, under the signatures of the old and the new one (`archive.rules` checks both)."""
    data = event.data
    known = known_agent(ledger, data["agent"])
    if event.agent != known.agent or known.recipient is None:
        raise CustodyError("C63", "an agent's keys are changed by herself", found=event.agent)
    if data["recipient"] == known.recipient or unb64(data["signing_key"]) in known.signing_keys:
        raise CustodyError("C64", "a rotation without new keys", found=known.agent)
    ledger.agents[known.agent] = replace(
        known,
        recipient=data["recipient"],
        signing_keys=(*known.signing_keys, unb64(data["signing_key"])),
        since=(*known.since, index),
        issued=False,
    )


def resealing(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    """What was sealed to her old key is sealed to the new one; the old sealings are to be nowhere."""
    known = known_agent(ledger, event.data["agent"])
    if event.agent != known.agent:
        raise CustodyError("C63", "an agent's grants are sealed again by herself", found=event.agent)
    for key in event.data["keys"]:
        grant, ref = known_grant(ledger, key["grant"]), SealedRef.of(key["sealed"])
        if (grant.agent, grant.revoked) != (known.agent, None):
            raise CustodyError("C68", "a grant of somebody else, or a revoked one, sealed again")
        if (ref.holder, ref.epoch) != (known.agent, known.key):
            raise CustodyError("C68", "a grant is not sealed to its agent's key in force", found=grant.grant)
        ledger.gone += [grant.sealed.body, *(sealed.body for _epoch, sealed in grant.keys)]
        ledger.put_grant(replace(grant, sealed=ref, keys=()))


def suspension(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """All her rights end at once, and she signs nothing more. The last custodian cannot be suspended."""
    known = known_agent(ledger, event.data["agent"])
    if not may_enrol(ledger, event.agent):
        raise CustodyError("C63", "only a custodian suspends agents", found=event.agent)
    if known.recipient is None or known.suspended is not None:
        raise CustodyError("C64", "an agent is suspended once", found=known.agent)
    left = [
        one
        for one in ledger.agents.values()
        if one.role is Role.CUSTODIAN and one.suspended is None and one.agent != known.agent
    ]
    if not left:
        raise CustodyError("C63", "the last custodian cannot be suspended", found=known.agent)
    ledger.agents[known.agent] = replace(known, suspended=index)


def credential(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    """She changed how she signs in; a custodian may remove the second factor of somebody who lost it."""
    data = event.data
    known, change = known_agent(ledger, data["agent"]), Credential(data["change"])
    helped = change is Credential.FACTOR_REMOVED and may_enrol(ledger, event.agent)
    if known.recipient is None or not (event.agent == known.agent or helped):
        raise CustodyError("C63", "how an agent signs in is changed by herself", found=event.agent)
    sealed = SealedRef.of(data["sealed"]) if data["sealed"] is not None else None
    if (sealed is not None) != (change in (Credential.FACTOR_ADDED, Credential.CODE_USED)):
        raise CustodyError("C64", "a change of the second factor without one, or one too many")
    if sealed is not None and (sealed.holder, sealed.epoch) != (known.agent, known.key):
        raise CustodyError("C68", "a second factor is sealed to another key than its agent's")
    if change is Credential.PASSPHRASE:
        return
    if change is Credential.CODE_USED and known.factor is None:
        raise CustodyError("C64", "a recovery code of no second factor", found=known.agent)
    if known.factor is not None:
        ledger.gone.append(known.factor.body)
    ledger.agents[Id(known.agent)] = replace(known, factor=sealed)


def failures(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    """The archive itself counts failed attempts to sign in: once for each day, in order, when it is over.

    `archive.rules` sees to it that nobody else does.
    """
    day = event.data["day"]
    if day >= event.at[:10] or any(day <= counted for counted in ledger.failures):
        raise CustodyError("C64", "failed sign-ins of a day are counted once, when it is over", found=day)
    ledger.failures[day] = event.data["count"]
