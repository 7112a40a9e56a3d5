"""A cosigner: one folder with a key and what it remembers, and the one act of signing a checkpoint.

Order: under the lock, judge against what was signed last → sign → make the new state durable → answer. A
crash before the state is durable leaves a signature that nobody saw; after it, one that is asked for again.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.add_checkpoint import (
    Declined,
    Last,
    Request,
    format_answer,
    judge,
    origin_of_request,
    parse_request,
)
from archive.author import Clock, system_clock
from archive.cosignatures import cosign, with_cosignatures
from archive.errors import FixityError, IntakeError
from archive.ids import Random
from archive.notes import Verifier, format_note, parse_note
from archive.trust import log_verifiers
from archive.vkeys import format_vkey
from keys.cosigner_keys import CosignerKey, format_cosigner_key, needs_passphrase, parse_cosigner_key
from keys.signing import verify_ed25519, verify_mldsa44
from storage.cosigner_files import CosignerFiles
from storage.durable import FolderTree, write_once, writing

KEY: Final = "cosigner.key"
PUBLIC: Final = "cosigner.pub"
LOGS: Final = "logs"


@dataclass(frozen=True, slots=True)
class Cosigner:
    """An open cosigner."""

    key: CosignerKey
    files: CosignerFiles
    clock: Clock = system_clock

    def add_checkpoint(self, body: bytes) -> bytes:
        """Return the signature lines for a request.

        Raises I36 (malformed), Declined (not signed, and with which status), F17 (what is remembered of this
        log is damaged), F02 (it cannot be written).
        """
        return self.sign(parse_request(body))

    def sign(self, request: Request) -> bytes:
        """Return the signature lines for a request that was read already."""
        origin = origin_of_request(request)
        with self.files.changing():
            known = self.files.followed(origin)
            if known is None:
                raise Declined(404, "this log is not followed here")
            verifiers = log_verifiers(known.log_keys, verify_ed25519, verify_mldsa44)
            checkpoint = judge(request, verifiers, origin, known.last)
            lines = cosign(parse_note(request.note).text, self.key.signer(), self._now())
            # A crash here leaves the old state, and a signature that nobody has.
            note = with_cosignatures(_only_of(request.note, verifiers), lines)
            self.files.advance(known, Last(checkpoint.size, checkpoint.root), note)
        return format_answer(lines)

    def _now(self) -> int:
        return int(self.clock().timestamp())


def new_cosigner(
    folder: Path, name: str, passphrase: str | None, *, log_n: int, random: Random = os.urandom
) -> CosignerKey:
    """Make a cosigner in a new or empty folder (I67 for another), and return its key."""
    if folder.exists() and any(folder.iterdir()):
        raise IntakeError("I67", "the folder is not empty", expected="a new or empty folder")
    key = CosignerKey.generate(name, random)
    with writing("the cosigner's folder"):
        FolderTree(folder).ready(folder)
    write_once(folder / PUBLIC, format_public(key))
    write_once(folder / KEY, format_cosigner_key(key, passphrase, log_n=log_n, random=random))
    return key


def format_public(key: CosignerKey) -> bytes:
    """Return what a cosigner hands out: its public keys, one a line."""
    return "".join(f"{format_vkey(vkey)}\n" for vkey in key.vkeys).encode()


def is_sealed(folder: Path) -> bool:
    """Say whether the key in a cosigner's folder needs a passphrase (F18 where there is no cosigner)."""
    return needs_passphrase(_load(folder))


def open_cosigner(
    folder: Path, passphrase: str | None, *, log_n: int, clock: Clock = system_clock
) -> Cosigner:
    """Open the cosigner in a folder: F18 where there is none, K41 to K43 where its key does not open."""
    key = parse_cosigner_key(_load(folder), passphrase, log_n=log_n)
    return Cosigner(key, files_of(folder), clock)


def files_of(folder: Path) -> CosignerFiles:
    """Return what a cosigner remembers, without its key."""
    return CosignerFiles(folder / LOGS)


def _load(folder: Path) -> bytes:
    try:
        return (folder / KEY).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise FixityError("F18", "there is no cosigner in this folder", expected=KEY) from None


def _only_of(note: bytes, verifiers: Sequence[Verifier]) -> bytes:
    """Return the note with the log's own signatures: a stranger's lines are not remembered."""
    known = {(one.vkey.name, one.vkey.key_id) for one in verifiers}
    parsed = parse_note(note)
    return format_note(parsed.text, [line for line in parsed.signatures if (line.name, line.key_id) in known])
