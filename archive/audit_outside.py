"""What was kept outside of an archive, held against its log: an earlier checkpoint, anyone's receipts."""

from dataclasses import dataclass

from archive.audit_start import Checks, opened
from archive.audit_tree import Tree
from archive.checkpoints import Checkpoint
from archive.errors import CustodyError, SviedkaError
from archive.findings import Findings
from archive.merkle import leaf_hash
from archive.receipts import Trust, parse_receipt, verify_receipt


@dataclass(frozen=True, slots=True)
class Outside:
    """Holds what was kept outside against a tree, whose doubts are settled."""

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
