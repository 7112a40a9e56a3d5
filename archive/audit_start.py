"""The published checkpoint in an audit: what it claims, and whether the log's keys signed that."""

from dataclasses import dataclass
from typing import Final

from archive.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint
from archive.errors import CustodyError, SviedkaError
from archive.findings import Findings
from archive.holdings import HeldLog
from archive.merkle import EMPTY_ROOT
from archive.notes import Check, parse_note
from archive.tiles import parse_tile_path
from archive.trust import Trust, log_verifiers, open_known

NOTE: Final = "log/checkpoint"


@dataclass(frozen=True, slots=True)
class Checks:
    """How signatures are checked; without `mldsa44` that half of a checkpoint's signatures is not."""

    ed25519: Check
    mldsa44: Check | None


def claimed_by(log: HeldLog, findings: Findings) -> tuple[bytes | None, Checkpoint]:
    """Return the published note and what it claims; without a readable one, what the tiles suggest."""
    try:
        note = log.checkpoint()
        return note, parse_checkpoint(parse_note(note).text)
    except SviedkaError as fault:
        findings.error(NOTE, fault)
    sizes = [0]
    for path in log.tiles():
        try:
            ref = parse_tile_path(path)
        except CustodyError:
            continue
        if ref.level is None:
            sizes.append(ref.index * 256 + ref.width)
    return None, Checkpoint("", max(sizes), EMPTY_ROOT)


def check_note(note: bytes | None, trust: Trust, checks: Checks, findings: Findings) -> None:
    """Note what is wrong with the signatures of a published checkpoint."""
    if note is None:
        return
    if checks.mldsa44 is None:
        findings.warn("C92", NOTE, "the ML-DSA-44 signature was not checked: nothing here can")
    try:
        # Of no earlier log: the archive goes on under the last of the line.
        open_checkpoint(note, log_verifiers(trust.log_keys, checks.ed25519, checks.mldsa44), trust.origin)
    except SviedkaError as fault:
        findings.error(NOTE, fault)


def opened(note: bytes, trust: Trust, checks: Checks) -> Checkpoint:
    """Return what a checkpoint of the log or of one before it says, its signatures checked (C22 to C28)."""
    return open_known(note, trust, checks.ed25519, checks.mldsa44)
