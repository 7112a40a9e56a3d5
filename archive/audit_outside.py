"""What was kept outside the archive, or of an earlier log of it, held against the log."""

from collections.abc import Mapping
from dataclasses import dataclass

from archive.audit_start import Checks, opened
from archive.audit_tree import Tree
from archive.checkpoints import Checkpoint
from archive.digests import Digest
from archive.errors import CustodyError, SviedkaError
from archive.findings import Findings
from archive.ids import Id
from archive.merkle import leaf_hash
from archive.receipts import Proven, parse_receipt, verify_receipt
from archive.settings import FILE_NAME, Settings
from archive.succession import Lost, end_of
from archive.trust import Trust


@dataclass(frozen=True, slots=True)
class Outside:
    """Holds checkpoints and receipts against the tree. `readmitted` are the events put on record again."""

    trust: Trust
    checks: Checks
    tree: Tree
    findings: Findings
    readmitted: Mapping[Id, Lost]

    def check_since(self, note: bytes) -> None:
        """Check that the log continues a checkpoint that the auditor kept."""
        try:
            self._check_continues(opened(note, self.trust, self.checks))
        except SviedkaError as fault:
            self.findings.error("the checkpoint of an earlier audit", fault)

    def check_receipt(self, name: str, data: bytes) -> None:
        """Check that the log continues a receipt's checkpoint and holds its entry (C91), or readmitted it."""
        self.findings.counts.receipts += 1
        checks = self.checks
        try:
            receipt = parse_receipt(data)
            proven = verify_receipt(
                receipt, trust=self.trust, check_ed25519=checks.ed25519, check_mldsa44=checks.mldsa44
            )
            if proven.lost is not None:
                self._check_readmitted(proven, receipt.entry)
                return
            self._check_continues(proven.checkpoint, shorter=True)
            if self.tree.leaf(proven.index) != leaf_hash(receipt.entry):
                raise CustodyError("C91", "the log holds another entry than a receipt", found=proven.index)
        except SviedkaError as fault:
            self.findings.error(name, fault)

    def check_predecessors(self, settings: Settings | None) -> None:
        """Check that each earlier log signed the entries that its successor begins with (C97)."""
        for number, one in enumerate(self.trust.earlier):
            size, origin = one.size, one.origin
            self.findings.warn("C98", origin, f"succeeded after {size} entries; what it held later was lost")
            note = settings.notes[number] if settings and number < len(settings.notes) else b""
            try:
                signed = opened(note, self.trust, self.checks)
            except SviedkaError as fault:
                self.findings.error(FILE_NAME, fault)
                continue
            expected = (origin, size, self.tree.root_at(min(size, self.tree.size)))
            if (signed.origin, signed.size, signed.root) != expected:
                self.findings.fault(
                    "C97",
                    FILE_NAME,
                    "an earlier log signed other entries than its successor begins with",
                    expected=f"{size} entries of {origin}",
                    found=f"{signed.size} entries of {signed.origin}",
                )

    def _check_readmitted(self, proven: Proven, entry: bytes) -> None:
        """Check that what was lost with an earlier log is on record again (C95)."""
        found = self.readmitted.get(proven.entry.event.id)
        if found is None or found.entry != Digest.of(entry):
            raise CustodyError(
                "C95",
                "what this receipt proves was lost with an earlier log and is not readmitted",
                expected=f"entry {proven.index}",
                found=f"{proven.lost} entries",
            )

    def _check_continues(self, kept: Checkpoint, *, shorter: bool = False) -> None:
        """Check that the tree begins with the one of a checkpoint seen elsewhere (C90, C94).

        Of an earlier log only what its successor begins with can be compared: `shorter` lets more pass.
        """
        end = end_of(self.trust, kept.origin)
        if end is not None and kept.size > end:
            if shorter:
                return
            message = "an earlier log had more entries than its successor begins with: they were lost"
            raise CustodyError("C94", message, expected=kept.size, found=end)
        if kept.size > self.tree.size:
            size = self.tree.size
            raise CustodyError("C90", "the log is shorter than it was", expected=kept.size, found=size)
        found = self.tree.root_at(kept.size)
        if found != kept.root:
            message = f"the log was rewritten below {kept.size}"
            raise CustodyError("C90", message, expected=kept.root.hex(), found=found.hex())
