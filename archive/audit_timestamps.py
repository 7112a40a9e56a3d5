"""The audit of timestamps: each holds, is over a checkpoint of just this log, and covers what it says."""

from dataclasses import dataclass

from archive.audit_start import Checks, opened
from archive.audit_tree import Tree
from archive.checkpoints import Checkpoint
from archive.errors import CustodyError, SviedkaError
from archive.findings import Findings
from archive.succession import end_of
from archive.timestamps import Kept, Name, Stamp, Timekeeping
from archive.trust import Trust


@dataclass(frozen=True, slots=True)
class TimestampAudit:
    """Holds the timestamps that are kept against a tree, whose doubts are settled."""

    kept: Timekeeping
    trust: Trust
    checks: Checks
    tree: Tree
    findings: Findings

    def run(self) -> int:
        """Verify every timestamp; return how many entries the one over the largest tree covers.

        Notes C56 for one that does not hold, C57 for one over a checkpoint that is not of this log, F57 for
        one that is not all there, F51 for what is no timestamp.
        """
        for stray in self.kept.held.strays():
            self.findings.fault("F51", stray, "no timestamp is called that")
        covered = 0
        for name in self.kept.names:
            try:
                covered = max(covered, self._check(name, self.kept.held.load(name)))
            except SviedkaError as fault:
                self.findings.error(f"timestamp {name}", fault)
        return covered

    def _check(self, name: Name, kept: Kept) -> int:
        """Return how many entries a timestamp covers; none, if it is not of those who are believed."""
        checkpoint = self._signed(kept.note)
        end = end_of(self.trust, checkpoint.origin)
        lost = end is not None and checkpoint.size > end
        if not lost:
            self._check_continues(checkpoint)
        if self._stamp(kept) is None:
            message = "a timestamp of an authority that is not among those pinned for this audit"
            self.findings.warn("C56", f"timestamp {name}", message)
            return 0
        if lost:
            message = "a timestamp over entries that were lost with an earlier log: nothing to compare"
            self.findings.warn("C57", f"timestamp {name}", message)
            return 0
        self.findings.counts.timestamps += 1
        return checkpoint.size

    def _stamp(self, kept: Kept) -> Stamp | None:
        try:
            return self.kept.verify(kept.note, kept.token)
        except SviedkaError as fault:
            raise CustodyError("C56", f"a timestamp does not hold: {fault}", found=fault.code) from None

    def _signed(self, note: bytes) -> Checkpoint:
        """Return the checkpoint of a note that this log, or one before it, signed (C57)."""
        try:
            return opened(note, self.trust, self.checks)
        except SviedkaError as fault:
            message = f"a timestamp is over what this log did not sign: {fault}"
            raise CustodyError("C57", message, found=fault.code) from None

    def _check_continues(self, checkpoint: Checkpoint) -> None:
        """Check that the log continues a checkpoint (C57)."""
        if checkpoint.size > self.tree.size:
            message = "the log is shorter than a timestamp says"
            raise CustodyError("C57", message, expected=checkpoint.size, found=self.tree.size)
        found = self.tree.root_at(checkpoint.size)
        if found != checkpoint.root:
            message = f"the log was rewritten below {checkpoint.size}, where there is a timestamp"
            raise CustodyError("C57", message, expected=checkpoint.root.hex(), found=found.hex())
