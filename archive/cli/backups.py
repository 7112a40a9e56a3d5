"""`sviedka backup` and `sviedka restore`: for the operator, with no passphrase and no key that opens."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from archive.access.anchors import timekeeping
from archive.access.log_signing import checkpoint_verifier
from archive.access.succeeding import succeed
from archive.assemble import AGENT_KEY, LOG_KEY, agent_key, open_archive
from archive.audit import AuditReport, Fault, Sample, audit
from archive.author import system_clock
from archive.cli.asking import Asked, command
from archive.cli.auditing import fault_line
from archive.cli.failing import DAMAGED
from archive.cli.showing import note, show, steps
from archive.cli.surroundings import circumstances_of
from archive.errors import FixityError
from archive.events import format_moment
from archive.policy import OPERATOR
from archive.settings import FILE_NAME, Settings
from keys.signing import verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings
from storage.backup.memory import Remembered, remember, remembered
from storage.backup.restoring import Checks, Restored, restore
from storage.backup.running import BackedUp, Source, back_up
from storage.backup.target import open_target, prepare_target

_KEYS: Final = (LOG_KEY, AGENT_KEY)


@command("backup", rule=OPERATOR)
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path))
@click.option(
    "--keep-days",
    type=click.IntRange(1, 3650),
    default=30,
    metavar="N",
    help="Delete what could open items, in backups older than N days [30].",
)
def backup_command(asked: Asked, *, target: Path, keep_days: int) -> None:
    """Back the archive up into the folder TARGET on another disk.

    Needs no passphrase; people go on working meanwhile. What is there already is not copied again.
    """
    with open_archive(asked.folder, circumstances_of(os.environ)) as archive, steps() as step:
        _see_disk(target, remembered(archive.catalogue.settings))
        folder = prepare_target(target, asked.folder, (asked.folder / FILE_NAME).read_bytes())
        if target.stat().st_dev == asked.folder.stat().st_dev:
            note("warning: the backup is on the same disk as the archive, and is lost with it")
        source = Source(archive.folder, archive.custody, archive.log, archive.objects, archive.headers, _KEYS)
        made = back_up(source, folder, now=archive.clock(), keep=timedelta(days=keep_days), progress=step)
        known = remember(archive.catalogue.settings, target, made.generation.moment, keep_days)
    show(asked, _made_as_data(target, made, known), _made_lines(made, known))
    if made.faults:
        note("The archive itself is damaged: `sviedka audit` says how. No older backup was deleted.")
        raise click.exceptions.Exit(DAMAGED)


@command("restore", rule=OPERATOR)
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--generation", metavar="STAMP", help="Which backup, such as 20261120T080500Z [the newest].")
@click.option(
    "--with-log",
    "logs",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Another copy of the log folder: what it says was destroyed does not come back.",
)
@click.option(
    "--nothing-after",
    is_flag=True,
    help="Nothing was logged after this backup, anywhere: go on under the same log.",
)
def restore_command(
    asked: Asked,
    *,
    target: Path,
    folder: Path,
    generation: str | None,
    logs: tuple[Path, ...],
    nothing_after: bool,
) -> None:
    """Restore an archive from the backup TARGET into the new or empty folder DIR.

    The archive goes on under a successor log, because the one that was lost may have been longer than this
    backup: give --nothing-after only where you know that it was not. What receipts prove of what was lost is
    put on record again with `sviedka readmit`.

    Then everything is compared with the log. What is missing or differs is named, and the exit status is 4.
    """
    found = open_target(target)
    checks = Checks(checkpoint_verifier(found.settings), verify_ed25519)
    with steps() as step:
        restored = restore(
            found,
            folder,
            checks,
            stamp=generation,
            logs=logs,
            key_files=_KEYS,
            succeed=None if nothing_after else _succeed,
            progress=step,
        )
        with local_holdings(folder) as holdings:
            # Each body was read and held against its name on the way.
            report = audit(
                holdings,
                verify_ed25519=verify_ed25519,
                verify_mldsa44=verify_mldsa44,
                sample=Sample(0, "restored"),
                timekeeping=timekeeping(folder),
                progress=step,
            )
    show(asked, _restored_as_data(folder, restored, report), _restored_lines(folder, restored, report))
    if restored.faults or report.faults:
        raise click.exceptions.Exit(DAMAGED)


def _succeed(folder: Path, settings: Settings) -> Settings:
    signing = agent_key(folder / AGENT_KEY)
    return succeed(folder, settings, signing, key_file=LOG_KEY, clock=system_clock, random=os.urandom)


def _see_disk(target: Path, known: list[Remembered]) -> None:
    """Refuse (F70) a folder that held a backup and does not now: the disk that belongs there is elsewhere."""
    if target.resolve() in {one.path for one in known} and not (target / FILE_NAME).exists():
        raise FixityError(
            "F70",
            "the backup that was in this folder is not there: connect its disk, or back up to another folder",
            expected=FILE_NAME,
        )


def _made_as_data(target: Path, made: BackedUp, known: Remembered) -> dict[str, Any]:
    return {
        "target": str(target),
        "generation": made.generation.stamp,
        "checkpoint": made.generation.checkpoint.size,
        "bodies": made.bodies,
        "bodies_copied": made.bodies_copied,
        "bytes_copied": made.bytes_copied,
        "generations": [one.stamp for one in made.kept],
        "deleted": [one.stamp for one in made.deleted],
        "purged": asdict(made.purged),
        "could_open_until": format_moment(known.opens_until),
        "faults": [asdict(one) for one in made.faults],
    }


def _made_lines(made: BackedUp, known: Remembered) -> Iterator[str]:
    yield f"backed up: {made.generation.stamp}, {made.generation.checkpoint.size} entries of the log"
    yield f"   bodies {made.bodies}, of which copied now {made.bodies_copied} ({made.bytes_copied} bytes)"
    yield f"   backups kept: {', '.join(one.stamp for one in made.kept)}"
    if made.deleted:
        yield f"   deleted: {', '.join(one.stamp for one in made.deleted)}"
    yield f"   could open what is destroyed later until {format_moment(known.opens_until)}, if not reached"
    yield from _fault_lines(made.faults)


def _restored_as_data(folder: Path, restored: Restored, report: AuditReport) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "generation": restored.generation.stamp,
        "checkpoint": restored.size,
        "behind": restored.behind,
        "origin": restored.origin,
        "succeeded": restored.succeeded,
        "bodies_copied": restored.bodies,
        "bytes_copied": restored.size_bytes,
        "destroyed": restored.destroyed,
        "outcome": report.outcome,
        "faults_found": report.faults_found,
        "faults": [asdict(one) for one in (*restored.faults, *report.faults)],
    }


def _restored_lines(folder: Path, restored: Restored, report: AuditReport) -> Iterator[str]:
    yield f"restored: {restored.generation.stamp}, {restored.size} entries of the log, into {folder}"
    yield f"   bodies copied {restored.bodies} ({restored.size_bytes} bytes), each held against its digest"
    if restored.destroyed:
        yield f"   items destroyed, which stay away: {restored.destroyed}"
    if restored.behind:
        yield f"   the log has {restored.behind} entries more than this backup: what they added is missing"
    if report.faults_found:
        yield f"MISSING OR DIFFERENT: {report.faults_found}"
    else:
        yield "   everything is there that the log tells of"
    yield from _fault_lines((*restored.faults, *report.faults))
    if restored.succeeded:
        yield f"The archive goes on under a new log: {restored.origin}"
        yield "   trust files of before know only the earlier one: hand them out anew"
        yield "   what receipts prove of what was lost is put on record with `sviedka readmit`"
    yield "Before anybody uses it, look for a longer log: docs/operations.md says why, and where."


def _fault_lines(faults: Iterable[Fault]) -> Iterator[str]:
    return (fault_line("fault", one) for one in faults)
