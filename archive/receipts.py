"""Receipts: a C2SP tlog-proof whose `extra` holds the log entry and the openings of its commitments.

A receipt proves offline that exactly these bytes were accessioned, under whose key and when, and that the log
says so. The keys it names in `extra` are its own claim; trust comes from comparing them with keys obtained
from elsewhere (`archive.trust`).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archive import ed25519
from archive.canonical import format_json, parse_json
from archive.checkpoints import Checkpoint
from archive.codec import b64, unb64
from archive.digests import SALT_BYTES, Digest, commit, field_salt
from archive.errors import CustodyError, IntakeError, SviedkaError
from archive.events import Entry, parse_entry, signed_message
from archive.kinds import Kind
from archive.merkle import leaf_hash
from archive.notes import Check
from archive.proofs import TlogProof, claimed_origin, format_tlog_proof, parse_tlog_proof, verify_tlog_proof
from archive.shapes import Shape, base64_of, check_shape, digest, exactly, list_of, object_of, text_of
from archive.succession import end_of, is_of_one_archive, keys_of, origins
from archive.trust import Trust, log_verifiers


def _base64(value: Any) -> None:
    unb64(value)


_OPENINGS: Shape = {
    "salt": base64_of(SALT_BYTES),
    "sha256": digest,
    "blake3": digest,
    "name": text_of(r"(?s).{1,4096}"),
}
_EXTRA: Shape = {
    "v": exactly(1),
    "entry": _base64,
    "openings": object_of(_OPENINGS),
    "log_keys": list_of(text_of(r"[!-~]{1,4500}")),
    "agent_key": base64_of(32),
}


@dataclass(frozen=True, slots=True)
class Openings:
    """What the commitments of an accession hide: a 32-byte salt, both digests, and the file name."""

    salt: bytes
    sha256: Digest
    blake3: Digest
    name: str

    def commitments(self) -> dict[str, Digest]:
        """Return the commitments that the accession logs."""
        values = {"sha256": self.sha256.raw, "blake3": self.blake3.raw, "name": self.name.encode()}
        return {label: commit(field_salt(self.salt, label), label, value) for label, value in values.items()}

    def as_data(self) -> dict[str, Any]:
        """Write the openings as JSON."""
        return {"salt": b64(self.salt), "sha256": self.sha256, "blake3": self.blake3, "name": self.name}

    @classmethod
    def of(cls, value: Any) -> "Openings":
        """Read the openings; raise C50 when malformed."""
        check_shape(value, _OPENINGS, "openings")
        return cls(unb64(value["salt"]), Digest(value["sha256"]), Digest(value["blake3"]), value["name"])


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt taken apart, unverified."""

    proof: TlogProof
    entry: bytes
    openings: Openings
    log_keys: tuple[str, ...]
    agent_key: bytes


@dataclass(frozen=True, slots=True)
class Proven:
    """What a verified receipt proves.

    `trusted` is False when only the receipt itself named the log's keys, `author_trusted` when only it named
    the key of the agent who signed. `lost` is None, or how many entries of its log were left when that log
    was succeeded, its own not among them.
    """

    entry: Entry
    openings: Openings
    checkpoint: Checkpoint
    index: int
    log_keys: tuple[str, ...]
    agent_key: bytes
    trusted: bool
    author_trusted: bool
    lost: int | None = None


def format_receipt(receipt: Receipt) -> bytes:
    """Write a receipt as a tlog-proof file."""
    extra = {
        "v": 1,
        "entry": b64(receipt.entry),
        "openings": receipt.openings.as_data(),
        "log_keys": list(receipt.log_keys),
        "agent_key": b64(receipt.agent_key),
    }
    proof = receipt.proof
    return format_tlog_proof(TlogProof(proof.index, proof.hashes, proof.checkpoint, format_json(extra)))


def parse_receipt(data: bytes) -> Receipt:
    """Read a receipt; raise C80 for anything that is not one. Nothing is verified here."""
    proof = parse_tlog_proof(data)
    if proof.extra is None:
        raise CustodyError("C80", "a proof without the part that makes it a receipt")
    try:
        extra = parse_json(proof.extra)
    except IntakeError:
        raise CustodyError("C80", "not a receipt", expected="canonical JSON in its extra line") from None
    check_shape(extra, _EXTRA, "receipt")
    return Receipt(
        proof,
        unb64(extra["entry"]),
        Openings.of(extra["openings"]),
        tuple(extra["log_keys"]),
        unb64(extra["agent_key"]),
    )


