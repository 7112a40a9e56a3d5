"""Readmission: what a receipt proves of a log that was lost is put on record in its successor."""

from dataclasses import dataclass

from archive.access.parts import Archive
from archive.access.receipts import trust_of
from archive.codec import b64
from archive.errors import IntakeError
from archive.ids import Id
from archive.kinds import Kind
from archive.proofs import TlogProof, format_tlog_proof
from archive.receipts import parse_receipt, verify_receipt
from keys.signing import verify_ed25519, verify_mldsa44


@dataclass(frozen=True, slots=True)
class Readmitted:
    """An item that was handed in and lost with an earlier log; `index` is the entry that says so.

    `new` is False where it was on record already.
    """

    item: Id
    index: int
    new: bool


def readmit(archive: Archive, data: bytes) -> Readmitted:
    """Put on record what a receipt proves, with its proof and without what opens its commitments.

    The file itself is not brought back: whoever has it deposits it again, and the receipt says that it is the
    same. Raises whatever `verify_receipt` finds, and I22 for a receipt of what was not lost.
    """
    receipt = parse_receipt(data)
    proven = verify_receipt(
        receipt, trust=trust_of(archive), check_ed25519=verify_ed25519, check_mldsa44=verify_mldsa44
    )
    event, ledger = proven.entry.event, archive.ledger()
    item = Id(event.data["item"])
    if proven.lost is None:
        raise IntakeError("I22", "nothing was lost of what this receipt is for", found=item)
    if event.id in ledger.readmitted:
        return Readmitted(item, ledger.readmitted[event.id].index, new=False)
    proof = format_tlog_proof(TlogProof(receipt.proof.index, receipt.proof.hashes, receipt.proof.checkpoint))
    entry = {"entry": b64(receipt.entry), "proof": proof.decode()}
    recorded = archive.custody.record([archive.archive_author.write(Kind.READMISSION, entry)])
    return Readmitted(item, recorded.first_index, new=True)
