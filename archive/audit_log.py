"""The audit of a log alone: its entries, its tree, its signatures, and what others kept of it.

The audit of an archive begins with it; the standalone verifier does nothing else with a mirrored log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from archive.audit_entries import Chronicle
from archive.audit_outside import Outside
from archive.audit_start import Checks, check_note, claimed_by, readable
from archive.audit_tree import Tree
from archive.checkpoints import Checkpoint
from archive.events import parse_entry
from archive.findings import Findings
from archive.holdings import HeldLog
from archive.kinds import Kind
from archive.trust import Trust


@dataclass(frozen=True, slots=True)
class LogAudit:
    """A log as it was read: the published note, what that claims, what the entries say, and their tree."""

    findings: Findings
    checks: Checks
    note: bytes | None
    claimed: Checkpoint
    chronicle: Chronicle
    tree: Tree

    @classmethod
    def read(cls, log: HeldLog, findings: Findings, checks: Checks, *, stores: bool = True) -> "LogAudit":
        """Read a whole log once. `stores` says that what the stores must hold is wanted too.

        1. The published checkpoint, not yet believed, says how many entries to read. 2. Every entry is
        strictly read, hashed, held against the rules, all signatures checked.
        """
        note, claimed = claimed_by(log, findings)
        chronicle = Chronicle(findings, checks.ed25519, stores=stores)
        tree = Tree(log, findings, readable(log, claimed, findings))
        tree.walk(chronicle.take)
        return cls(findings, checks, note, claimed, chronicle, tree)

    def named(self) -> Trust | None:
        """Return origin and keys of the log as its entries name them; None where it has no genesis entry."""
        if self.chronicle.genesis is None:
            return None
        ledger, event = self.chronicle.ledger, parse_entry(self.chronicle.genesis).event
        named = tuple(event.data["log_keys"]) if event.kind is Kind.GENESIS else ()
        return Trust(ledger.origin, ledger.log_keys or named, earlier=tuple(ledger.earlier))

    def settle(self, trust: Trust, now: str | None = None) -> None:
        """Check who signed, and where the entries lead.

        3. The checkpoint is signed by the keys of `trust`, and the entries lead to its root. 4. Whatever
        checkpoints events cite, this log had them. Events are dated in
        the order of the log, and not after `now`.
        """
        check_note(self.note, trust, self.checks, self.findings)
        self.tree.settle(self.claimed.root if self.note is not None else None)
        # What a damaged entry says explains nothing, and what it said is not known.
        self.chronicle.complete = self.chronicle.complete and self.tree.sound
        self.chronicle.cited.check(self.tree, self.findings)
        self.chronicle.dates.check(self.chronicle.ledger, self.findings, now)

    def hold_against(self, trust: Trust, since: bytes | None, receipts: Iterable[bytes]) -> None:
        """Check what was kept elsewhere. 5. The log continues a checkpoint. 6. It holds what receipts say."""
        outside = self.outside(trust)
        if since is not None:
            outside.check_since(since)
        for number, receipt in enumerate(receipts, start=1):
            outside.check_receipt(f"receipt {number}", receipt)

    def outside(self, trust: Trust) -> Outside:
        """Return what holds against the tree what was kept elsewhere."""
        ledger = self.chronicle.ledger
        agents = {one.agent: one.signing_keys for one in ledger.agents.values()}
        known = replace(trust, agents=agents)
        return Outside(known, self.checks, self.tree, self.findings, ledger.readmitted)
