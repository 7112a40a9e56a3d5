"""Verifying a whole log offline, in plain words: what was compared, what was not, whose word the keys are.

A log is not an archive. Nothing here reads a body, a header or a catalogue; the report says so.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from archive.audit_log import LogAudit
from archive.audit_start import NOTE, Checks
from archive.checkpoints import format_checkpoint, parse_checkpoint
from archive.digests import Digest
from archive.findings import Fault, Findings, Progress
from archive.holdings import HeldLog
from archive.kinds import Kind
from archive.notes import parse_note
from archive.succession import keys_of, origins
from archive.trust import Trust, parse_trust
from archive.verifying import fingerprint, harmless
from archive.vkeys import ED25519, parse_vkey

_DAMAGED = 4
_FAILED = 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What a log tells of: when its first and its last entry say they were made, and how many of what."""

    first: str
    last: str
    agents: int
    items: int
    destroyed: int
    readings: int


@dataclass(frozen=True, slots=True)
class LogReport:
    """What came of verifying a log: verified, failed, or nothing, if no entry was there to compare.

    `trusted` is False when only the log itself named its keys. `since` is the size of the earlier checkpoint
    that was given, None if none was or it does not hold.
    """

    outcome: str
    origin: str
    size: int
    root: str
    fingerprint: Digest | None
    entries: int
    signatures: int
    tiles: int
    receipts: int
    since: int | None
    contents: Contents | None
    trusted: bool
    log_keys: tuple[str, ...]
    post_quantum: bool
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    faults_found: int

    @property
    def exit_status(self) -> int:
        """0 verified, 4 where files are damaged or missing and nothing else is wrong, 1 otherwise."""
        if self.outcome == "verified":
            return 0
        kept_all = self.faults_found <= len(self.faults)
        damage = kept_all and all(one.code.startswith("F") for one in self.faults)
        return _DAMAGED if self.faults and damage else _FAILED

    def as_data(self) -> dict[str, Any]:
        """Write the report as JSON values."""
        keys = [{"key": key, "fingerprint": fingerprint(key)} for key in self.log_keys]
        return {"what": "log", "verified": self.outcome == "verified", **asdict(self), "log_keys": keys}

    def lines(self) -> list[str]:
        """Say what came of it, for people."""
        words = {
            "verified": f"verified: the log is whole; its {self.size} entries keep the rules of custody",
            "failed": f"NOT VERIFIED: faults found: {self.faults_found}",
            "nothing": "NOTHING WAS VERIFIED",
        }
        lines = [
            words[self.outcome],
            f"   log {harmless(self.origin)}, {self.size} entries, root {self.root}",
            f"   checkpoint {self.fingerprint}",
            f"   compared: entries {self.entries}, signatures {self.signatures}, tiles {self.tiles}",
            *self._contents(),
            *self._kept(),
            "NOT compared: what the archive holds. Only its log was here: no file, no header, no catalogue.",
        ]
        if not self.post_quantum:
            lines.append("of the log's two kinds of signature, Ed25519 was checked and ML-DSA-44 was not")
        lines += self._whose_word()
        lines += [_line("fault", one) for one in self.faults]
        return lines + [_line("warning", one) for one in self.warnings]

    def _contents(self) -> list[str]:
        told = self.contents
        if told is None:
            return []
        return [
            f"   the entries say they were made from {told.first} to {told.last}, and tell of",
            f"   agents {told.agents}, items taken in {told.items}, destroyed {told.destroyed}, "
            f"readings {told.readings}",
        ]

    def _kept(self) -> list[str]:
        lines = []
        if self.since is not None and self.outcome == "verified":
            lines.append(
                f"it continues the earlier checkpoint of {self.since} entries: nothing in them was changed"
            )
        elif self.since is None:
            lines.append(
                "no earlier checkpoint was compared: that nothing was cut off or rewritten shows only beside "
                "one that was kept (--since), or receipts (--with)"
            )
        if self.receipts and self.outcome == "verified":
            lines.append(f"it holds what the receipts say, where they say it: {self.receipts}")
        return lines

    def _whose_word(self) -> list[str]:
        if self.trusted:
            return ["the log's keys are those of the trust file"]
        return [
            "BUT: the log's keys are its own first entry's claim. Anyone can write a log under his own keys.",
            "Compare this fingerprint with one that you had from the archive another way, or give --trust:",
            *(f"   log key {fingerprint(key)}" for key in self.log_keys if parse_vkey(key).type == ED25519),
        ]


