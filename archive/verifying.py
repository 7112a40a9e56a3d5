"""Verifying a receipt offline, in plain words: what it proves, what it does not, and whose word that is.

The command line and the standalone verifier say the same, because both ask here. Nothing here opens a file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archive import ed25519
from archive.coverage import Coverage, coverage_of, trust_by
from archive.digests import Digest
from archive.errors import CustodyError, IntakeError
from archive.events import parse_entry
from archive.kinds import Kind
from archive.notes import Check
from archive.proofs import claimed_origin
from archive.receipts import Proven, check_file, parse_receipt, verify_receipt
from archive.timestamps import Stamp
from archive.tlog_policy import parse_policy
from archive.trust import Trust, parse_trust
from archive.vkeys import ED25519, parse_vkey

# Control characters, and those that turn the direction of writing: a file name must not redraw the terminal.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Verified:
    """A receipt that holds. `file_bytes` is the length of the file held against it, None if none was.

    `stamp` is what a timestamp over its checkpoint says, if one was given.
    """

    proven: Proven
    file_bytes: int | None
    post_quantum: bool
    coverage: Coverage
    stamp: Stamp | None = None

    @property
    def claimed(self) -> bool:
        """Whether it came in a pack, which anyone may hand in, unopened."""
        return self.proven.entry.event.kind is Kind.SUBMISSION

    def as_data(self) -> dict[str, Any]:
        """Write what was proven as JSON values."""
        event, proven = self.proven.entry.event, self.proven
        return {
            "what": "receipt",
            "verified": True,
            "trusted": proven.trusted,
            "author_trusted": proven.author_trusted,
            "origin": proven.checkpoint.origin,
            "index": proven.index,
            "lost": proven.lost is not None,
            "size": proven.checkpoint.size,
            "root": proven.checkpoint.root.hex(),
            "item": event.data["item"],
            "at": event.at,
            "claimed": self.claimed,
            "signer": event.data.get("signer"),
            "agent": event.agent,
            "agent_key": proven.agent_key.hex(),
            "name": proven.openings.name,
            "sha256": proven.openings.sha256,
            "blake3": proven.openings.blake3,
            "file_size_bytes": self.file_bytes,
            "log_keys": [{"key": key, "fingerprint": fingerprint(key)} for key in self._log_keys()],
            "post_quantum": self.post_quantum,
            "existed_by": self.stamp.existed_by if self.stamp else None,
            "timestamp_signer": self.stamp.signer if self.stamp else None,
            **self.coverage.as_data(),
        }

    def lines(self) -> list[str]:
        """Say what was proven, for people."""
        event, proven = self.proven.entry.event, self.proven
        size = proven.checkpoint.size
        lines = [
            f"verified: {harmless(proven.openings.name)} was handed in, logged at {event.at}",
            f"   SHA-256 {proven.openings.sha256}",
            self._by_whom(),
            f"   entry {proven.index} of the log {proven.checkpoint.origin}, which then held {size} entries",
            *(f"   {line}" for line in self.coverage.lines()),
        ]
        if proven.lost is not None:
            lines.append(f"that log was lost and succeeded after {proven.lost} entries, without this one")
        if self.stamp is not None:
            lines.append(
                f"   existed by {self.stamp.existed_by}, says the authority {harmless(self.stamp.signer)}"
            )
        if self.file_bytes is None:
            lines.append("no file was compared: give the original with --file to see that it is the one")
        else:
            lines.append(f"the file is the one handed in: {self.file_bytes} bytes")
        if not self.post_quantum:
            lines.append("of the log's two kinds of signature, Ed25519 was checked and ML-DSA-44 was not")
        return lines + self._whose_word()

    def _by_whom(self) -> str:
        event = self.proven.entry.event
        if not self.claimed:
            return f"   by agent {event.agent}, as item {event.data['item']}"
        signer = event.data["signer"]
        who = f"signed by agent {signer}" if signer else "signed by nobody"
        return f"   in a pack, {who}; taken in unopened, as is claimed, as item {event.data['item']}"

    def _whose_word(self) -> list[str]:
        if self.proven.trusted:
            own = "" if self.proven.author_trusted else "; the agent's key is the receipt's own claim"
            return [f"the log's keys are those of your trust file or policy{own}"]
        return [
            "BUT: the log's keys are the receipt's own claim. Anyone can write one under keys of his own.",
            "Compare this fingerprint with one that you had from the archive another way, or give --trust:",
            *(f"   log key {fingerprint(key)}" for key in self._log_keys()),
        ]

    def _log_keys(self) -> list[str]:
        return [key for key in self.proven.log_keys if parse_vkey(key).type == ED25519]


def verify_file(
    receipt: bytes,
    *,
    read: Callable[[], bytes] | None = None,
    trust: bytes | None = None,
    policy: bytes | None = None,
    stamp: Callable[[bytes], Stamp] | None = None,
    check_ed25519: Check = ed25519.verify,
    check_mldsa44: Check | None = None,
) -> Verified:
    """Verify a receipt and, where `read` yields one in chunks until empty, the file it is for.

    `trust` is a trust file; `policy` names cosigners, and stands for a trust file where it names the log and
    there is none. `stamp` verifies a timestamp over the receipt's checkpoint, a note. Raises CustodyError:
    C80 when it is no receipt, C84 when the file is another, C85 when the trust file is none, C42 when the
    policy is none or of other logs, C24 when a cosigner's signature fails, and whatever `verify_receipt` and
    `stamp` find.
    """
    trusted: Trust | None = parse_trust(trust) if trust is not None else None
    rules = parse_policy(policy) if policy is not None else None
    try:
        parsed = parse_receipt(receipt)
        if rules is not None:
            written = parse_entry(parsed.entry).event.origin
            trusted = trust_by(rules, claimed_origin(parsed.proof), written, trusted)
        proven = verify_receipt(
            parsed, trust=trusted, check_ed25519=check_ed25519, check_mldsa44=check_mldsa44
        )
        coverage = coverage_of(parsed.proof.checkpoint, rules, check_ed25519, check_mldsa44)
    except IntakeError as fault:
        raise CustodyError("C80", f"not a receipt: {fault}") from None
    size = check_file(proven.openings, read) if read is not None else None
    # A receipt on its own names the Ed25519 key only; the other can be checked where a trust file has it.
    post_quantum = check_mldsa44 is not None and any(parse_vkey(k).type != ED25519 for k in proven.log_keys)
    stamped = stamp(parsed.proof.checkpoint) if stamp is not None else None
    return Verified(proven, size, post_quantum, coverage, stamped)


def harmless(text: str) -> str:
    """Return text that cannot steer a terminal: what could becomes question marks."""
    return _UNSAFE.sub("?", text)


def fingerprint(log_key: str) -> str:
    """Return a log key's fingerprint, to be read out: SHA-256 of the key as written, in groups of four."""
    digest = Digest.of(log_key.encode())
    return " ".join(digest[start : start + 4] for start in range(0, 64, 4))
