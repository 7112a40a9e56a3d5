"""Auditing the whole archive from a page, and what an auditor needs to do so from her own machine."""

import json
from datetime import datetime

from flask import Response, abort, make_response, render_template, request

from archive.access.anchors import timekeeping
from archive.access.receipts import trust_of
from archive.access.rotation import check_passphrase
from archive.access.signin import pen
from archive.audit import audit
from archive.digests import Digest
from archive.errors import AccessError, FixityError, SviedkaError
from archive.events import format_moment
from archive.findings import AuditReport
from archive.kinds import Kind
from archive.mirror.auditing import audit_event
from archive.nouns import Role
from archive.trust import format_trust
from archive.web.door import archive, sitting
from archive.web.downloads import attach
from archive.web.entrance import opening
from archive.web.faults import status_of, words_for
from archive.web.gate import signed_in
from archive.web.pages.logbook import may_see_entries
from archive.web.prints.audit_report import audit_report as report_as_pdf
from archive.web.reports import LastReport
from keys.signing import verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings


@signed_in(Role.AUDITOR, Role.CUSTODIAN)
def ask_audit() -> str:
    """Show the last report, and the button that starts an audit."""
    return _page()


@signed_in(Role.AUDITOR, Role.CUSTODIAN)
def run_audit() -> str:
    """Audit everything now, show the report, and log that it was done."""
    _demand()
    times = timekeeping(archive().folder)
    with local_holdings(archive().folder) as holdings:
        report = audit(
            holdings, verify_ed25519=verify_ed25519, verify_mldsa44=verify_mldsa44, timekeeping=times
        )
    archive().custody.record([pen(archive(), sitting()).write(Kind.AUDIT, audit_event(report))])
    at = format_moment(archive().clock())
    LastReport(archive().runtime.shared).save(report.as_data(), at=at, handle=sitting().handle)
    return _page(fresh=True)


@signed_in(Role.AUDITOR, Role.CUSTODIAN)
def audit_report() -> Response:
    """Hand out the last report: as JSON, or as PDF in the language of the page."""
    report = LastReport(archive().runtime.shared).load() if may_see_entries(sitting()) else None
    if report is None:
        abort(404)
    if request.form.get("printed"):
        printed = report_as_pdf(AuditReport.of(report), datetime.fromisoformat(report["at"]))
        return attach(printed, f"audit-{report['at'][:10]}.pdf")
    data = json.dumps(report, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    return attach(data, f"audit-{report['at'][:10]}.json")


@signed_in(Role.AUDITOR, Role.CUSTODIAN)
def audit_key() -> Response:
    """Hand out one's own key file, sealed as it is, to audit with from elsewhere."""
    _demand()
    try:
        with opening(archive()):
            check_passphrase(archive(), sitting(), request.form.get("passphrase", ""))
    except SviedkaError as fault:
        return make_response(_page(fault=words_for(fault)), status_of(fault))
    row = archive().catalogue.agents.get(sitting().id)
    if row is None:
        raise FixityError("F26", "no such agent in the catalogue", expected=sitting().id)
    return attach(row.key_file, f"{sitting().handle}.key")


def _demand() -> None:
    if not may_see_entries(sitting()):
        raise AccessError("A07", "you may not audit")


def _page(*, fresh: bool = False, fault: str = "") -> str:
    note, checkpoint = archive().log.published()
    audits = may_see_entries(sitting())
    return render_template(
        "audit.html",
        report=LastReport(archive().runtime.shared).load() if audits else None,
        audits=audits,
        fresh=fresh,
        fault=fault,
        size=checkpoint.size,
        fingerprint=Digest.of(note),
        trust_digest=Digest.of(format_trust(trust_of(archive()))),
        address=request.host_url.rstrip("/"),
    )
