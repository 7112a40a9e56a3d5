"""Checkpoints and the signatures that only checkpoints carry.

c2sp.org/tlog-checkpoint@v1.0.0 is the text, c2sp.org/tlog-cosignature@v1 the timestamped signatures: Ed25519
(type 0x04, by cosigners) and ML-DSA-44 (type 0x06, by cosigners and by our log itself beside its Ed25519
signature, so that a future forger of the one still lacks the other).
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from archive import ed25519
from archive.codec import b64, unb64, undecimal
from archive.errors import CustodyError, IntakeError
from archive.merkle import EMPTY_ROOT, HASH_BYTES
from archive.notes import Check, Signature, Verifier, check_type, format_note, open_note
from archive.vkeys import ED25519, ED25519_COSIGNATURE, MLDSA44, VKey

LATEST_TIMESTAMP = 2**63 - 1
MLDSA44_SIGNATURE_BYTES = 2420

_TIMESTAMP_BYTES = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log. Extension lines are kept when read; ours has none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """Verifies a cosigner's timestamped Ed25519 signatures (type 0x04)."""

    vkey: VKey
    check: Check = ed25519.verify

    def __post_init__(self) -> None:
        check_type(self.vkey, ED25519_COSIGNATURE)

    def verify(self, text: bytes, signature: bytes) -> int:
        timestamp, bare = _split_cosignature(signature, ed25519.SIGNATURE_BYTES)
        parse_checkpoint(text)  # A cosignature says something of checkpoints only.
        self.check(self.vkey.public, cosigned_message(timestamp, text), bare)
        return timestamp


@dataclass(frozen=True, slots=True)
class Mldsa44Verifier:
    """Verifies timestamped ML-DSA-44 signatures (type 0x06); `check` is pure ML-DSA with an empty context."""

    vkey: VKey
    check: Check

    def __post_init__(self) -> None:
        check_type(self.vkey, MLDSA44)

    def verify(self, text: bytes, signature: bytes) -> int:
        timestamp, bare = _split_cosignature(signature, MLDSA44_SIGNATURE_BYTES)
        message = subtree_message(self.vkey.name, timestamp, parse_checkpoint(text))
        self.check(self.vkey.public, message, bare)
        return timestamp


def open_checkpoint(data: bytes, verifiers: Iterable[Verifier], origin: str) -> Checkpoint:
    """Return the checkpoint of the log `origin`, which its own keys signed.

    Verifiers named as the origin are the log's keys, all others are cosigners; a cosigner can add nothing to
    what the log did not sign. Raises C22 to C25 (the note), C26 (malformed text), C27 (another log), C28
    (the log's signature of some type is missing). How many cosigners are enough is left to the caller.
    """
    verifiers = tuple(verifiers)
    # Step 1: the signed note: every signature of a known key holds, and there is one.
    note = open_note(data, verifiers)
    # Step 2: the text, and that it speaks of this log (tlog-checkpoint, "Note text").
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        found = ascii(checkpoint.origin[:100])
        raise CustodyError("C27", "checkpoint of another log", expected=ascii(origin), found=found)
    # Step 3: the log itself signed, with every type of key we know it to have. Of several keys of one type
    # (old and new) one is enough; dropping the signature that is harder to forge must not go unnoticed.
    needed = {verifier.vkey.type for verifier in verifiers if verifier.vkey.name == origin}
    missing = needed - {seen.type for seen in note.verified if seen.name == origin}
    if missing or not needed:
        raise CustodyError(
            "C28", "checkpoint lacks a signature of its log", expected=f"types {sorted(needed)}"
        )
    return checkpoint