def verify_log(
    log: HeldLog,
    *,
    checks: Checks,
    trust: bytes | None = None,
    since: bytes | None = None,
    receipts: Iterable[bytes] = (),
    progress: Progress | None = None,
) -> LogReport:
    """Verify a log from its files; nothing in them raises, every fault is in the report.

    `trust` is a trust file (C85), `since` a checkpoint kept from before, `receipts` are anyone's.
    """
    trusted = parse_trust(trust) if trust is not None else None
    findings = Findings(progress)
    # 1. The checkpoint, not yet believed, and every entry: hashed, against the rules, signatures checked.
    read = LogAudit.read(log, findings, checks, stores=False)
    # 2. Whose signatures count: those of the trust file, which the first entry must name too.
    named = read.named()
    if trusted is not None and named is not None:
        _compare(trusted, named, read)
    relied_on = trusted or named or Trust("", ())
    for one in relied_on.earlier:
        message = (
            f"succeeded after {one.size} entries; what it held later was lost; its signature is not here"
        )
        findings.warn("C98", one.origin, message)
    # 3. The checkpoint is signed by them, the entries lead to its root, and to those that events cite.
    read.settle(relied_on)
    # 4. What was kept elsewhere.
    before = findings.faults_found
    read.hold_against(relied_on, since, ())
    continues = since is not None and findings.faults_found == before
    read.hold_against(relied_on, None, receipts)
    return _report(read, trusted, relied_on, since if continues else None)


def _compare(trusted: Trust, named: Trust, read: LogAudit) -> None:
    """Hold a trust file against what the log says: its line and keys (C02, C96), and agents' keys (C03)."""
    findings = read.findings
    if trusted.origin in origins(named) and trusted.origin != named.origin:
        message = "the log succeeded the one that the trust file names: ask for a newer trust file"
        findings.fault("C96", "entry 0", message, expected=trusted.origin, found=named.origin)
    elif trusted.origin != named.origin:
        message = "the log is not the one that the trust file names"
        findings.fault("C02", "entry 0", message, expected=trusted.origin, found=named.origin)
    elif trusted.earlier != named.earlier:
        findings.fault("C02", "entry 0", "the log followed other logs than the trust file names")
    if not set(trusted.log_keys) <= set(keys_of(named, trusted.origin) or named.log_keys):
        findings.fault("C02", "entry 0", "the log names other keys of its own than the trust file")
    for agent, keys in trusted.agents.items():
        known = read.chronicle.ledger.agents.get(agent)
        if known is None or not set(keys) <= set(known.signing_keys):
            findings.fault(
                "C03", f"agent {agent}", "the log names other keys of an agent than the trust file"
            )


def _report(read: LogAudit, trusted: Trust | None, relied_on: Trust, since: bytes | None) -> LogReport:
    findings, counts = read.findings, read.findings.counts
    outcome = "failed" if findings.faults_found else "verified"
    if outcome == "verified" and not counts.entries:
        outcome = "nothing"
        findings.fault("C01", NOTE, "nothing was compared: the log has no entry")
    return LogReport(
        outcome=outcome,
        origin=read.claimed.origin,
        size=read.claimed.size,
        root=read.claimed.root.hex(),
        fingerprint=Digest.of(format_checkpoint(read.claimed)) if read.note is not None else None,
        entries=counts.entries,
        signatures=counts.signatures,
        tiles=counts.tiles,
        receipts=counts.receipts,
        since=parse_checkpoint(parse_note(since).text).size if since is not None else None,
        contents=_contents(read),
        trusted=trusted is not None,
        log_keys=relied_on.log_keys,
        post_quantum=read.checks.mldsa44 is not None and _has_two_kinds(relied_on),
        faults=tuple(dict.fromkeys(findings.faults)),
        # That one kind of signature was not checked is said in a line of its own.
        warnings=tuple(one for one in dict.fromkeys(findings.warnings) if one.object != NOTE),
        faults_found=findings.faults_found,
    )


def _contents(read: LogAudit) -> Contents | None:
    chronicle, ledger = read.chronicle, read.chronicle.ledger
    if chronicle.first is None or chronicle.last is None:
        return None
    return Contents(
        chronicle.first,
        chronicle.last,
        len(ledger.agents),
        len(ledger.items) + len(ledger.tombstones),
        len(ledger.tombstones),
        chronicle.kinds[Kind.READING],
    )


def _has_two_kinds(trust: Trust) -> bool:
    return any(parse_vkey(key).type != ED25519 for key in trust.log_keys)


def _line(word: str, one: Fault) -> str:
    expected = f"; expected {one.expected}" if one.expected is not None else ""
    found = f"; found {one.found}" if one.found is not None else ""
    return harmless(f"{word}: {one.object}: {one.message}{expected}{found} [{one.code}]")
