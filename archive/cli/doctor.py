"""`sviedka doctor`: what is missing, ranked by what it would prevent."""

import os
from typing import Any

import click

from archive.cli.asking import Asked, command
from archive.cli.checkups import check_archive, check_machine
from archive.cli.failing import DAMAGED
from archive.cli.findings import Finding, Severity
from archive.cli.showing import note, show
from archive.policy import OPERATOR


@command("doctor", rule=OPERATOR)
def doctor_command(asked: Asked) -> None:
    """Rank what is missing, by what it would prevent.

    Looks at this machine, and at the archive if one is named.
    """
    findings = list(check_machine(os.environ))
    if asked.archive is not None:
        findings += check_archive(asked.archive, os.environ)
    findings.sort(key=lambda one: list(Severity).index(one.severity))
    show(asked, [_as_data(one) for one in findings], [_line(one) for one in findings])
    broken = sum(one.severity is Severity.BROKEN for one in findings)
    if broken:
        note(f"broken: {broken}")
        raise click.exceptions.Exit(DAMAGED)


def _as_data(one: Finding) -> dict[str, Any]:
    return {
        "severity": one.severity.value,
        "subject": one.subject,
        "found": one.found,
        "prevents": one.prevents,
    }


def _line(one: Finding) -> str:
    prevents = f"\n             would prevent: {one.prevents}" if one.prevents else ""
    return f"{one.severity.value:<12} {one.subject}: {one.found}{prevents}"