def sign_checkpoint(
    checkpoint: Checkpoint,
    *,
    sign_ed25519: Callable[[bytes], bytes],
    ed25519_vkey: VKey,
    sign_mldsa44: Callable[[bytes], bytes],
    mldsa44_vkey: VKey,
    timestamp: int,
) -> bytes:
    """Return the checkpoint as a note signed with both keys of its log. `timestamp` is POSIX seconds.

    The caller vouches that nothing inconsistent was ever signed. Extension lines are refused (C26): ML-DSA
    cosignatures do not cover them.
    """
    check_type(ed25519_vkey, ED25519)
    check_type(mldsa44_vkey, MLDSA44)
    for vkey in (ed25519_vkey, mldsa44_vkey):
        if vkey.name != checkpoint.origin:
            raise CustodyError("C27", "key of another log", expected=ascii(checkpoint.origin))
    if checkpoint.extensions:
        raise CustodyError("C26", "checkpoint has extension lines", expected="none")
    text = format_checkpoint(checkpoint)
    plain = sign_ed25519(text)
    timed = sign_mldsa44(subtree_message(mldsa44_vkey.name, timestamp, checkpoint))
    return format_note(
        text,
        (
            Signature(ed25519_vkey.name, ed25519_vkey.key_id, plain),
            Signature(mldsa44_vkey.name, mldsa44_vkey.key_id, join_cosignature(timestamp, timed)),
        ),
    )


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Write the note text; refuse (C26) what `parse_checkpoint` would not read back as the same."""
    lines = (checkpoint.origin, str(checkpoint.size), b64(checkpoint.root), *checkpoint.extensions)
    try:
        text = "".join(f"{line}\n" for line in lines).encode()
    except UnicodeEncodeError:
        raise CustodyError("C26", "malformed checkpoint", expected="text that has UTF-8") from None
    if parse_checkpoint(text) != checkpoint:
        raise CustodyError("C26", "malformed checkpoint", expected="one line each")
    return text


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read note text (tlog-checkpoint, "Note text"); raise C26 when malformed. Nothing is verified here."""
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError:
        raise CustodyError("C26", "checkpoint is not UTF-8") from None
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise CustodyError("C26", "malformed checkpoint", expected="at least three lines, none empty")
    try:
        size, root = undecimal(lines[1]), unb64(lines[2])
    except IntakeError:
        raise CustodyError("C26", "malformed checkpoint", expected="a decimal size, a base64 root") from None
    if len(root) != HASH_BYTES:
        raise CustodyError("C26", "root of wrong length", expected=HASH_BYTES, found=len(root))
    if size == 0 and root != EMPTY_ROOT:
        raise CustodyError("C26", "empty tree with a root", expected=EMPTY_ROOT.hex(), found=root.hex())
    return Checkpoint(lines[0], size, root, tuple(lines[3:-1]))


def cosigned_message(timestamp: int, text: bytes) -> bytes:
    """Return what an Ed25519 cosigner signs (tlog-cosignature, "Ed25519 signed message")."""
    _check_timestamp(timestamp)
    return b"cosignature/v1\ntime %d\n" % timestamp + text


def subtree_message(cosigner: str, timestamp: int, checkpoint: Checkpoint) -> bytes:
    """Return what an ML-DSA-44 cosigner signs (tlog-cosignature, "ML-DSA-44 signed message").

    The subtree is the whole tree: start is 0 and end is the size.
    """
    _check_timestamp(timestamp)
    return b"".join(
        (
            b"subtree/v1\n\x00",
            _opaque(cosigner),
            struct.pack(">Q", timestamp),
            _opaque(checkpoint.origin),
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )


def join_cosignature(timestamp: int, signature: bytes) -> bytes:
    """Return the `timestamped_signature` that goes into a signature line."""
    _check_timestamp(timestamp)
    return struct.pack(">Q", timestamp) + signature


def _split_cosignature(blob: bytes, signature_bytes: int) -> tuple[int, bytes]:
    expected = _TIMESTAMP_BYTES + signature_bytes
    if len(blob) != expected:
        raise CustodyError("C29", "cosignature of wrong length", expected=expected, found=len(blob))
    return int.from_bytes(blob[:_TIMESTAMP_BYTES], "big"), blob[_TIMESTAMP_BYTES:]


def _check_timestamp(timestamp: int) -> None:
    if not 0 <= timestamp <= LATEST_TIMESTAMP:
        raise CustodyError("C29", "timestamp out of range", expected="at most 2**63 - 1", found=timestamp)


def _opaque(name: str) -> bytes:
    """Write opaque<1..255> of RFC 8446 3.4."""
    data = name.encode()
    if not 1 <= len(data) <= 255:
        raise CustodyError(
            "C29", "name does not fit a cosignature", expected="1 to 255 bytes", found=len(data)
        )
    return bytes([len(data)]) + data
