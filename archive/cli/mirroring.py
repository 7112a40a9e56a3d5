"""`sviedka audit --mirror`: the auditor's side, from what she names to what she is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.audit import Sample
from archive.cli.addresses import parse_address
from archive.cli.asking import Asked
from archive.cli.entering import passphrase_of, prepared
from archive.cli.failing import reason_of
from archive.cli.showing import steps
from archive.errors import IntakeError
from archive.mirror.auditing import Mirrored, Wanted, audit_mirror
from archive.mirror.kept import Kept
from archive.mirror.line import Line
from archive.timestamps import Timekeeping
from archive.tlog_policy import Policy
from archive.trust import Trust, parse_trust
from keys.keyfile import LONGEST_BYTES, AgentSecret, open_key_file

_LARGEST_TRUST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class MirrorOptions:
    """What was named on the command line."""

    mirror: str
    keep: Path
    trust: Path | None
    key: Path
    jobs: int


def audited_mirror(
    asked: Asked,
    named: MirrorOptions,
    *,
    since: bytes | None,
    receipts: Sequence[bytes],
    sample: Sample | None,
    timekeeping: Timekeeping | None,
    policy: Policy | None,
) -> Mirrored:
    """Audit the archive at an address, with the auditor's own key file opened here."""
    address = parse_address(named.mirror, code="I16", what="an archive")
    with Kept.opened(named.keep) as kept:
        trust_file = _trust_file(kept, named.trust)
        trust = parse_trust(trust_file)
        secret = _secret(asked, named.key)
        _check_same(trust, secret)
        wanted = Wanted(trust, secret, since, receipts, sample, named.jobs, timekeeping, policy)
        circumstances = prepared()
        with Line(address) as line, steps() as step:
            done = audit_mirror(
                line,
                kept,
                wanted,
                clock=circumstances.clock,
                random=circumstances.random,
                progress=step,
            )
        kept.keep_trust(trust_file)
        return done


def _trust_file(kept: Kept, named: Path | None) -> bytes:
    data = read_file(named, _LARGEST_TRUST_BYTES) if named is not None else kept.trust()
    if data is None:
        raise IntakeError("I19", "at the first visit, name the archive's trust file", expected="--trust F")
    return data


def _secret(asked: Asked, key: Path) -> AgentSecret:
    circumstances = prepared()
    data = read_file(key, LONGEST_BYTES + 1)
    return open_key_file(data, passphrase_of(asked), log_n=circumstances.log_n)


def _check_same(trust: Trust, secret: AgentSecret) -> None:
    """Refuse (I19) a key file of another archive than the trust file's."""
    if secret.archive not in trust.origin:
        raise IntakeError("I19", "the key file and the trust file are of different archives")


def read_file(path: Path, most_bytes: int) -> bytes:
    """Read a file that was named (I79)."""
    try:
        with path.open("rb") as file:
            return file.read(most_bytes)
    except OSError as fault:
        raise IntakeError("I79", "a file cannot be read", found=reason_of(fault)) from None
