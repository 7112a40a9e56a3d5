"""Proofs of logging: c2sp.org/tlog-proof@v1. One text file shows, offline, what a log holds and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from archive.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint
from archive.codec import b64, unb64, undecimal
from archive.errors import CustodyError, IntakeError
from archive.merkle import HASH_BYTES, verify_inclusion
from archive.notes import Verifier, parse_note

HEADER = "c2sp.org/tlog-proof@v1"
LARGEST_PROOF_BYTES = 2_000_000
MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A proof taken apart, unverified. Nothing ever vouches for `extra`; `checkpoint` is kept verbatim."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def verify_tlog_proof(
    proof: TlogProof, leaf: bytes, verifiers: Iterable[Verifier], origin: str
) -> Checkpoint:
    """Return the checkpoint under which the log `origin` holds `leaf`, a leaf hash, at `proof.index`.

    The steps are those of tlog-proof, "Verifying a tlog proof". Raises C10 to C13 (the inclusion proof), C22
    to C28 (the checkpoint). Left to the caller: how many cosigners are enough, and what time they state.
    """
    # Step 1, the leaf hash, is the caller's: merkle.leaf_hash(entry).
    # Steps 2 and 3: a key of the log `origin` signed the checkpoint, and every known cosigner's line holds.
    checkpoint = open_checkpoint(proof.checkpoint, verifiers, origin)
    # Step 4: the inclusion proof binds the leaf to the signed root.
    verify_inclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root)
    return checkpoint


def claimed_origin(proof: TlogProof) -> str:
    """Return which log a proof's checkpoint says it is of (C26 when malformed). Nothing is verified here."""
    return parse_checkpoint(parse_note(proof.checkpoint).text).origin


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Read a proof; raise C34 when it is malformed or over a limit. Nothing is verified here."""
    if len(data) > LARGEST_PROOF_BYTES:
        raise CustodyError("C34", "proof is too long", expected=LARGEST_PROOF_BYTES, found=len(data))
    head, _, checkpoint = data.partition(b"\n\n")
    if not checkpoint:
        raise CustodyError("C34", "malformed proof", expected="an empty line, then a checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise CustodyError("C34", "malformed proof", expected="ASCII before the checkpoint") from None
    if lines[0] != HEADER:
        raise CustodyError("C34", "not a proof", expected=HEADER)
    try:
        return _parse_lines(lines[1:], checkpoint)
    except IntakeError:
        raise CustodyError("C34", "malformed proof", expected="canonical decimals and base64") from None


def format_tlog_proof(proof: TlogProof) -> bytes:
    """Write a proof; refuse (C34) what `parse_tlog_proof` would not read back as the same."""
    lines = [HEADER]
    if proof.extra is not None:
        lines.append(f"extra {b64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines.extend(b64(hashed) for hashed in proof.hashes)
    data = "\n".join(lines).encode() + b"\n\n" + proof.checkpoint
    if parse_tlog_proof(data) != proof:
        raise CustodyError("C34", "malformed proof")
    return data


def _parse_lines(lines: list[str], checkpoint: bytes) -> TlogProof:
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = unb64(lines[0].removeprefix("extra "))
        lines = lines[1:]
    if not lines or not lines[0].startswith("index "):
        raise CustodyError("C34", "malformed proof", expected="an index line")
    index = undecimal(lines[0].removeprefix("index "))
    hashes = tuple(unb64(line) for line in lines[1:])
    if len(hashes) > MOST_HASHES:
        raise CustodyError("C34", "proof has too many hashes", expected=MOST_HASHES, found=len(hashes))
    if any(len(hashed) != HASH_BYTES for hashed in hashes):
        raise CustodyError("C34", "malformed proof", expected=f"hashes of {HASH_BYTES} bytes")
    return TlogProof(index, hashes, checkpoint, extra)
