"""The rules of custody: how each kind of entry changes the ledger, and what it takes to be lawful.

The doors use them to follow the log as it grows; the audit uses them to read it afresh, naming every fault.
An event is signed by an agent enrolled before it; keys and grants come from those entitled to give them; an
item is accessioned once, before anything else; a record's version follows its predecessor; every reading
rests on a grant then in force and a consent then given.
"""

from collections.abc import Callable, Mapping

from archive import (
    rules_of_agents,
    rules_of_audits,
    rules_of_destruction,
    rules_of_forms,
    rules_of_items,
    rules_of_keys,
    rules_of_packs,
    rules_of_succession,
    rules_of_transfers,
    rules_of_trustees,
    rules_of_two,
)
from archive.codec import unb64
from archive.errors import CustodyError, SviedkaError
from archive.events import CustodyEvent, Entry, Signature
from archive.ids import Id
from archive.kinds import Kind
from archive.ledger import Ledger

#: `verify(public, message, signature)` raises a SviedkaError when the signature does not hold.
Verify = Callable[[bytes, bytes, bytes], object]
Rule = Callable[[Ledger, CustodyEvent, int], None]

#: Events that say whose keys and rights count. Every process checks their signatures as it reads them; those
#: of the others are checked where they are used, and by every audit.
KEY_KINDS = frozenset(
    {
        Kind.GENESIS,
        Kind.ENROLMENT,
        Kind.COMPARTMENT,
        Kind.EPOCH,
        Kind.GRANT,
        Kind.REVOCATION,
        Kind.ROTATION,
        Kind.RESEALING,
        Kind.SUSPENSION,
        Kind.CREDENTIAL,
        Kind.TRUSTEES,
        Kind.RECOVERY,
        Kind.DRILL,
        Kind.SETTING,
        Kind.PROPOSAL,
        Kind.APPROVAL,
        Kind.REWRAP,
        Kind.HOLD,
        Kind.LIFT,
        Kind.ORDER,
        Kind.CANCELLATION,
        Kind.DESTRUCTION,
        Kind.SUCCESSION,
        Kind.READMISSION,
        Kind.INSPECTION,
        Kind.TRANSFER,
        Kind.ACCEPTANCE,
        Kind.RETRACTION,
    }
)

#: What the archive's own agent may record.
ARCHIVE_KINDS = frozenset(
    {
        Kind.RENDITION,
        Kind.EXTRACTION,
        Kind.INDEXING,
        Kind.SUBMISSION,
        Kind.DESTRUCTION,
        Kind.SUCCESSION,
        Kind.READMISSION,
        Kind.FIXITY,
        Kind.FAILURES,
    }
)

#: What nobody but the archive's own agent may record.
_ARCHIVE_ALONE = frozenset({Kind.SUCCESSION, Kind.READMISSION, Kind.FIXITY, Kind.FAILURES})

#: What trustees may record as the acting agent: a quorum recovers, and hands over to those who follow.
TRUSTEE_KINDS = frozenset({Kind.ENROLMENT, Kind.GRANT, Kind.TRUSTEES, Kind.RECOVERY})


def apply(ledger: Ledger, entry: Entry, verify: Verify, *, every_signature: bool = False) -> None:
    """Take in the next entry. Raises C60..C69; the entry then counts as read but has no effect."""
    event, index = entry.event, ledger.size
    ledger.size += 1
    if event.id in ledger.events:
        raise CustodyError("C60", "an event is logged twice", found=event.id)
    if event.origin != ledger.origin and event.kind is not Kind.SUCCESSION:
        raise CustodyError("C61", "an event of another log", expected=ledger.origin, found=event.origin)
    if (index == 0) != (event.kind is Kind.GENESIS):
        raise CustodyError("C64", "the genesis entry is the first, and only the first", found=event.kind)
    if every_signature or event.kind in KEY_KINDS:
        check_signatures(ledger, entry, verify, index=index)
    _check_actor(ledger, event)
    _check_countersigned(entry)
    if event.kind is Kind.READMISSION:
        rules_of_succession.check_lost(ledger, event, verify)
    RULES[event.kind](ledger, event, index)
    ledger.events.add(event.id, index)


def _check_actor(ledger: Ledger, event: CustodyEvent) -> None:
    """Refuse (C63) events of the suspended, and those that are not for an agent without a person."""
    known = ledger.agents.get(event.agent)
    if known is None:
        return
    if known.suspended is not None:
        raise CustodyError("C63", "an event of an agent who was suspended", found=event.agent)
    if event.kind in _ARCHIVE_ALONE and known.agent != ledger.archive_agent:
        raise CustodyError("C63", "only the archive's own agent may record this", found=event.kind)
    allowed = ARCHIVE_KINDS if known.agent == ledger.archive_agent else TRUSTEE_KINDS
    if known.recipient is None and event.kind not in allowed:
        raise CustodyError("C63", "the archive's own agent may not record this", found=event.kind)


