"""`sviedka audit`: verifying everything an archive holds, without a key to any of it."""

from collections.abc import Iterator
from pathlib import Path

import click

from archive.access.anchors import timekeeping
from archive.access.signin import pen
from archive.assemble import load_settings
from archive.audit import AuditReport, Fault, Sample, audit
from archive.cli.asking import Asked, command
from archive.cli.authorities import read_pins
from archive.cli.entering import entered
from archive.cli.failing import reason_of
from archive.cli.showing import note, plain, show, steps
from archive.codec import b64
from archive.errors import IntakeError, SviedkaError
from archive.kinds import Kind, Outcome
from archive.policy import ANYONE
from keys.pins import parse_pins
from keys.signing import verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings
from storage.durable import replace

_NOT_VERIFIED = 1
_LARGEST_BYTES = 2_000_000


@command("audit", rule=ANYONE)
@click.option(
    "--since", type=click.Path(path_type=Path), metavar="F", help="The checkpoint of an earlier audit."
)
@click.option(
    "--save", type=click.Path(path_type=Path), metavar="F", help="Keep the checkpoint for the next one."
)
@click.option("--with", "receipts", type=click.Path(path_type=Path), multiple=True, metavar="RECEIPT")
@click.option(
    "--authority",
    "authorities",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="F",
    help="Certificates of whom you trust with the time, instead of those the archive pinned.",
)
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Read only N bodies, and say so.")
@click.option("--seed", metavar="S", help="Which N: the same seed, the same bodies.")
def audit_command(
    asked: Asked,
    *,
    since: Path | None,
    save: Path | None,
    receipts: tuple[Path, ...],
    authorities: tuple[Path, ...],
    sample: int | None,
    seed: str | None,
) -> None:
    """Verify everything the archive holds.

    This needs no key and no passphrase; whoever gives --as has the audit logged.
    """
    if (sample is None) != (seed is None):
        raise IntakeError("I75", "--sample and --seed belong together")
    _see_archive(asked.folder)
    before = _read(since) if since is not None else None
    believed = [parse_pins(read_pins(one)) for one in authorities] or None
    times = timekeeping(asked.folder, believed)
    with local_holdings(asked.folder) as holdings, steps() as step:
        report = audit(
            holdings,
            verify_ed25519=verify_ed25519,
            verify_mldsa44=verify_mldsa44,
            since=before,
            receipts=[_read(one) for one in receipts],
            sample=Sample(sample, seed) if sample is not None and seed is not None else None,
            timekeeping=times,
            progress=step,
        )
        if save is not None and report.outcome == "verified":
            replace(save, holdings.checkpoint())
    show(asked, report.as_data(), _lines(report))
    if asked.handle is not None:
        _log(asked, report)
    if report.outcome != "verified":
        raise click.exceptions.Exit(_NOT_VERIFIED)


def _see_archive(folder: Path) -> None:
    """Refuse (F33) a folder that holds nothing of an archive; damage is for the audit to tell."""
    if not (folder / "log").is_dir():
        load_settings(folder)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_BYTES)
    except OSError as fault:
        raise IntakeError("I79", "a file cannot be read", found=reason_of(fault)) from None


def _log(asked: Asked, report: AuditReport) -> None:
    """Record the audit as an event; what is too damaged for that was told already."""
    outcomes = {"verified": Outcome.SUCCESS, "failed": Outcome.FAIL, "nothing": Outcome.WARNING}
    data = {
        "size": report.size,
        "root": b64(bytes.fromhex(report.root)),
        "faults": report.faults_found,
        "outcome": outcomes[report.outcome].value,
    }
    try:
        with entered(asked) as (archive, sitting):
            archive.custody.record([pen(archive, sitting).write(Kind.AUDIT, data)])
    except SviedkaError as fault:
        note(f"the audit was not logged: {fault} [{fault.code}]")


def _lines(report: AuditReport) -> Iterator[str]:
    counts = report.counts
    words = {
        "verified": "verified: everything that was compared is as it was logged",
        "failed": f"FAILED: faults found: {report.faults_found}",
        "nothing": "nothing was verified: the archive holds no item",
    }
    yield words[report.outcome]
    yield f"   log {report.origin}, {report.size} entries, root {report.root}"
    yield f"   checkpoint {report.fingerprint}"
    yield f"   compared: signatures {counts.signatures}, tiles {counts.tiles}, rows {counts.rows}, "
    yield f"   sealed {counts.sealed}, headers {counts.headers}, receipts {counts.receipts}, "
    yield f"   bodies {counts.bodies} of {counts.bodies_held}, together {counts.body_bytes} bytes"
    yield f"   timestamps {counts.timestamps}, over the first {report.timestamped} of {report.size} entries"
    yield from (fault_line("fault", one) for one in report.faults)
    yield from (fault_line("warning", one) for one in report.warnings)


def fault_line(word: str, one: Fault) -> str:
    """Write what an audit found in one line."""
    expected = f"; expected {one.expected}" if one.expected is not None else ""
    found = f"; found {one.found}" if one.found is not None else ""
    return f"{word}: {plain(one.object)}: {plain(one.message)}{expected}{found} [{one.code}]"
