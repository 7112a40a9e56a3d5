"""The audit of further copies, by name: what they lack, and what was destroyed and is there. Nothing is read.

What a copy lacks is a warning, for the archive itself has it; the header of what was destroyed is a fault.
"""

from collections.abc import Collection

from archive.audit_later import Moved
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.findings import Findings
from archive.holdings import CopyHeld, Holdings, WithCopies


def audit_copies(
    holdings: Holdings,
    findings: Findings,
    wanted: Collection[Digest],
    destroyed: Collection[Digest],
    moved: Moved,
) -> None:
    """Hold the names of what each copy has against the log."""
    if not isinstance(holdings, WithCopies):
        return
    try:
        for copy in holdings.copies():
            _audit_copy(copy, findings, wanted, destroyed, moved)
    except SviedkaError as fault:
        findings.error("copies", fault)


def _audit_copy(
    copy: CopyHeld,
    findings: Findings,
    wanted: Collection[Digest],
    destroyed: Collection[Digest],
    moved: Moved,
) -> None:
    name = f"copy {copy.name}"
    if copy.bodies is None or copy.headers is None:
        findings.warn("F63", name, "a copy cannot be reached, and was not compared")
        return
    lacking = set(wanted) - (copy.bodies & copy.headers)
    if lacking:
        # What was destroyed since the audit began is lacking lawfully.
        with moved.since() as later:
            lacking = {body for body in lacking if later is None or body in later.ledger.bodies}
    if lacking:
        findings.warn("F67", name, f"a copy lacks {len(lacking)} of {len(wanted)} bodies with their headers")
    for body in sorted(copy.headers.intersection(destroyed)):
        message = "the header of what was destroyed is there again, or still"
        findings.fault("F56", f"{name}: header {body}", message)