def _check_countersigned(entry: Entry) -> None:
    """Refuse (C62) an event that lacks the signature of a key that it brings in, or of trustees it names."""
    data, first = entry.event.data, entry.signatures[0]
    match entry.event.kind:
        case Kind.ROTATION:
            wanted = (Id(data["agent"]), first.key + 1)
        case Kind.TRUSTEES:
            wanted = (Id(data["trustees"]["agent"]), 1)
        case Kind.DRILL:
            wanted = (Id(data["trustees"]), 1)
        case Kind.GENESIS if "trustees" in data:
            wanted = (Id(data["trustees"]["agent"]), 1)
        case _:
            return
    if wanted not in {(one.agent, one.key) for one in entry.signatures}:
        raise CustodyError("C62", "an event lacks a further signature", expected=wanted[0])


def check_signatures(ledger: Ledger, entry: Entry, verify: Verify, *, index: int) -> None:
    """Check every signature of the entry at `index` against the keys enrolled before it (raises C62)."""
    message = entry.message
    for signature in entry.signatures:
        key = _key_of(ledger, entry.event, signature, index)
        if key is None:
            raise CustodyError("C62", "signed by an agent that is not enrolled", found=signature.agent)
        try:
            verify(key, message, signature.value)
        except SviedkaError as fault:
            raise CustodyError(
                "C62", "an agent's signature does not verify", found=signature.agent
            ) from fault


def _key_of(ledger: Ledger, event: CustodyEvent, signature: Signature, index: int) -> bytes | None:
    """Return the key that a signature on the entry at `index` is to be checked with: the one then in force.

    The event itself may bring it in: that of the genesis entry, the next one of an agent, one of trustees.
    """
    brought = _brought(event)
    if signature.agent in brought and signature.key == brought[signature.agent][0]:
        return brought[signature.agent][1]
    known = ledger.agents.get(signature.agent)
    if known is None or known.index >= index:
        return None
    present = known.key_at(index)
    if event.kind is Kind.ROTATION and signature.key == present + 1:
        return unb64(event.data["signing_key"])
    return known.signing_keys[present - 1] if signature.key == present else None


def _brought(event: CustodyEvent) -> dict[Id, tuple[int, bytes]]:
    """Return the keys that an event brings in, and the number of each."""
    data = event.data
    match event.kind:
        case Kind.GENESIS:
            agents = [
                data["custodian"],
                data["archive_agent"],
                *([data["trustees"]] if "trustees" in data else []),
            ]
        case Kind.TRUSTEES:
            agents = [data["trustees"]]
        case _:
            return {}
    return {Id(agent["agent"]): (1, unb64(agent["signing_key"])) for agent in agents}


RULES: Mapping[Kind, Rule] = {
    Kind.GENESIS: rules_of_keys.genesis,
    Kind.ENROLMENT: rules_of_keys.enrolment,
    Kind.COMPARTMENT: rules_of_keys.compartment,
    Kind.EPOCH: rules_of_keys.epoch,
    Kind.IDENTITY: rules_of_keys.identity,
    Kind.GRANT: rules_of_keys.grant,
    Kind.REVOCATION: rules_of_keys.revocation,
    Kind.ACCESSION: rules_of_items.accession,
    Kind.RENDITION: rules_of_forms.rendition,
    Kind.RECORD: rules_of_items.record,
    Kind.POLICY: rules_of_items.policy,
    Kind.EXTRACTION: rules_of_items.extraction,
    Kind.INDEXING: rules_of_items.indexing,
    Kind.SEARCH: rules_of_items.search,
    Kind.READING: rules_of_items.reading,
    Kind.FIXITY: rules_of_items.fixity,
    Kind.AUDIT: rules_of_audits.audit,
    Kind.INSPECTION: rules_of_audits.inspection,
    Kind.UNMASKING: rules_of_forms.unmasking,
    Kind.SUBMISSION: rules_of_packs.submission,
    Kind.CONFIRMATION: rules_of_packs.confirmation,
    Kind.ROTATION: rules_of_agents.rotation,
    Kind.RESEALING: rules_of_agents.resealing,
    Kind.SUSPENSION: rules_of_agents.suspension,
    Kind.CREDENTIAL: rules_of_agents.credential,
    Kind.TRUSTEES: rules_of_trustees.trustees,
    Kind.RECOVERY: rules_of_trustees.recovery,
    Kind.DRILL: rules_of_trustees.drill,
    Kind.PROPOSAL: rules_of_two.proposal,
    Kind.APPROVAL: rules_of_two.approval,
    Kind.SETTING: rules_of_two.setting,
    Kind.REWRAP: rules_of_keys.rewrap,
    Kind.HOLD: rules_of_destruction.hold,
    Kind.LIFT: rules_of_destruction.lift,
    Kind.ORDER: rules_of_destruction.order,
    Kind.CANCELLATION: rules_of_destruction.cancellation,
    Kind.DESTRUCTION: rules_of_destruction.destruction,
    Kind.SUCCESSION: rules_of_succession.succession,
    Kind.READMISSION: rules_of_succession.readmission,
    Kind.TRANSFER: rules_of_transfers.transfer,
    Kind.ACCEPTANCE: rules_of_transfers.acceptance,
    Kind.RETRACTION: rules_of_transfers.retraction,
    Kind.FAILURES: rules_of_agents.failures,
}
