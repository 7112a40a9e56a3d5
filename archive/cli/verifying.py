"""`sviedka verify`: checking a receipt offline, with nothing of the archive."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from archive.cli.asking import Asked, command
from archive.cli.failing import reason_of
from archive.cli.showing import plain, show
from archive.errors import CustodyError, IntakeError
from archive.proofs import LARGEST_PROOF_BYTES
from archive.receipts import Proven, Trust, check_file, parse_receipt, parse_trust, verify_receipt
from keys.signing import verify_ed25519, verify_mldsa44

T = TypeVar("T")

_CHUNK_BYTES = 1 << 20


@command("verify")
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
    trusted = parse_trust(_read(trust)) if trust is not None else None
    proven = _verified(_read(receipt), trusted)
    size_bytes = _compare(proven, original) if original is not None else None
    show(asked, _as_data(proven, size_bytes), _lines(proven, size_bytes))


def _verified(data: bytes, trust: Trust | None) -> Proven:
    """Verify a receipt; one that is malformed in any way fails as a receipt (C80), not as usage."""
    try:
        return verify_receipt(
            parse_receipt(data), trust=trust, check_ed25519=verify_ed25519, check_mldsa44=verify_mldsa44
        )
    except IntakeError as fault:
        raise CustodyError("C80", f"not a receipt: {fault}") from None


def _compare(proven: Proven, original: Path) -> int:
    return _with_file(original, lambda file: check_file(proven.openings, lambda: file.read(_CHUNK_BYTES)))


def _read(path: Path) -> bytes:
    return _with_file(path, lambda file: file.read(LARGEST_PROOF_BYTES + 1))


def _with_file(path: Path, use: Callable[[BinaryIO], T]) -> T:
    try:
        with path.open("rb") as file:
            return use(file)
    except OSError as fault:
        raise IntakeError("I79", "a file cannot be read", found=reason_of(fault)) from None


def _as_data(proven: Proven, size_bytes: int | None) -> dict[str, Any]:
    event = proven.entry.event
    return {
        "verified": True,
        "trusted": proven.trusted,
        "origin": event.origin,
        "index": proven.index,
        "size": proven.checkpoint.size,
        "root": proven.checkpoint.root.hex(),
        "item": event.data["item"],
        "at": event.at,
        "agent": event.agent,
        "agent_key": proven.agent_key.hex(),
        "name": proven.openings.name,
        "sha256": proven.openings.sha256,
        "blake3": proven.openings.blake3,
        "file_size_bytes": size_bytes,
    }


def _lines(proven: Proven, size_bytes: int | None) -> list[str]:
    event = proven.entry.event
    lines = [
        f"verified: {plain(proven.openings.name)} was handed in at {event.at}",
        f"   SHA-256 {proven.openings.sha256}",
        f"   by agent {event.agent}, item {event.data['item']}",
        f"   entry {proven.index} of the log {event.origin}, which held {proven.checkpoint.size} entries",
        "   logged; covered by no independent cosigner",
    ]
    if size_bytes is not None:
        lines.append(f"the file is the one handed in: {size_bytes} bytes")
    if not proven.trusted:
        lines.append(
            "the log's keys are the receipt's own claim; compare with keys had from elsewhere: --trust F"
        )
    return lines
