"""`sviedka verify`: checking a receipt offline, with nothing of the archive."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

import click

from archive.cli.asking import Asked, command
from archive.cli.failing import reason_of
from archive.cli.showing import show
from archive.errors import IntakeError
from archive.policy import OFFLINE
from archive.proofs import LARGEST_PROOF_BYTES
from archive.verifying import Verified, verify_file
from keys.signing import verify_ed25519, verify_mldsa44

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
def verify_command(asked: Asked, *, receipt: Path, original: Path | None, trust: Path | None) -> None:
    """Verify RECEIPT offline, with nothing of the archive.

    With --file, verify too that a file is the one it is for.
    """
    verified = _verify(_read(receipt), _read(trust) if trust is not None else None, original)
    show(asked, verified.as_data(), verified.lines())


def _verify(receipt: bytes, trust: bytes | None, original: Path | None) -> Verified:
    """Verify a receipt, and a file if one is given."""
    verify = partial(
        verify_file, receipt, trust=trust, check_ed25519=verify_ed25519, check_mldsa44=verify_mldsa44
    )
    if original is None:
        return verify()
    return _with_file(original, lambda file: verify(read=lambda: file.read(_CHUNK_BYTES)))


def _read(path: Path) -> bytes:
    return _with_file(path, lambda file: file.read(LARGEST_PROOF_BYTES + 1))


def _with_file(path: Path, use: Callable[[BinaryIO], T]) -> T:
    try:
        with path.open("rb") as file:
            return use(file)
    except OSError as fault:
        raise IntakeError("I79", "a file cannot be read", found=reason_of(fault)) from None
