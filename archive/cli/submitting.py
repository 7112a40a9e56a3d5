"""`sviedka submit`: handing a pack in, at the archive or over a line, without an account."""

import os
from pathlib import Path
from typing import Any, BinaryIO

import click

from archive.assemble import load_settings, open_archive
from archive.cli.asking import Asked, command
from archive.cli.failing import reason_of
from archive.cli.sending import send
from archive.cli.showing import byte_progress, note, show
from archive.cli.surroundings import circumstances_of
from archive.errors import IntakeError
from archive.policy import OPERATOR
from ingest.reading_packs import ReadPack, read_pack
from ingest.submission import submit


@command("submit", rule=OPERATOR)
@click.argument("pack", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--to", "address", metavar="URL", help="The address of an archive's public pages.")
def submit_command(asked: Asked, *, pack: Path, address: str | None) -> None:
    """Hand in a pack that was made with `sviedka pack`. It is taken unopened, as claimed.

    Without --to it is taken in here, at the archive; with it, it is sent to another archive's public page.
    Handing the same pack in again changes nothing.
    """
    try:
        with pack.open("rb") as file:
            value = _take_in(asked, file) if address is None else _send(file, address)
    except OSError as fault:
        raise IntakeError("I79", "the pack cannot be read", found=reason_of(fault)) from None
    count = len(value["items"])
    files = f"{count} {'file' if count == 1 else 'files'}"
    show(asked, value, [f"handed in: {files}, as claimed", *(f"item {one}" for one in value["items"])])
    note("The code of words that was shown when it was packed fetches the receipts.")


def _take_in(asked: Asked, file: BinaryIO) -> dict[str, Any]:
    load_settings(asked.folder)
    with open_archive(asked.folder, circumstances_of(os.environ)) as archive:
        done = submit(archive, file)
    return {"deposit": done.deposit, "items": list(done.items), "to": None}


def _send(file: BinaryIO, address: str) -> dict[str, Any]:
    # What is no pack is found out here, before a bad line is spent on it.
    read: ReadPack = read_pack(file.read, lambda _head: None)
    size_bytes = file.seek(0, os.SEEK_END)
    with byte_progress("sending", size_bytes) as on_bytes:
        send(file, size_bytes, address, on_bytes=on_bytes)
    items = [one.item for one in read.manifest.items]
    return {"deposit": read.manifest.head.deposit, "items": items, "to": address}
