"""`sviedka audit`: verifying everything an archive holds, without a key to any of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from archive.access.anchors import timekeeping
from archive.access.signin import pen
from archive.assemble import load_settings
from archive.audit import AuditReport, Fault, Sample, audit
from archive.author import system_clock
from archive.cli.asking import Asked, command
from archive.cli.authorities import read_pins
from archive.cli.entering import entered
from archive.cli.mirroring import MirrorOptions, audited_mirror, read_file
from archive.cli.printing import save_report
from archive.cli.showing import note, plain, show, steps
from archive.errors import IntakeError, SviedkaError
from archive.events import format_moment
from archive.findings import Reach
from archive.kinds import Kind
from archive.mirror.auditing import Mirrored, audit_event
from archive.policy import ANYONE
from archive.tlog_policy import LARGEST_POLICY_BYTES, Policy, parse_policy
from archive.vocabulary import LANGUAGES
from keys.pins import Pins, parse_pins
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
@click.option(
    "--timestamps",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Timestamps that you kept, instead of those in the archive's folder.",
)
@click.option(
    "--report", "printed", type=click.Path(path_type=Path), metavar="FILE.pdf", help="Save it to print, too."
)
@click.option("--language", type=click.Choice(LANGUAGES), default="be", help="Of the report to print [be].")
@click.option(
    "--policy", type=click.Path(path_type=Path), metavar="F", help="Which cosigners you trust (C2SP)."
)
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Read only N bodies, and say so.")
@click.option("--seed", metavar="S", help="Which N: the same seed, the same bodies.")
@click.option("--jobs", type=click.IntRange(1, 16), default=2, metavar="N", help="Bodies read at once.")
@click.option("--mirror", metavar="URL", help="Audit over the network, from your own machine.")
@click.option(
    "--keep", type=click.Path(path_type=Path), metavar="DIR", help="What you keep of the log between visits."
)
@click.option(
    "--trust",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Whose log it is; kept after the first visit.",
)
@click.option("--key", type=click.Path(path_type=Path), metavar="F", help="Your key file, by `agent export`.")
def audit_command(
    asked: Asked,
    *,
    since: Path | None,
    save: Path | None,
    receipts: tuple[Path, ...],
    authorities: tuple[Path, ...],
    timestamps: Path | None,
    printed: Path | None,
    language: str,
    policy: Path | None,
    sample: int | None,
    seed: str | None,
    jobs: int,
    mirror: str | None,
    keep: Path | None,
    trust: Path | None,
    key: Path | None,
) -> None:
    """Verify everything the archive holds.

    In the archive's folder this needs no key and no passphrase; whoever gives --as has the audit logged. With
    --mirror it reads what the archive serves to its auditors, which is logged.
    """
    if (sample is None) != (seed is None):
        raise IntakeError("I75", "--sample and --seed belong together")
    before = read_file(since, _LARGEST_BYTES) if since is not None else None
    given = [read_file(one, _LARGEST_BYTES) for one in receipts]
    chosen = Sample(sample, seed) if sample is not None and seed is not None else None
    trusted = parse_policy(read_file(policy, LARGEST_POLICY_BYTES)) if policy is not None else None
    named = _mirror(mirror, keep, trust, key, jobs)
    believed = [parse_pins(read_pins(one)) for one in authorities] or None
    if named is not None:
        if (believed is None) != (timestamps is None):
            raise IntakeError("I19", "with --mirror, --timestamps and --authority belong together")
        times = timekeeping(named.keep, believed, timestamps) if timestamps is not None else None
        done = audited_mirror(
            asked, named, since=before, receipts=given, sample=chosen, timekeeping=times, policy=trusted
        )
        report, checkpoint = done.report, done.note
        show(asked, done.as_data(), [*_lines(report), *_mirror_lines(done)])
    else:
        report, checkpoint = _audited(
            asked, (believed, timestamps), trusted, since=before, receipts=given, sample=chosen, jobs=jobs
        )
        show(asked, report.as_data(), _lines(report))
        if asked.handle is not None:
            _log(asked, report)
    if printed is not None:
        save_report(printed, report, language)
    if save is not None and report.outcome == "verified" and checkpoint is not None:
        replace(save, checkpoint)
    if report.outcome != "verified":
        raise click.exceptions.Exit(_NOT_VERIFIED)


def _audited(
    asked: Asked,
    times: tuple[Sequence[Pins] | None, Path | None],
    policy: Policy | None,
    *,
    since: bytes | None,
    receipts: Sequence[bytes],
    sample: Sample | None,
    jobs: int,
) -> tuple[AuditReport, bytes | None]:
    """Audit the archive in a folder."""
    _see_archive(asked.folder)
    kept = timekeeping(asked.folder, *times)
    with local_holdings(asked.folder) as holdings, steps() as step:
        report = audit(
            holdings,
            verify_ed25519=verify_ed25519,
            verify_mldsa44=verify_mldsa44,
            since=since,
            receipts=receipts,
            policy=policy,
            sample=sample,
            jobs=jobs,
            now=format_moment(system_clock()),
            timekeeping=kept,
            progress=step,
        )
        return report, holdings.checkpoint() if report.outcome == "verified" else None


def _mirror(
    mirror: str | None, keep: Path | None, trust: Path | None, key: Path | None, jobs: int
) -> MirrorOptions | None:
    """Return what belongs to a mirror, all of it or nothing (I19)."""
    if mirror is None:
        if (keep, trust, key) != (None, None, None):
            raise IntakeError("I19", "--keep, --trust and --key belong to --mirror")
        return None
    if keep is None or key is None:
        raise IntakeError(
            "I19", "--mirror needs a folder to keep the log in, and your key file: --keep, --key"
        )
    return MirrorOptions(mirror, keep, trust, key, jobs)


def _mirror_lines(done: Mirrored) -> Iterator[str]:
    yield f"   of the log {done.before} entries were kept; files kept {done.kept}, fetched {done.fetched}"
    if done.resumed:
        yield f"   bodies read before the audit was stopped, and not again: {done.resumed}"
    if done.damaged:
        yield f"warning: files that you kept were damaged, and fetched again: {len(done.damaged)} [F59]"
    if done.unlogged is not None:
        note(f"the audit was not logged: {done.unlogged} [{done.unlogged.code}]")


def _see_archive(folder: Path) -> None:
    """Refuse (F33) a folder that holds nothing of an archive; damage is for the audit to tell."""
    if not (folder / "log").is_dir():
        load_settings(folder)


def _log(asked: Asked, report: AuditReport) -> None:
    """Record the audit as an event; what is too damaged for that was told already."""
    try:
        with entered(asked) as (archive, sitting):
            archive.custody.record([pen(archive, sitting).write(Kind.AUDIT, audit_event(report))])
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
    yield f"   compared: signatures {counts.signatures}, tiles {counts.tiles}, rows {counts.rows}"
    yield f"   sealed {counts.sealed}, headers {counts.headers}, receipts {counts.receipts}"
    yield f"   bodies {counts.bodies} of {counts.bodies_held}{_fraction(report)}, {counts.body_bytes} bytes"
    yield f"   entries signed by keys that a custodian issued, and may know: {counts.issued}"
    yield f"   timestamps {counts.timestamps}, over the first {report.timestamped} of {report.size} entries"
    if report.cosigned is not None:
        yield from _reach_lines(report.cosigned)
    yield from (fault_line("fault", one) for one in report.faults)
    yield from (fault_line("warning", one) for one in report.warnings)


def _fraction(report: AuditReport) -> str:
    percent = report.read_percent
    return f" ({percent:g} %: a sample of {report.sampled})" if report.sampled and percent is not None else ""


def _reach_lines(reach: Reach) -> Iterator[str]:
    """Say how far other organisations vouch for the log, and in whose view."""
    if not reach.cosigners:
        yield f"   cosigned by nobody: {reach.uncovered} entries rest on the archive's own word"
        return
    whose = "by your policy" if reach.by_policy else "by the archive's own list of cosigners"
    yield f"   cosigned up to {reach.size} entries, {whose}; by nobody yet: {reach.uncovered}"
    for one in reach.cosigners:
        when = f"{one.size} entries at {one.at}" if one.at else "nothing"
        yield f"   cosigner {plain(one.name)}: {when}"


def fault_line(word: str, one: Fault) -> str:
    """Write what an audit found in one line."""
    expected = f"; expected {one.expected}" if one.expected is not None else ""
    found = f"; found {one.found}" if one.found is not None else ""
    return f"{word}: {plain(one.object)}: {plain(one.message)}{expected}{found} [{one.code}]"
