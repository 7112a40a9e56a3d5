"""Signed notes: c2sp.org/signed-note@v1.0.0. Text that nobody should read before a known key vouches for it.

`open_note` is the only way to text that may be trusted; `parse_note` takes a note apart and vouches for
nothing. What a signature over a checkpoint means is in archive.checkpoints.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from archive import ed25519
from archive.codec import b64, unb64
from archive.errors import CustodyError, IntakeError, SviedkaError
from archive.vkeys import ED25519, KEY_ID_BYTES, VKey, check_name

LARGEST_NOTE_BYTES = 1_000_000
MOST_SIGNATURES = 64

_DASH = "\N{EM DASH}"
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")

# Checks (public key, message, signature); returns nothing, or raises an error of ours.
Check = Callable[[bytes, bytes, bytes], object]


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, unverified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart, unverified. `text` ends with a newline."""

    text: bytes
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose signature held. `timestamp` is the cosigner's POSIX seconds; plain signatures have none."""

    name: str
    key_id: bytes
    type: int
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """Text that at least one known key signed, and every known key that did, once each."""

    text: bytes
    verified: tuple[Verified, ...]


class Verifier(Protocol):
    """One known key. `verify` returns the time that a cosignature states, or None where none is stated.

    It raises an error of ours when the signature does not hold.
    """

    @property
    def vkey(self) -> VKey: ...

    def verify(self, text: bytes, signature: bytes) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """Verifies plain note signatures (type 0x01) over the text."""

    vkey: VKey
    check: Check = ed25519.verify

    def __post_init__(self) -> None:
        check_type(self.vkey, ED25519)

    def verify(self, text: bytes, signature: bytes) -> None:
        self.check(self.vkey.public, text, signature)


def check_type(vkey: VKey, type: int) -> None:
    """Refuse (C20) to use a key for another kind of signature than its own."""
    if vkey.type != type:
        raise CustodyError(
            "C20", "verifier key of another type", expected=f"{type:#04x}", found=f"{vkey.type:#04x}"
        )


def open_note(data: bytes, verifiers: Iterable[Verifier]) -> OpenedNote:
    """Return the text of a note that a known key signed.

    Raises C22 and C23 (malformed), C24 (a known key's signature does not hold), C25 (no known key signed).
    """
    known = _known(verifiers)
    # Step 1: take the note apart ("Format").
    note = parse_note(data)
    verified: dict[tuple[str, bytes], Verified] = {}
    for line in note.signatures:
        # Step 2: pass over keys we do not know; name and id must both match ("Signatures").
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            continue
        # Step 3: one failing signature of a known key condemns the whole note.
        timestamp = _verify(verifier, note.text, line)
        seen = Verified(line.name, line.key_id, verifier.vkey.type, timestamp)
        verified.setdefault((line.name, line.key_id), seen)
    # Step 4: at least one known key signed.
    if not verified:
        found = f"{len(note.signatures)} of other keys"
        raise CustodyError("C25", "no known key signed the note", found=found)
    return OpenedNote(note.text, tuple(verified.values()))


def parse_note(data: bytes) -> Note:
    """Take a note apart without believing it; raise C22 when malformed, C23 when over a limit."""
    if len(data) > LARGEST_NOTE_BYTES:
        raise CustodyError("C23", "note is too long", expected=LARGEST_NOTE_BYTES, found=len(data))
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise CustodyError("C22", "note is not UTF-8") from None
    if _CONTROL.search(whole):
        raise CustodyError("C22", "note holds control characters")
    # The last empty line separates; text may hold empty lines of its own.
    text, separator, block = whole.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise CustodyError("C22", "malformed note", expected="text, an empty line, signature lines")
    lines = block[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise CustodyError("C23", "note has too many signatures", expected=MOST_SIGNATURES, found=len(lines))
    return Note(text.encode() + b"\n", tuple(_parse_signature(line) for line in lines))


def format_note(text: bytes, signatures: Iterable[Signature]) -> bytes:
    """Write a note; refuse what `parse_note` would not read back as the same (C22, C23)."""
    note = Note(text, tuple(signatures))
    data = text + b"\n" + "".join(format_signature(line) for line in note.signatures).encode()
    if parse_note(data) != note:
        raise CustodyError("C22", "malformed note", expected="text that ends with a newline")
    return data


def format_signature(line: Signature) -> str:
    """Write one signature line, with its newline."""
    check_name(line.name)
    return f"{_DASH} {line.name} {b64(line.key_id + line.signature)}\n"


def _parse_signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH:
        raise CustodyError("C22", "malformed signature line", expected=f"{_DASH} name base64")
    try:
        check_name(parts[1])
        blob = unb64(parts[2])
    except (CustodyError, IntakeError) as fault:
        raise CustodyError("C22", "malformed signature line") from fault
    if len(blob) <= KEY_ID_BYTES:
        raise CustodyError("C22", "malformed signature line", expected="a key id and a signature")
    return Signature(parts[1], blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def _known(verifiers: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    """Index the verifiers; two keys under one name and id would make a signature ambiguous (C35)."""
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        key = (verifier.vkey.name, verifier.vkey.key_id)
        if key in known:
            raise CustodyError("C35", "two verifiers share name and key id", found=key[1].hex())
        known[key] = verifier
    return known


def _verify(verifier: Verifier, text: bytes, line: Signature) -> int | None:
    try:
        return verifier.verify(text, line.signature)
    except SviedkaError as fault:
        raise CustodyError(
            "C24", f"signature of a known key fails ({fault.code})", found=line.key_id.hex()
        ) from fault