def verify_receipt(
    receipt: Receipt,
    *,
    trust: Trust | None,
    check_ed25519: Check = ed25519.verify,
    check_mldsa44: Check | None = None,
) -> Proven:
    """Verify a receipt offline; return what it proves.

    1. The entry takes something into custody (C82). 2. The checkpoint is of the log trusted or of one before
    it, and the receipt's keys are of that log (C82; C96 where the trust file is older than the log). 3. That
    log's checkpoint is signed, by keys trusted beforehand if there are any, and holds the entry at the index
    claimed (C10 to C28). 4. The agent's key that the receipt names signed the entry, and is hers where the
    trust file knows her (C81). 5. The openings match the commitments in the entry (C83).
    Without `check_mldsa44` the checkpoint's ML-DSA-44 signature is not checked; the Ed25519 one always is.
    """
    entry = parse_entry(receipt.entry)
    if entry.event.kind not in (Kind.ACCESSION, Kind.SUBMISSION):
        raise CustodyError("C82", "a receipt is for an accession", found=entry.event.kind.value)
    origin = claimed_origin(receipt.proof)
    line = trust or Trust(origin, receipt.log_keys)
    _check_origins(entry.event.origin, origin, trust)
    log_keys = keys_of(line, origin)
    if not set(receipt.log_keys) <= set(log_keys):
        raise CustodyError("C82", "the receipt names keys of its log that are not those trusted")
    verifiers = log_verifiers(log_keys, check_ed25519, check_mldsa44)
    checkpoint = verify_tlog_proof(receipt.proof, leaf_hash(receipt.entry), verifiers, origin)
    known = trust.agents.get(entry.event.agent) if trust else None
    # The number of the key is not signed: where the keys are known, it must be the number of that one.
    if known is not None and receipt.agent_key not in known[entry.signatures[0].key - 1 :][:1]:
        raise CustodyError("C81", "the receipt names another key of the agent than the trust file")
    check_author(entry, receipt.agent_key, check_ed25519)
    for label, expected in receipt.openings.commitments().items():
        if entry.event.data[label] != expected:
            raise CustodyError("C83", f"the receipt's {label} is not what was logged")
    end = end_of(line, origin)
    return Proven(
        entry,
        receipt.openings,
        checkpoint,
        receipt.proof.index,
        log_keys,
        receipt.agent_key,
        trust is not None,
        known is not None,
        end if end is not None and receipt.proof.index >= end else None,
    )


def _check_origins(written: str, origin: str, trust: Trust | None) -> None:
    """Check that a checkpoint of the log `origin` may speak of an entry written for another of its line.

    What an earlier log took in stands in its successors under the origin that it was written for.
    """
    known = list(origins(trust)) if trust else []
    if trust and origin not in known and is_of_one_archive(origin, trust.origin):
        raise CustodyError(
            "C96",
            "this is of a log of the archive that the trust file does not know: ask for a newer one",
            expected=trust.origin,
            found=origin,
        )
    if trust and origin not in known:
        raise CustodyError("C82", "the entry belongs to another log", expected=trust.origin, found=origin)
    of_the_line = written in known[: known.index(origin) + 1] if trust else is_of_one_archive(written, origin)
    if not of_the_line:
        raise CustodyError("C82", "the entry belongs to another log", expected=origin, found=written)


def check_author(entry: Entry, key: bytes, check: Check) -> None:
    """Check that an agent's key signed an entry (C81), whatever the check itself says when it does not."""
    try:
        check(key, signed_message(entry.event), entry.signatures[0].value)
    except SviedkaError as fault:
        message = "the agent's signature on the entry does not verify"
        raise CustodyError("C81", message, found=entry.event.agent) from fault


def check_file(openings: Openings, read: Callable[[], bytes]) -> int:
    """Hold a file, read in chunks until empty, against a receipt (C84). Return its size in bytes."""
    running, size = hashlib.sha256(), 0
    while chunk := read():
        running.update(chunk)
        size += len(chunk)
    found = Digest(running.hexdigest())
    if found != openings.sha256:
        raise CustodyError(
            "C84", "the file is not the one this receipt is for", expected=openings.sha256, found=found
        )
    return size
