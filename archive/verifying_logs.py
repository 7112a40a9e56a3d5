"""Verifying a whole log offline, in plain words: what was compared, what was not, whose word the keys are.

A log is not an archive. Nothing here reads a body, a header or a catalogue; the report says so.
"""

from collections.abc import Iterable

from archive.audit_log import LogAudit
from archive.audit_start import NOTE, Checks
from archive.checkpoints import format_checkpoint, parse_checkpoint
from archive.coverage import Coverage, coverage_of, trust_by
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.findings import Findings, Progress
from archive.holdings import HeldLog
from archive.kinds import Kind
from archive.log_reports import Contents, LogReport
from archive.notes import parse_note
from archive.succession import keys_of, origins
from archive.tlog_policy import Policy, parse_policy
from archive.trust import Trust, parse_trust
from archive.vkeys import ED25519, parse_vkey


def verify_log(
    log: HeldLog,
    *,
    checks: Checks,
    trust: bytes | None = None,
    policy: bytes | None = None,
    since: bytes | None = None,
    receipts: Iterable[bytes] = (),
    progress: Progress | None = None,
) -> LogReport:
    """Verify a log from its files; nothing in them raises, every fault is in the report.

    `trust` is a trust file (C85), `policy` says whose cosignatures count (C42), `since` is a checkpoint kept
    from before, `receipts` are anyone's. What is wrong with the first two raises.
    """
    trusted = parse_trust(trust) if trust is not None else None
    rules = parse_policy(policy) if policy is not None else None
    findings = Findings(progress)
    # 1. The checkpoint, not yet believed, and every entry: hashed, against the rules, signatures checked.
    read = LogAudit.read(log, findings, checks, stores=False)
    # 2. Whose signatures count: those of the trust file or policy, which the first entry must name too.
    named = read.named()
    if rules is not None and read.note is not None:
        trusted = trust_by(rules, read.claimed.origin, read.claimed.origin, trusted)
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
    return _report(read, trusted, relied_on, since if continues else None, _coverage(read, rules))


def _coverage(read: LogAudit, rules: Policy | None) -> Coverage | None:
    """Return by whom the checkpoint is cosigned, or note what is wrong with that."""
    if read.note is None:
        return None
    try:
        return coverage_of(read.note, rules, read.checks.ed25519, read.checks.mldsa44)
    except SviedkaError as fault:
        read.findings.error(NOTE, fault)
        return None


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


def _report(
    read: LogAudit, trusted: Trust | None, relied_on: Trust, since: bytes | None, coverage: Coverage | None
) -> LogReport:
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
        coverage=coverage,
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
