"""Verifying a lone checkpoint offline, in plain words: who signed which state of which log."""

from dataclasses import dataclass
from typing import Any

from archive.audit_start import Checks, opened
from archive.checkpoints import Checkpoint, format_checkpoint, parse_checkpoint
from archive.coverage import Coverage, coverage_of, trust_by
from archive.digests import Digest
from archive.errors import CustodyError, IntakeError
from archive.notes import parse_note
from archive.tlog_policy import parse_policy
from archive.trust import Trust, parse_trust
from archive.verifying import fingerprint, harmless
from archive.vkeys import ED25519, parse_vkey


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint that the trusted keys signed. `compared` says that an earlier one says just the same."""

    checkpoint: Checkpoint
    trust: Trust
    post_quantum: bool
    compared: bool
    coverage: Coverage

    @property
    def fingerprint(self) -> Digest:
        """The SHA-256 of the checkpoint's text, to be read out and compared."""
        return Digest.of(format_checkpoint(self.checkpoint))

    def as_data(self) -> dict[str, Any]:
        """Write what was verified as JSON values."""
        return {
            "what": "checkpoint",
            "verified": True,
            "trusted": True,
            "origin": self.checkpoint.origin,
            "size": self.checkpoint.size,
            "root": self.checkpoint.root.hex(),
            "fingerprint": self.fingerprint,
            "compared": self.compared,
            "log_keys": [{"key": key, "fingerprint": fingerprint(key)} for key in self.trust.log_keys],
            "post_quantum": self.post_quantum,
            **self.coverage.as_data(),
        }

    def lines(self) -> list[str]:
        """Say what was verified, for people."""
        point = self.checkpoint
        lines = [
            f"verified: the log {harmless(point.origin)} signed that it holds {point.size} entries",
            f"   root {point.root.hex()}",
            f"   checkpoint {self.fingerprint}",
            *(f"   {line}" for line in self.coverage.lines()),
            "the log's keys are those of your trust file or policy",
        ]
        if self.compared:
            lines.append("the earlier checkpoint says the same of the log")
        if not self.post_quantum:
            lines.append("of the log's two kinds of signature, Ed25519 was checked and ML-DSA-44 was not")
        return [
            *lines,
            "NOT compared: the entries behind it. What they say, and whether they lead there, the log shows.",
        ]


def verify_checkpoint(
    note: bytes,
    *,
    trust: bytes | None,
    policy: bytes | None = None,
    since: bytes | None = None,
    checks: Checks,
) -> VerifiedCheckpoint:
    """Verify a checkpoint against a trust file, or a policy that names the log.

    1. One of these is there, since a checkpoint names no keys (I53). 2. All those keys signed (C22 to C28).
    3. An earlier checkpoint of the same size has the same root (C90: the log showed two histories); whether
    one of another size goes with it, only the log can show (I54).
    """
    trusted = parse_trust(trust) if trust is not None else None
    rules = parse_policy(policy) if policy is not None else None
    if rules is not None:
        origin = parse_checkpoint(parse_note(note).text).origin
        trusted = trust_by(rules, origin, origin, trusted)
    if trusted is None:
        raise IntakeError("I53", "a checkpoint names no keys", expected="--trust with the log's keys")
    checkpoint = opened(note, trusted, checks)
    coverage = coverage_of(note, rules, checks.ed25519, checks.mldsa44)
    if since is not None:
        _compare(checkpoint, opened(since, trusted, checks))
    kinds = {parse_vkey(key).type for key in trusted.log_keys}
    post_quantum = checks.mldsa44 is not None and kinds != {ED25519}
    return VerifiedCheckpoint(checkpoint, trusted, post_quantum, since is not None, coverage)


def _compare(checkpoint: Checkpoint, earlier: Checkpoint) -> None:
    if (checkpoint.origin, checkpoint.size) != (earlier.origin, earlier.size):
        raise IntakeError(
            "I54", "that one checkpoint continues another, only the log shows", expected="the log's folder"
        )
    if checkpoint.root != earlier.root:
        message = f"the log showed two histories of {checkpoint.size} entries"
        raise CustodyError("C90", message, expected=earlier.root.hex(), found=checkpoint.root.hex())
