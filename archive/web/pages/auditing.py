"""Auditing the whole archive from a page: every hash, signature and event, without a key to anything."""

from flask import render_template

from archive.access.anchors import timekeeping
from archive.access.signin import pen
from archive.audit import AuditReport, audit
from archive.codec import b64
from archive.errors import AccessError
from archive.kinds import Kind, Outcome
from archive.nouns import Role
from archive.web.door import archive, sitting
from archive.web.gate import signed_in
from archive.web.pages.logbook import may_see_entries
from keys.signing import verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings


@signed_in(Role.AUDITOR, Role.CUSTODIAN)
def ask_audit() -> str:
    """Show what an audit does, and the button that starts one."""
    return render_template("audit.html", report=None)


@signed_in(Role.AUDITOR, Role.CUSTODIAN)
def run_audit() -> str:
    """Audit everything now, show the report, and log that it was done."""
    if not may_see_entries(sitting()):
        raise AccessError("A07", "you may not audit")
    times = timekeeping(archive().folder)
    with local_holdings(archive().folder) as holdings:
        report = audit(
            holdings, verify_ed25519=verify_ed25519, verify_mldsa44=verify_mldsa44, timekeeping=times
        )
    archive().custody.record([pen(archive(), sitting()).write(Kind.AUDIT, _event(report))])
    return render_template("audit.html", report=report)


def _event(report: AuditReport) -> dict[str, object]:
    outcomes = {"verified": Outcome.SUCCESS, "failed": Outcome.FAIL, "nothing": Outcome.WARNING}
    return {
        "size": report.size,
        "root": b64(bytes.fromhex(report.root)),
        "faults": report.faults_found,
        "outcome": outcomes[report.outcome].value,
    }
