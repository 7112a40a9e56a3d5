"""Rules for successor logs: what follows a log of which entries were lost, and what is put on record of them.

`archive.rules` sees to it that only the archive's own agent writes these.
"""

from archive.checkpoints import Checkpoint
from archive.codec import unb64
from archive.digests import Digest
from archive.errors import CustodyError, SviedkaError
from archive.events import CustodyEvent, parse_entry
from archive.kinds import Kind
from archive.ledger import Ledger
from archive.merkle import leaf_hash
from archive.notes import Check
from archive.proofs import TlogProof, claimed_origin, parse_tlog_proof, verify_tlog_proof
from archive.settings import origin_of
from archive.succession import Lost, Predecessor, end_of, keys_of, origins
from archive.trust import log_verifiers
from archive.vkeys import parse_vkey

#: What a receipt can be for, and therefore what can be readmitted.
_RECEIPTED = frozenset({Kind.ACCESSION, Kind.SUBMISSION})


def succession(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """A successor log: it begins with the entries left of the one before, and this is its first own one."""
    before = Predecessor.of(event.data["predecessor"])
    if (before.origin, before.log_keys) != (ledger.origin, ledger.log_keys):
        raise CustodyError(
            "C64", "a log succeeds the one before it", expected=ledger.origin, found=before.origin
        )
    if not before.size == event.seen.size == index:
        raise CustodyError(
            "C64", "a log begins with all of the one before it", expected=index, found=before.size
        )
    stem = f"{origin_of(ledger.archive)}/" if ledger.archive else ""
    if not event.origin.startswith(stem) or event.origin in origins(ledger):
        raise CustodyError("C64", "a successor log has a new origin of its archive", found=event.origin)
    keys = tuple(event.data["log_keys"])
    if not keys or any(parse_vkey(key).name != event.origin for key in keys):
        raise CustodyError("C64", "the keys of a successor log bear its name", expected=event.origin)
    ledger.earlier.append(before)
    ledger.origin, ledger.log_keys = event.origin, keys


def readmission(ledger: Ledger, event: CustodyEvent, index: int) -> None:
    """An entry that was lost with an earlier log, put on record; `check_lost` says that it was there."""
    lost = parse_entry(unb64(event.data["entry"])).event
    if lost.id in ledger.events or lost.id in ledger.readmitted:
        raise CustodyError("C64", "what is readmitted was lost, and is readmitted once", found=lost.id)
    ledger.readmitted[lost.id] = Lost(Digest.of(unb64(event.data["entry"])), index)


def check_lost(ledger: Ledger, event: CustodyEvent, verify: Check) -> Checkpoint:
    """Check that an earlier log held what is readmitted, among the entries that were lost with it (C64).

    The signature of the agent who wrote it is not checked here: she may have been enrolled among what was
    lost. Whoever readmits it checks it by the receipt.
    """
    entry, proof = unb64(event.data["entry"]), lost_proof(event)
    if parse_entry(entry).event.kind not in _RECEIPTED:
        raise CustodyError("C64", "only what there are receipts for is readmitted")
    origin = claimed_origin(proof)
    end = end_of(ledger, origin)
    if end is None or proof.index < end:
        raise CustodyError(
            "C64", "what is readmitted was lost with an earlier log", expected=end, found=proof.index
        )
    try:
        verifiers = log_verifiers(keys_of(ledger, origin), verify, None)
        return verify_tlog_proof(proof, leaf_hash(entry), verifiers, origin)
    except SviedkaError as fault:
        raise CustodyError("C64", f"what is readmitted is not proven: {fault}") from None


def lost_proof(event: CustodyEvent) -> TlogProof:
    """Return the proof in a readmission, unverified."""
    return parse_tlog_proof(event.data["proof"].encode())
