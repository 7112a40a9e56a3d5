"""The published checkpoint in an audit: what it claims, and whether the log's keys signed that."""

from dataclasses import dataclass
from typing import Final

from archive.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint
from archive.errors import CustodyError, SviedkaError
from archive.findings import Findings
from archive.holdings import HeldLog
from archive.merkle import EMPTY_ROOT
from archive.notes import Check, parse_note
from archive.tiles import TILE_WIDTH, parse_tile_path
from archive.trust import Trust, log_verifiers, open_known

NOTE: Final = "log/checkpoint"
#: So many entries may be missing at the end and are still looked for, each by its file's name.
_MISSED: Final = 256 * TILE_WIDTH


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
    return None, Checkpoint("", _suggested(log, None), EMPTY_ROOT)


def readable(log: HeldLog, claimed: Checkpoint, findings: Findings) -> int:
    """Return how many entries to look for: those claimed, unless there are files for far fewer (C04).

    A claim is not believed yet; looking for a thousand million bundles that are missing would take for ever.
    """
    if claimed.size <= _MISSED:
        return claimed.size
    held = max(_suggested(log, None), _suggested(log, 0))
    if claimed.size <= held + _MISSED:
        return claimed.size
    message = "the checkpoint claims more entries than there are files for"
    findings.fault("C04", NOTE, message, expected=claimed.size, found=held)
    return held


def _suggested(log: HeldLog, level: int | None) -> int:
    """Return how many entries the bundles (None) or the lowest tiles (0) suggest that there are."""
    sizes = [0]
    for path in log.tiles():
        try:
            ref = parse_tile_path(path)
        except CustodyError:
            continue
        if ref.level == level:
            sizes.append(ref.index * TILE_WIDTH + ref.width)
    return max(sizes)


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
