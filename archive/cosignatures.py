"""Cosignatures: c2sp.org/tlog-cosignature@v1, what other organisations sign of our checkpoints.

C2SP calls a cosigner "witness"; here a witness is a person. How one signature is checked is in
archive.checkpoints; how many of which cosigners are enough is in archive.tlog_policy.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from archive import ed25519
from archive.checkpoints import (
    CosignatureVerifier,
    Mldsa44Verifier,
    cosigned_message,
    join_cosignature,
    parse_checkpoint,
    subtree_message,
)
from archive.errors import CustodyError
from archive.notes import (
    Check,
    Note,
    Signature,
    Verified,
    Verifier,
    check_type,
    format_note,
    open_note,
    parse_note,
)
from archive.vkeys import ED25519_COSIGNATURE, MLDSA44, VKey

_LATEST_SECONDS: Final = 253_402_300_799


@dataclass(frozen=True, slots=True)
class CosignerSigner:
    """What a cosigner signs with: both its public keys, under one name, and a function for each."""

    ed25519_vkey: VKey
    mldsa44_vkey: VKey
    sign_ed25519: Callable[[bytes], bytes]
    sign_mldsa44: Callable[[bytes], bytes]

    def __post_init__(self) -> None:
        check_type(self.ed25519_vkey, ED25519_COSIGNATURE)
        check_type(self.mldsa44_vkey, MLDSA44)


def cosign(text: bytes, signer: CosignerSigner, timestamp: int) -> tuple[Signature, ...]:
    """Sign a checkpoint's text with both keys. `timestamp` is POSIX seconds, and not 0 (C29).

    The caller vouches that it is the largest consistent tree which the cosigner has seen of this log.
    """
    checkpoint = parse_checkpoint(text)
    check_dated(timestamp)
    plain = signer.sign_ed25519(cosigned_message(timestamp, text))
    large = signer.sign_mldsa44(subtree_message(signer.mldsa44_vkey.name, timestamp, checkpoint))
    return (
        _line(signer.ed25519_vkey, join_cosignature(timestamp, plain)),
        _line(signer.mldsa44_vkey, join_cosignature(timestamp, large)),
    )


def cosigner_verifiers(
    vkeys: Iterable[VKey], check_ed25519: Check = ed25519.verify, check_mldsa44: Check | None = None
) -> list[Verifier]:
    """Return verifiers for cosigners' keys; ML-DSA-44 keys only when something can check them."""
    verifiers: list[Verifier] = []
    for vkey in vkeys:
        if vkey.type == ED25519_COSIGNATURE:
            verifiers.append(CosignatureVerifier(vkey, check_ed25519))
        elif vkey.type == MLDSA44 and check_mldsa44 is not None:
            verifiers.append(Mldsa44Verifier(vkey, check_mldsa44))
    return verifiers


def cosignatures_of(note: bytes, verifiers: Sequence[Verifier]) -> tuple[Verified, ...]:
    """Return which of these cosigners' keys signed a checkpoint, and when; lines of others are passed over.

    Raises C24 when a known key's line fails, C29 for one without a time. That the log signed is not looked
    at here: a cosignature adds to that and never stands for it.
    """
    try:
        verified = open_note(note, verifiers).verified
    except CustodyError as fault:
        if fault.code != "C25":
            raise
        return ()
    for one in verified:
        check_dated(one.timestamp or 0)
    return verified


def with_cosignatures(note: bytes, lines: Iterable[Signature]) -> bytes:
    """Return the note with these signature lines too, one for each key: what is there already stays."""
    parsed = parse_note(note)
    known: dict[tuple[str, bytes], Signature] = {}
    for line in (*parsed.signatures, *lines):
        known.setdefault((line.name, line.key_id), line)
    return format_note(parsed.text, known.values())


def only_of(note: Note, verified: Iterable[Verified]) -> tuple[Signature, ...]:
    """Return the lines of a note that are of the keys which were verified."""
    known = {(one.name, one.key_id) for one in verified}
    return tuple(line for line in note.signatures if (line.name, line.key_id) in known)


def moment_of(timestamp: int) -> datetime:
    """Return the moment that a cosignature states; one beyond the calendar is its last second."""
    return datetime.fromtimestamp(min(timestamp, _LATEST_SECONDS), UTC)


def check_dated(timestamp: int) -> None:
    """Refuse (C29) a cosignature of a checkpoint that states no time."""
    if timestamp <= 0:
        raise CustodyError("C29", "a cosignature states no time", expected="POSIX seconds", found=timestamp)


def _line(vkey: VKey, signature: bytes) -> Signature:
    return Signature(vkey.name, vkey.key_id, signature)
