"""`sviedka verify`: checking a receipt offline, with nothing of the archive."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

import click

from archive.cli.asking import Asked, command
from archive.cli.failing import reason_of
from archive.cli.showing import show
from archive.errors import CustodyError, IntakeError
from archive.policy import OFFLINE
from archive.proofs import LARGEST_PROOF_BYTES
from archive.timestamps import Stamp
from archive.verifying import Verified, verify_file
from keys.errors import TimestampError
from keys.pins import parse_pins
from keys.signing import verify_ed25519, verify_mldsa44
from keys.timestamps import verify_timestamp

T = TypeVar("T")

_CHUNK_BYTES = 1 << 20


@command("verify", rule=OFFLINE)
@click.argument("receipt", metavar="RECEIPT", type=click.Path(path_type=Path))
@click.option(
    "--file", "original", type=click.Path(path_type=Path), metavar="F", help="Is it the one handed in?"
)
@click.option(
    "--trust", type=click.Path(path_type=Path), metavar="F", help="The log's keys, had from elsewhere."
)
@click.option(
    "--policy", type=click.Path(path_type=Path), metavar="F", help="Which cosigners you trust (C2SP)."
)
@click.option(
    "--timestamp", type=click.Path(path_type=Path), metavar="F", help="A timestamp over its checkpoint, .tsr."
)
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Certificates of whoever gave that, PEM.",
)
def verify_command(
    asked: Asked,
    *,
    receipt: Path,
    original: Path | None,
    trust: Path | None,
    policy: Path | None,
    timestamp: Path | None,
    authority: Path | None,
) -> None:
    """Verify RECEIPT offline, with nothing of the archive.

    With --file, verify too that a file is the one it is for; with --policy, say who cosigned it and whether
    that is enough; with --timestamp, by when it was logged. One that is not yet cosigned is verified all the
    same, and can be fetched again. What belongs to a timestamp is made with it: sviedka anchor export.
    """
    if (timestamp is None) != (authority is None):
        raise IntakeError("I75", "--timestamp and --authority belong together")
    stamp = _stamp(_read(timestamp), _read(authority)) if timestamp and authority else None
    verify = partial(
        verify_file,
        _read(receipt),
        trust=_read(trust) if trust is not None else None,
        policy=_read(policy) if policy is not None else None,
        stamp=stamp,
        check_ed25519=verify_ed25519,
        check_mldsa44=verify_mldsa44,
    )
    verified = _with_original(verify, original)
    show(asked, verified.as_data(), verified.lines())


def _with_original(verify: Callable[..., Verified], original: Path | None) -> Verified:
    """Verify a receipt, and a file if one is given."""
    if original is None:
        return verify()
    return _with_file(original, lambda file: verify(read=lambda: file.read(_CHUNK_BYTES)))


def _stamp(timestamp: bytes, authority: bytes) -> Callable[[bytes], Stamp]:
    """Return what verifies a timestamp over a note."""
    pins = parse_pins(authority)

    def verify(note: bytes) -> Stamp:
        try:
            return verify_timestamp(pins, note, timestamp)
        except TimestampError as fault:
            if fault.code != "K38":
                raise
            message = "the timestamp is over another checkpoint than the receipt's: sviedka anchor export"
            raise CustodyError("C57", message) from None

    return verify


def _read(path: Path) -> bytes:
    return _with_file(path, lambda file: file.read(LARGEST_PROOF_BYTES + 1))


def _with_file(path: Path, use: Callable[[BinaryIO], T]) -> T:
    try:
        with path.open("rb") as file:
            return use(file)
    except OSError as fault:
        raise IntakeError("I79", "a file cannot be read", found=reason_of(fault)) from None
