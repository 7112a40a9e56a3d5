"""The audit: everything an archive holds, verified afresh and without any key.

In order: the entries, the tree and the rules of custody; the settings and the checkpoint against the genesis
entry; the checkpoints that events, an auditor, receipts and timestamps remember; the catalogue; the stores.
Every fault is noted and the audit goes on. What only a key could show (that a key file opens, that an index
is current) is shown by opening.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from archive import ed25519
from archive.audit_bodies import BodyAudit, Sample
from archive.audit_copies import audit_copies
from archive.audit_cosigned import CosignerAudit
from archive.audit_digests import Earlier
from archive.audit_entries import Chronicle
from archive.audit_later import Moved
from archive.audit_log import LogAudit
from archive.audit_rows import RowAudit
from archive.audit_start import Checks
from archive.audit_timestamps import TimestampAudit
from archive.checkpoints import format_checkpoint
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.events import parse_entry
from archive.findings import AuditReport, Counts, Fault, Findings, Progress, Reach
from archive.holdings import Holdings
from archive.notes import Check
from archive.settings import FILE_NAME, Settings, parse_settings
from archive.timestamps import Timekeeping
from archive.tlog_policy import Policy
from archive.trust import Trust

__all__ = ["AuditReport", "Counts", "Fault", "Holdings", "Sample", "audit"]


def audit(
    holdings: Holdings,
    *,
    verify_ed25519: Check = ed25519.verify,
    verify_mldsa44: Check | None = None,
    since: bytes | None = None,
    receipts: Iterable[bytes] = (),
    policy: Policy | None = None,
    sample: Sample | None = None,
    timekeeping: Timekeeping | None = None,
    jobs: int = 1,
    earlier: Earlier | None = None,
    known: Trust | None = None,
    now: str | None = None,
    progress: Progress | None = None,
) -> AuditReport:
    """Verify an archive against its own log; never raises for anything in it.

    `since` is a checkpoint that the auditor kept from an earlier visit: the log must continue it. `receipts`
    are anyone's: the log must hold each where it says. `policy` says which cosigners the auditor trusts.
    `sample` reads only some of the bodies, `jobs` at once; `earlier` has those that it read before it was
    stopped. `timekeeping` has the timestamps over the log. `known` are the keys that she trusts beforehand:
    the log must be theirs. `now` is her own time: no entry is dated after it.
    """
    findings, checks = Findings(progress), Checks(verify_ed25519, verify_mldsa44)
    # 1. The published checkpoint. 2. Every entry.
    read = LogAudit.read(holdings, findings, checks)
    claimed, chronicle = read.claimed, read.chronicle
    # 3. The entries say whose signatures count; the settings must say the same.
    settings = _settings(holdings, findings)
    trust = _trust(settings, findings, read)
    # 4. The signatures, the root, and the checkpoints that events cite.
    if known is not None and (known.origin, known.log_keys) != (trust.origin, trust.log_keys):
        message = "the log begins with other keys than the trust file names"
        findings.fault("C36", "entry 0", message, expected=known.origin, found=trust.origin)
    read.settle(trust, now)
    # 5. Whatever others kept of this log, it continues and holds that.
    read.hold_against(trust, since, receipts)
    covered = _timestamped(timekeeping, trust, read)
    read.outside(trust).check_predecessors(settings)
    reach = CosignerAudit(holdings, findings, checks, trust, read.tree, policy).run()
    # 6. The catalogue, row by row. 7. The stores, body by body.
    moved = Moved(holdings, trust, checks, claimed)
    _audit_stores(holdings, findings, chronicle, moved, sample=sample, jobs=jobs, earlier=earlier)
    sampled = f"{sample.count} by the seed {sample.seed}" if sample is not None else None
    return replace(_report(read, covered, reach), sampled=sampled)


def _trust(settings: Settings | None, findings: Findings, read: LogAudit) -> Trust:
    """Return the origin and keys of the log as its entries name them, and compare the settings."""
    trust, genesis = read.named(), read.chronicle.genesis
    if trust is None or genesis is None:
        return settings.trust if settings else Trust("", ())
    if settings is not None:
        data = parse_entry(genesis).event.data
        pairs = {
            "genesis": (Digest.of(genesis), settings.genesis),
            "origin": (trust.origin, settings.origin),
            "archive": (data.get("archive"), settings.archive),
            "log_keys": (trust.log_keys, settings.log_keys),
            "earlier": (trust.earlier, settings.earlier),
        }
        for name, (expected, found) in pairs.items():
            if expected != found:
                message = f"the settings are not of this log: {name}"
                findings.fault("C89", FILE_NAME, message, expected=expected, found=found)
    return trust


def _settings(holdings: Holdings, findings: Findings) -> Settings | None:
    try:
        return parse_settings(holdings.settings())
    except SviedkaError as fault:
        findings.error(FILE_NAME, fault)
        return None


def _audit_stores(
    holdings: Holdings,
    findings: Findings,
    chronicle: Chronicle,
    moved: Moved,
    *,
    sample: Sample | None,
    jobs: int,
    earlier: Earlier | None,
) -> None:
    for path in holdings.leftovers():
        findings.warn("F52", path, "left half-written by a crash")
    for path in holdings.strays():
        findings.fault("F51", path, "no file of the archive is called that")
    sizes: dict[Digest, int] = {}
    waiting: set[tuple[Digest, Digest]] = set()
    if chronicle.complete:
        rows = RowAudit(holdings, findings, chronicle)
        rows.run()
        sizes, waiting = rows.sizes, rows.waiting
    else:
        findings.warn(
            "C93", "catalogue", "not compared: there are entries that cannot be read, or were changed"
        )
    ledger = chronicle.ledger
    renditions = {
        one.sealed.body: replace(one, sealed=ledger.present(one.sealed)) for one in ledger.renditions.values()
    }
    destroyed = {form.sealed.body for item in ledger.tombstones.values() for form in item.renditions.values()}
    bodies = BodyAudit(
        holdings, findings, renditions, sizes, waiting, destroyed, log_is_whole=chronicle.complete
    )
    bodies.run(sample, jobs, earlier)
    if chronicle.complete:
        bodies.surplus()
        audit_copies(holdings, findings, renditions, destroyed, moved)
    # What is not as the log said when the audit began may have been moved lawfully since.
    if bodies.doubts:
        with moved.since() as later:
            bodies.settle(later)


def _timestamped(kept: Timekeeping | None, trust: Trust, read: LogAudit) -> int:
    """Verify the timestamps; return how many entries they cover."""
    return TimestampAudit(kept, trust, read.checks, read.tree, read.findings).run() if kept else 0


def _report(read: LogAudit, timestamped: int, cosigned: Reach | None) -> AuditReport:
    findings, claimed = read.findings, read.claimed
    if findings.faults_found:
        outcome = "failed"
    else:
        outcome = "verified" if read.chronicle.ledger.items else "nothing"
    return AuditReport(
        outcome,
        claimed.origin,
        claimed.size,
        claimed.root.hex(),
        Digest.of(format_checkpoint(claimed)) if read.note is not None else None,
        findings.counts,
        _kept(findings.faults),
        _kept(findings.warnings),
        findings.faults_found,
        timestamped,
        cosigned=cosigned,
    )


def _kept(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    return tuple(dict.fromkeys(faults))
