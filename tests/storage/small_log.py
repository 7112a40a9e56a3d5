"""A log with a real key for the tests of storage, and a process that appends to one until it is killed."""

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from archive.checkpoints import Checkpoint, format_checkpoint, open_checkpoint
from archive.errors import FixityError
from archive.notes import Ed25519Verifier, Signature, format_note
from archive.vkeys import ED25519, VKey
from storage.log import Log, create_log

ORIGIN = "log.example/tests"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = VKey.of(ORIGIN, ED25519, KEY.public_key().public_bytes_raw())


def sign(checkpoint: Checkpoint) -> bytes:
    text = format_checkpoint(checkpoint)
    return format_note(text, [Signature(ORIGIN, VKEY.key_id, KEY.sign(text))])


def verify(note: bytes) -> Checkpoint:
    return open_checkpoint(note, [Ed25519Verifier(VKEY, _check)], ORIGIN)


def _check(public, message, signature):
    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


def open_log(root: Path, *, sign=sign) -> Log:
    return Log(root, origin=ORIGIN, sign=sign, verify=verify)


def new_log(root: Path) -> Log:
    create_log(root, origin=ORIGIN, sign=sign)
    return open_log(root)


def append_batches(root: Path, name: str, sizes: list[int], *, until_full: bool = False) -> None:
    """Append batches, and say after each, on standard output, which entries are acknowledged."""
    log = open_log(root)
    number = 0
    for size in sizes:
        entries = [f"{name} {number + offset}".encode().ljust(200) for offset in range(size)]
        try:
            appended = log.append(entries)
        except FixityError as fault:
            print(f"refused {fault.code}", flush=True)
            if until_full:
                return
            continue
        print(f"{name} {number} {size} {appended.first_index}", flush=True)
        number += size


if __name__ == "__main__":
    append_batches(Path(sys.argv[1]), sys.argv[2], [int(size) for size in sys.argv[3].split(",")] * 400)
