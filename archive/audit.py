"""The audit: everything an archive holds, verified afresh and without any key.

In order: the entries, the tree and the rules of custody; the settings and the checkpoint against the genesis
entry; the checkpoints that events, an auditor and receipts remember; the catalogue; the stores. Every fault
is noted and the audit goes on. What only a key could show (that a key file opens, that an index is current)
is shown by opening.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archive import ed25519
from archive.audit_bodies import BodyAudit, Sample
from archive.audit_entries import Chronicle
from archive.audit_later import Moved
from archive.audit_rows import RowAudit
from archive.audit_start import Checks, check_note, claimed_by, opened
from archive.audit_tree import Tree
from archive.checkpoints import Checkpoint, format_checkpoint
from archive.digests import Digest
from archive.errors import CustodyError, SviedkaError
from archive.events import parse_entry
from archive.findings import AuditReport, Counts, Fault, Findings, Progress
from archive.holdings import Holdings
from archive.kinds import Kind
from archive.merkle import leaf_hash
from archive.notes import Check
from archive.receipts import Trust, parse_receipt, verify_receipt
from archive.settings import FILE_NAME, Settings, parse_settings

__all__ = ["AuditReport", "Counts", "Fault", "Holdings", "Sample", "audit"]


def audit(
    holdings: Holdings,
    *,
    verify_ed25519: Check = ed25519.verify,
    verify_mldsa44: Check | None = None,
    since: bytes | None = None,
    receipts: Iterable[bytes] = (),
    sample: Sample | None = None,
    progress: Progress | None = None,
) -> AuditReport:
    """Verify an archive against its own log; never raises for anything in it.

    `since` is a checkpoint that the auditor kept from an earlier visit: the log must continue it. `receipts`
    are anyone's: the log must hold each where it says. `sample` reads only some of the bodies.
    """
    findings, checks = Findings(progress), Checks(verify_ed25519, verify_mldsa44)
    # 1. The published checkpoint, not yet believed: it says how many entries to read.
    note, claimed = claimed_by(holdings, findings)
    # 2. Every entry: strictly read, hashed, held against the rules, all signatures checked.
    chronicle, tree = Chronicle(findings, verify_ed25519), Tree(holdings, findings, claimed.size)
    tree.walk(chronicle.take)
    # 3. The genesis entry says whose signatures count; the settings must say the same.
    trust = _trust(holdings, findings, chronicle)
    # 4. The checkpoint is signed by those keys, and the entries lead to its root.
    check_note(note, trust, checks, findings)
    tree.settle(claimed.root if note is not None else None)
    # 5. Whatever checkpoints others saw, this log continues them.
    chronicle.check_cited(tree)
    agents = {one.agent: one.signing_keys for one in chronicle.ledger.agents.values()}
    outside = _Outside(replace(trust, agents=agents), checks, tree, findings)
    if since is not None:
        outside.check_since(since)
    for number, receipt in enumerate(receipts, start=1):
        outside.check_receipt(f"receipt {number}", receipt)
    # 6. The catalogue, row by row. 7. The stores, body by body.
    moved = Moved(holdings, trust, checks, claimed)
    _audit_stores(holdings, findings, chronicle, sample, moved)
    return _report(findings, claimed, chronicle, note)


def _trust(holdings: Holdings, findings: Findings, chronicle: Chronicle) -> Trust:
    """Return the origin and keys of the log as its genesis entry names them, and compare the settings."""
    settings = _settings(holdings, findings)
    if chronicle.genesis is None:
        return Trust(settings.origin, settings.log_keys) if settings else Trust("", ())
    event = parse_entry(chronicle.genesis).event
    trust = Trust(event.origin, tuple(event.data["log_keys"]) if event.kind is Kind.GENESIS else ())
    if settings is not None:
        pairs = {
            "genesis": (Digest.of(chronicle.genesis), settings.genesis),
            "origin": (trust.origin, settings.origin),
            "archive": (event.data.get("archive"), settings.archive),
            "log_keys": (trust.log_keys, settings.log_keys),
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


@dataclass(frozen=True, slots=True)
class _Outside:
    """Holds what was kept outside the archive against its log."""

    trust: Trust
    checks: Checks
    tree: Tree
    findings: Findings

    def check_since(self, note: bytes) -> None:
        """Check that the log continues a checkpoint that the auditor kept."""
        try:
            self._check_continues(opened(note, self.trust, self.checks))
        except SviedkaError as fault:
            self.findings.error("the checkpoint of an earlier audit", fault)

    def check_receipt(self, name: str, data: bytes) -> None:
        """Check that the log continues a receipt's checkpoint and holds its entry (C91)."""
        self.findings.counts.receipts += 1
        checks = self.checks
        try:
            receipt = parse_receipt(data)
            proven = verify_receipt(
                receipt, trust=self.trust, check_ed25519=checks.ed25519, check_mldsa44=checks.mldsa44
            )
            self._check_continues(proven.checkpoint)
            if self.tree.leaf(proven.index) != leaf_hash(receipt.entry):
                raise CustodyError("C91", "the log holds another entry than a receipt", found=proven.index)
        except SviedkaError as fault:
            self.findings.error(name, fault)

    def _check_continues(self, kept: Checkpoint) -> None:
        """Check that the tree begins with the one of a checkpoint seen elsewhere (C90)."""
        if kept.size > self.tree.size:
            size = self.tree.size
            raise CustodyError("C90", "the log is shorter than it was", expected=kept.size, found=size)
        found = self.tree.root_at(kept.size)
        if found != kept.root:
            message = f"the log was rewritten below {kept.size}"
            raise CustodyError("C90", message, expected=kept.root.hex(), found=found.hex())


def _audit_stores(
    holdings: Holdings, findings: Findings, chronicle: Chronicle, sample: Sample | None, moved: Moved
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
        findings.warn("C93", "catalogue", "not compared: there are entries that cannot be read")
    ledger = chronicle.ledger
    renditions = {
        one.sealed.body: replace(one, sealed=ledger.present(one.sealed)) for one in ledger.renditions.values()
    }
    destroyed = {form.sealed.body for item in ledger.tombstones.values() for form in item.renditions.values()}
    bodies = BodyAudit(holdings, findings, renditions, sizes, waiting, destroyed)
    bodies.run(sample)
    if chronicle.complete:
        bodies.surplus()
    # What is not as the log said when the audit began may have been moved lawfully since.
    if bodies.doubts:
        with moved.since() as later:
            bodies.settle(later)


def _report(findings: Findings, claimed: Checkpoint, chronicle: Chronicle, note: bytes | None) -> AuditReport:
    if findings.faults_found:
        outcome = "failed"
    else:
        outcome = "verified" if chronicle.ledger.items else "nothing"
    return AuditReport(
        outcome,
        claimed.origin,
        claimed.size,
        claimed.root.hex(),
        Digest.of(format_checkpoint(claimed)) if note is not None else None,
        findings.counts,
        _kept(findings.faults),
        _kept(findings.warnings),
        findings.faults_found,
    )


def _kept(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    return tuple(dict.fromkeys(faults))
