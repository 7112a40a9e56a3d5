"""The rules of custody for those who look over the archive: audits, and inspections from outside."""

from datetime import datetime, timedelta
from typing import Final

from archive.codec import unb64
from archive.errors import CustodyError
from archive.events import CustodyEvent
from archive.ids import Id
from archive.ledger import Ledger
from archive.nouns import Action, Inspection
from archive.policy import may_audit

LONGEST: Final = timedelta(hours=24)
_MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"


def audits(ledger: Ledger, agent: Id, at: str) -> bool:
    """Say whether somebody may look over the whole log: an auditor, or whom a grant lets audit just then."""
    return may_audit(ledger, agent) or any(
        Action.AUDIT in grant.actions for grant in ledger.grants_in_force(agent, at)
    )


def audit(ledger: Ledger, event: CustodyEvent, _index: int) -> None:
    if not audits(ledger, event.agent, event.at):
        raise CustodyError("C63", "only an auditor records an audit", found=event.agent)


def inspection(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """Let an auditor in with a key of her own making, one that was never used, for a day at most (C99)."""
    if not audits(ledger, event.agent, event.at):
        raise CustodyError("C63", "only an auditor opens an inspection", found=event.agent)
    key, until = unb64(event.data["key"]), event.data["until"]
    if key in ledger.inspections or any(key in one.signing_keys for one in ledger.agents.values()):
        raise CustodyError("C99", "an inspection with a key that was used before", found=event.id)
    try:
        length = datetime.strptime(until, _MOMENT) - datetime.strptime(event.at, _MOMENT)
    except ValueError:
        raise CustodyError("C99", "an inspection until a day that does not exist", found=until) from None
    if not timedelta(0) < length <= LONGEST:
        raise CustodyError("C99", "an inspection is for a day at most", found=until)
    ledger.inspections[key] = Inspection(event.agent, key, until, index)
