"""The audit of an archive from elsewhere: everything that a local one verifies, over what a mirror serves."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from archive.audit import AuditReport, Sample, audit
from archive.audit_start import Checks, opened
from archive.author import Clock
from archive.checkpoints import Checkpoint, open_checkpoint
from archive.codec import b64
from archive.errors import SviedkaError
from archive.events import Seen, format_moment
from archive.findings import Progress
from archive.ids import Random
from archive.kinds import Outcome
from archive.merkle import EMPTY_ROOT
from archive.mirror.holdings import MirrorHoldings
from archive.mirror.inspector import Inspector
from archive.mirror.kept import Kept
from archive.mirror.line import Ended, Line
from archive.mirror.unfinished import Unfinished
from archive.mirror.visiting import Visit
from archive.succession import end_of
from archive.timestamps import Timekeeping
from archive.tlog_policy import Policy
from archive.trust import Trust, log_verifiers
from keys.keyfile import AgentSecret
from keys.signing import verify_ed25519, verify_mldsa44

#: An archive lets so many bodies be read at once.
MOST_JOBS: Final = 4

_CHECKS: Final = Checks(verify_ed25519, verify_mldsa44)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to audit, and what the auditor brings: whom she trusts, her key, what she kept or was given."""

    trust: Trust
    secret: AgentSecret
    since: bytes | None = None
    receipts: Sequence[bytes] = ()
    sample: Sample | None = None
    jobs: int = MOST_JOBS
    timekeeping: Timekeeping | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What came of it: the report, the checkpoint it is about, and what the line and the folder were for.

    `before` is the size of the log that was kept already, `kept` and `fetched` count files of the log,
    `resumed` the bodies that the same audit had read before it was stopped.
    `unlogged` says why the archive did not log the outcome, if it did not.
    """

    report: AuditReport
    note: bytes | None
    before: int
    kept: int
    fetched: int
    damaged: tuple[str, ...]
    resumed: int
    unlogged: SviedkaError | None = None

    def as_data(self) -> dict[str, Any]:
        """Write it as JSON values: the report, and beside it what concerns the mirror."""
        found = asdict(self)
        mirror = {name: found[name] for name in ("before", "kept", "fetched", "damaged", "resumed")}
        return {**self.report.as_data(), "mirror": {**mirror, "logged": self.unlogged is None}}


def audit_mirror(
    line: Line,
    kept: Kept,
    wanted: Wanted,
    *,
    clock: Clock,
    random: Random,
    progress: Progress | None = None,
) -> Mirrored:
    """Audit an archive over a line, and have the outcome logged there; raise what ends an audit early.

    Raises C27 where another log is served, C22 to C28 for a checkpoint that the trusted keys did not sign,
    C36 and C37 for a split view, C38 for what has no end, A67 for no right to it, I17 and I20 of the line.
    """
    try:
        return _audit(line, kept, wanted, clock=clock, random=random, progress=progress)
    except Ended as ended:
        raise ended.fault from None


def _audit(
    line: Line, kept: Kept, wanted: Wanted, *, clock: Clock, random: Random, progress: Progress | None
) -> Mirrored:
    trust, secret = wanted.trust, wanted.secret
    # A key file does not say of which log its checkpoint is; after a loss it may be of an earlier one.
    size, root = (0, EMPTY_ROOT) if trust.earlier else (secret.size, secret.root)
    pinned = Checkpoint(trust.origin, size, root)
    inspector = Inspector(line, secret, trust.origin, seen=Seen(size, root), clock=clock, random=random)
    visit = Visit(kept, inspector, _Opening(trust), pinned, secret.genesis)
    earlier, before = kept.checkpoint(), visit.before()
    first = visit.begin()
    with visit.look(first.size) as holdings, Unfinished(kept.folder, clock) as unfinished:
        report = audit(
            holdings,
            verify_ed25519=verify_ed25519,
            verify_mldsa44=verify_mldsa44,
            since=wanted.since or earlier,
            receipts=wanted.receipts,
            policy=wanted.policy,
            sample=wanted.sample,
            jobs=min(wanted.jobs, MOST_JOBS),
            earlier=unfinished,
            known=trust,
            now=format_moment(clock()),
            timekeeping=wanted.timekeeping,
            progress=progress,
        )
        unfinished.end()
        served, note = holdings.served, _note_of(holdings)
        damaged = tuple(sorted(ref.path for ref in served.damaged))
        unlogged = _log(inspector, report)
        known = before.size if before is not None else 0
        return Mirrored(
            report,
            note,
            known,
            len(served.spared),
            len(served.fetched),
            damaged,
            unfinished.resumed,
            unlogged,
        )


@dataclass(frozen=True, slots=True)
class _Opening:
    """Opens the notes of the log that the auditor trusts."""

    trust: Trust

    def served(self, note: bytes) -> Checkpoint:
        """Return what a checkpoint says that the log itself signed, and none before it (C22 to C28)."""
        trust, (ed25519, mldsa44) = self.trust, (_CHECKS.ed25519, _CHECKS.mldsa44)
        return open_checkpoint(note, log_verifiers(trust.log_keys, ed25519, mldsa44), trust.origin)

    def kept(self, note: bytes) -> Checkpoint:
        """Return what a checkpoint says that the log signed, or one before it."""
        return opened(note, self.trust, _CHECKS)

    def end_of(self, origin: str) -> int | None:
        """Return how many entries of an earlier log this one begins with; None for the log itself."""
        return end_of(self.trust, origin)


def _note_of(holdings: MirrorHoldings) -> bytes | None:
    try:
        return holdings.checkpoint()
    except SviedkaError:
        return None


def audit_event(report: AuditReport) -> dict[str, Any]:
    """Return what the log is to say of an audit."""
    outcomes = {"verified": Outcome.SUCCESS, "failed": Outcome.FAIL, "nothing": Outcome.WARNING}
    return {
        "size": report.size,
        "root": b64(bytes.fromhex(report.root)),
        "faults": report.faults_found,
        "outcome": outcomes[report.outcome].value,
    }


def _log(inspector: Inspector, report: AuditReport) -> SviedkaError | None:
    """Have the outcome logged; what is too damaged for that was told already."""
    try:
        inspector.report(audit_event(report))
    except (Ended, SviedkaError) as fault:
        return fault.fault if isinstance(fault, Ended) else fault
    return None
