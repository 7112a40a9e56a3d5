"""The rules of custody: how each kind of entry changes the ledger, and what it takes to be lawful.

The doors use them to follow the log as it grows; the audit uses them to read it afresh, naming every fault.
An event is signed by an agent enrolled before it; keys and grants come from those entitled to give them; an
item is accessioned once, before anything else; a record's version follows its predecessor; every reading
rests on a grant then in force and a consent then given.
"""

from collections.abc import Callable, Mapping

from archive import rules_of_items, rules_of_keys
from archive.codec import unb64
from archive.errors import CustodyError, SviedkaError
from archive.events import CustodyEvent, Entry, signed_message
from archive.ids import Id
from archive.kinds import Kind
from archive.ledger import Ledger

#: `verify(public, message, signature)` raises a SviedkaError when the signature does not hold.
Verify = Callable[[bytes, bytes, bytes], object]
Rule = Callable[[Ledger, CustodyEvent, int], None]

#: Events that say whose keys and rights count. Every process checks their signatures as it reads them; those
#: of the others are checked where they are used, and by every audit.
KEY_KINDS = frozenset(
    {Kind.GENESIS, Kind.ENROLMENT, Kind.COMPARTMENT, Kind.EPOCH, Kind.GRANT, Kind.REVOCATION}
)

#: What the archive's own agent may record.
ARCHIVE_KINDS = frozenset({Kind.RENDITION, Kind.EXTRACTION, Kind.INDEXING})


def apply(ledger: Ledger, entry: Entry, verify: Verify, *, every_signature: bool = False) -> None:
    """Take in the next entry. Raises C60..C69; the entry then counts as read but has no effect."""
    event, index = entry.event, ledger.size
    ledger.size += 1
    if event.id in ledger.events:
        raise CustodyError("C60", "an event is logged twice", found=event.id)
    if event.origin != ledger.origin:
        raise CustodyError("C61", "an event of another log", expected=ledger.origin, found=event.origin)
    if (index == 0) != (event.kind is Kind.GENESIS):
        raise CustodyError("C64", "the genesis entry is the first, and only the first", found=event.kind)
    if every_signature or event.kind in KEY_KINDS:
        check_signatures(ledger, entry, verify, index=index)
    if event.agent == ledger.archive_agent and event.kind not in ARCHIVE_KINDS:
        raise CustodyError("C63", "the archive's own agent may not record this", found=event.kind)
    RULES[event.kind](ledger, event, index)
    ledger.events[event.id] = index


def check_signatures(ledger: Ledger, entry: Entry, verify: Verify, *, index: int) -> None:
    """Check every signature of the entry at `index` against the keys enrolled before it (raises C62)."""
    message = signed_message(entry.event)
    genesis = _genesis_keys(entry.event) if entry.event.kind is Kind.GENESIS else {}
    for signature in entry.signatures:
        known = ledger.agents.get(signature.agent)
        keys = known.signing_keys if known and known.index < index else genesis.get(signature.agent, ())
        if signature.key > len(keys):
            raise CustodyError("C62", "signed by an agent that is not enrolled", found=signature.agent)
        try:
            verify(keys[signature.key - 1], message, signature.value)
        except SviedkaError as fault:
            raise CustodyError(
                "C62", "an agent's signature does not verify", found=signature.agent
            ) from fault


def _genesis_keys(event: CustodyEvent) -> dict[Id, tuple[bytes, ...]]:
    """The keys with which the genesis entry vouches for itself."""
    agents = (event.data["custodian"], event.data["archive_agent"])
    return {Id(agent["agent"]): (unb64(agent["signing_key"]),) for agent in agents}


RULES: Mapping[Kind, Rule] = {
    Kind.GENESIS: rules_of_keys.genesis,
    Kind.ENROLMENT: rules_of_keys.enrolment,
    Kind.COMPARTMENT: rules_of_keys.compartment,
    Kind.EPOCH: rules_of_keys.epoch,
    Kind.IDENTITY: rules_of_keys.identity,
    Kind.GRANT: rules_of_keys.grant,
    Kind.REVOCATION: rules_of_keys.revocation,
    Kind.ACCESSION: rules_of_items.accession,
    Kind.RENDITION: rules_of_items.rendition,
    Kind.RECORD: rules_of_items.record,
    Kind.POLICY: rules_of_items.policy,
    Kind.EXTRACTION: rules_of_items.extraction,
    Kind.INDEXING: rules_of_items.indexing,
    Kind.SEARCH: rules_of_items.search,
    Kind.READING: rules_of_items.reading,
    Kind.AUDIT: rules_of_items.audit,
}
