"""Saving pages to be printed, in the language that was asked for."""

from pathlib import Path

from archive.access.certificate import Certified
from archive.author import system_clock
from archive.cli.saving import save
from archive.cli.showing import note
from archive.findings import AuditReport


def save_certificate(path: Path, certified: Certified, language: str) -> None:
    """Save a certificate of custody as PDF."""
    from archive.web.languages import speaking
    from archive.web.prints.certificate import certificate

    with speaking(language):
        save(path, certificate(certified))
    note(f"written: {path}")
    if certified.receipt is not None:
        note("warning: the receipt is inside it; found on the depositor it says that she handed this in")


def save_report(path: Path, report: AuditReport, language: str) -> None:
    """Save the report of an audit as PDF."""
    from archive.web.languages import speaking
    from archive.web.prints.audit_report import audit_report

    with speaking(language):
        save(path, audit_report(report, system_clock()))
    note(f"written: {path}")
