"""Asking a cosigner: the bodies and the rules of `add-checkpoint` (c2sp.org/tlog-witness@v1.0.0).

Nothing here speaks HTTP or remembers anything. `judge` is the whole decision of a cosigner, and pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from archive.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint
from archive.codec import b64, unb64, undecimal
from archive.errors import CustodyError, IntakeError
from archive.merkle import EMPTY_ROOT, HASH_BYTES, verify_consistency
from archive.notes import Signature, Verifier, format_signature, parse_note

LARGEST_REQUEST_BYTES: Final = 256 * 1024
LARGEST_ANSWER_BYTES: Final = 64 * 1024
MOST_HASHES: Final = 63
SIZE_TYPE: Final = "text/x.tlog.size"

_OLD: Final = "old "


class Declined(CustodyError):
    """A cosigner does not sign (C55). `status` is its answer's; with 409, `size` is what it signed last."""

    def __init__(self, status: int, message: str, *, size: int | None = None, found: object = None) -> None:
        super().__init__("C55", message, found=found)
        self.status = status
        self.size = size


@dataclass(frozen=True, slots=True)
class Request:
    """What a log sends: the size that was cosigned last, the proof of growth since, the new checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes


@dataclass(frozen=True, slots=True)
class Last:
    """What a cosigner signed last of one log: an empty tree, if nothing yet."""

    size: int = 0
    root: bytes = EMPTY_ROOT


def format_request(request: Request) -> bytes:
    """Write a request; refuse (I36) what `parse_request` would not read back as the same."""
    lines = [f"{_OLD}{request.old}", *(b64(hashed) for hashed in request.proof)]
    data = "".join(f"{line}\n" for line in lines).encode() + b"\n" + request.note
    if parse_request(data) != request:
        raise IntakeError("I36", "malformed request to a cosigner")
    return data


def parse_request(data: bytes) -> Request:
    """Read a request; raise I36 when it is malformed or over a limit. Nothing is verified here."""
    if len(data) > LARGEST_REQUEST_BYTES:
        raise IntakeError("I36", "request is too long", expected=LARGEST_REQUEST_BYTES, found=len(data))
    head, separator, note = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
        old, proof = undecimal(lines[0].removeprefix(_OLD)), tuple(unb64(line) for line in lines[1:])
    except (UnicodeDecodeError, IntakeError):
        raise IntakeError("I36", "malformed request", expected="canonical decimals and base64") from None
    if not separator or not lines[0].startswith(_OLD):
        raise IntakeError("I36", "malformed request", expected="old size, proof, an empty line, a checkpoint")
    if len(proof) > MOST_HASHES or any(len(hashed) != HASH_BYTES for hashed in proof):
        raise IntakeError("I36", "malformed proof", expected=f"at most {MOST_HASHES} hashes of 32 bytes")
    try:
        parse_note(note)
    except CustodyError:
        raise IntakeError("I36", "malformed request", expected="a checkpoint as a signed note") from None
    return Request(old, proof, note)


def origin_of_request(request: Request) -> str:
    """Return the log that a request says it is of (I36 when its checkpoint is malformed)."""
    return parse_note(request.note).text.partition(b"\n")[0].decode()


def judge(request: Request, verifiers: Sequence[Verifier], origin: str, last: Last) -> Checkpoint:
    """Return the checkpoint that may be cosigned, or raise `Declined` or I36 with what is to be answered.

    The order of tlog-witness. 1. The log is one that is followed: the caller's to say (404). 2. The log
    signed, with every kind of key it is known to have (403). 3. Sizes that can be (400). 4. The old size is
    what this cosigner signed last (409). 5. The tree continues that one (422).
    """
    checkpoint = _signed(request.note, verifiers, origin)
    if request.old > checkpoint.size:
        raise Declined(400, "the old size is above the new one", found=request.old)
    if request.old != last.size:
        raise Declined(409, "another size was cosigned last", size=last.size, found=request.old)
    _check_continues(request, checkpoint, last)
    return checkpoint


def parse_answer(data: bytes) -> tuple[Signature, ...]:
    """Read the signature lines of a cosigner's answer (I37 when malformed). Nothing is verified here."""
    if not data or len(data) > LARGEST_ANSWER_BYTES:
        raise IntakeError("I37", "malformed answer of a cosigner", expected="signature lines")
    try:
        return parse_note(b"a\n\n" + data).signatures
    except CustodyError:
        raise IntakeError("I37", "malformed answer of a cosigner", expected="signature lines") from None


def format_answer(lines: Sequence[Signature]) -> bytes:
    """Write the signature lines of an answer."""
    return "".join(map(format_signature, lines)).encode()


def parse_size(data: bytes) -> int:
    """Read the size that goes with a 409 (I37 when malformed)."""
    try:
        text = data.decode("ascii")
        if not text.endswith("\n"):
            raise IntakeError("I37", "no newline")
        return undecimal(text[:-1])
    except (UnicodeDecodeError, IntakeError):
        raise IntakeError("I37", "malformed answer of a cosigner", expected="a size and a newline") from None


def _signed(note: bytes, verifiers: Sequence[Verifier], origin: str) -> Checkpoint:
    try:
        parse_checkpoint(parse_note(note).text)
    except CustodyError as fault:
        if fault.expected == EMPTY_ROOT.hex():
            raise Declined(422, "an empty tree with another root") from None
        raise IntakeError("I36", "malformed checkpoint in a request") from None
    try:
        return open_checkpoint(note, verifiers, origin)
    except CustodyError as fault:
        raise Declined(403, f"the log's own signature does not hold ({fault.code})") from None


def _check_continues(request: Request, checkpoint: Checkpoint, last: Last) -> None:
    try:
        if last.size:
            verify_consistency(last.size, checkpoint.size, request.proof, last.root, checkpoint.root)
        elif request.proof:
            raise CustodyError("C11", "a proof from an empty tree")
    except CustodyError as fault:
        raise Declined(422, f"the log does not continue what was cosigned ({fault.code})") from None
