"""Auditing the whole archive from a page: every hash, signature and event, without a key to anything."""

from flask import render_template

from archive.access.anchors import timekeeping
from archive.access.signin import pen
from archive.audit import audit
from archive.errors import AccessError
from archive.kinds import Kind
from archive.mirror.auditing import audit_event
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
    archive().custody.record([pen(archive(), sitting()).write(Kind.AUDIT, audit_event(report))])
    return render_template("audit.html", report=report)
