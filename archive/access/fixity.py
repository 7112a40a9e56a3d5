"""Holding every store against the log, and recording that: the archive's agent signs, and opens nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from archive.access.copies_held import finish_destroying
from archive.access.copying import parts_of
from archive.access.parts import Archive
from archive.audit_bodies import Sample
from archive.codec import b64
from archive.events import Seen
from archive.findings import Progress
from archive.kinds import Kind, Outcome
from storage.fixity.checking import Check
from storage.fixity.findings import Findings
from storage.fixity.journal import Run, journal_in
from storage.fixity.pace import Pace
from storage.fixity.repairing import Repairer

#: An entry has room for so many; the counts tell of all.
_NAMED: Final = 100


@dataclass(frozen=True, slots=True)
class Checked:
    """What a run found. `behind` are the folders of copies that could not be reached or written to."""

    findings: Findings
    outcome: Outcome
    behind: tuple[Path, ...]


def check_stores(
    archive: Archive, *, repair: bool, pace: Pace, progress: Progress, sample: Sample | None = None
) -> Checked:
    """Hold all stores against the log, or go on with a run that was stopped; put right what can be; log it.

    Raises F66 while another run is under way.
    """
    parts, seen = parts_of(archive), archive.seen()
    run = Run(repair, sample.count if sample else None, sample.seed if sample else None)
    with journal_in(archive.folder) as journal:
        repairer = Repairer(parts, pace) if repair else None
        check = Check(parts, journal.begin(run, archive.clock()), pace, progress, sample, journal, repairer)
        found = check.run()
        if repair:
            _tidy(archive, found)
        outcome = _outcome(found)
        data = _as_data(found, seen, outcome, whole=sample is None)
        archive.custody.record([archive.archive_author.write(Kind.FIXITY, data)])
        journal.end()
    away = (copy.folder for copy in archive.stores.copies() if copy.copy in found.unreached)
    return Checked(found, outcome, tuple(away))


def _tidy(archive: Archive, found: Findings) -> None:
    """Remove what nothing refers to, and what was destroyed, from every store that is there now."""
    if any(tally.surplus for tally in found.tallies.values()):
        archive.custody.tidy(archive.objects, archive.headers)
    else:
        archive.custody.recover(archive.objects, archive.headers)
    finish_destroying(archive)


def _outcome(found: Findings) -> Outcome:
    """Fail where something is not as logged; a warning where it was, or where something was not compared."""
    if found.left:
        return Outcome.FAIL
    compared = any(one.bodies or one.headers for one in found.tallies.values())
    return Outcome.SUCCESS if compared and not found.found and not found.unreached else Outcome.WARNING


def _as_data(found: Findings, seen: Seen, outcome: Outcome, *, whole: bool) -> dict[str, Any]:
    return {
        "size": seen.size,
        "root": b64(seen.root),
        "begun": found.begun,
        "whole": whole,
        "stores": [
            {
                "copy": tally.copy,
                "bodies": tally.bodies,
                "headers": tally.headers,
                "faults": found.faults(tally.copy),
                "repaired": found.repaired(tally.copy),
            }
            for tally in found.tallies.values()
        ],
        "unreached": sorted(found.unreached),
        "named": [
            {
                "copy": one.copy,
                "part": one.part,
                "body": one.body,
                "expected": one.expected,
                "found": one.found,
                "repaired": one.repaired,
            }
            for one in list(found.shortfalls.values())[:_NAMED]
        ],
        "outcome": outcome.value,
    }
