"""What was moved while an audit went on: the archive as it stands later, believed as far as it is verified.

An audit reads the log and the catalogue of one moment, and the stores after it. Meanwhile a header may have
been sealed again, or an item destroyed, lawfully: then a later part of the log says so.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from archive.audit_entries import Chronicle
from archive.audit_start import Checks, check_note, claimed_by, readable
from archive.audit_tree import Tree
from archive.checkpoints import Checkpoint
from archive.digests import Digest
from archive.findings import Findings
from archive.holdings import Holdings, Row
from archive.ledger import Ledger
from archive.trust import Trust


@dataclass(frozen=True, slots=True)
class Later:
    """The archive some time after the audit began, what its log says, and the headers that wait there."""

    holdings: Holdings
    ledger: Ledger
    waiting: set[tuple[Digest, Digest]]


@dataclass(frozen=True, slots=True)
class Moved:
    """An archive whose log had a certain checkpoint when the audit began."""

    holdings: Holdings
    trust: Trust
    checks: Checks
    before: Checkpoint

    @contextmanager
    def since(self) -> Iterator[Later | None]:
        """Yield the archive as it stands now; None where its log did not grow, or not lawfully.

        1. The newer checkpoint is signed by the same keys. 2. Its tree begins with the one audited. 3. Every
        entry keeps the rules of custody, all signatures checked.
        """
        with self.holdings.now() as holdings:
            findings = Findings()
            note, claimed = claimed_by(holdings, findings)
            if note is None or claimed.size <= self.before.size:
                yield None
                return
            chronicle = Chronicle(findings, self.checks.ed25519)
            tree = Tree(holdings, findings, readable(holdings, claimed, findings))
            tree.walk(chronicle.take)
            check_note(note, self.trust, self.checks, findings)
            tree.settle(claimed.root)
            continues = tree.root_at(self.before.size) == self.before.root
            if findings.faults_found or not continues:
                yield None
                return
            rows = holdings.rows("pending_headers") if holdings.has_table("pending_headers") else ()
            yield Later(holdings, chronicle.ledger, waiting_headers(rows))


def waiting_headers(rows: Iterable[Row]) -> set[tuple[Digest, Digest]]:
    """Return, by body and digest, the headers of a new epoch that are logged and not in their place yet."""
    return {
        (row["body"], Digest.of(row["header"]))
        for row in rows
        if isinstance(row.get("header"), bytes) and row.get("log_index") is not None
    }
