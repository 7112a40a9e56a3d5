"""`sviedka readmit`: putting on record what receipts prove of a log that was lost."""

import os
from dataclasses import asdict
from pathlib import Path

import click

from archive.access.readmitting import Readmitted, readmit
from archive.assemble import open_archive
from archive.cli.asking import Asked, command
from archive.cli.input_files import load_bytes
from archive.cli.showing import show
from archive.cli.surroundings import circumstances_of
from archive.policy import OPERATOR
from archive.proofs import LARGEST_PROOF_BYTES


@command("readmit", rule=OPERATOR)
@click.argument("receipts", metavar="RECEIPT...", nargs=-1, required=True, type=click.Path(path_type=Path))
def readmit_command(asked: Asked, *, receipts: tuple[Path, ...]) -> None:
    """Put on record what each RECEIPT proves, where it was lost with an earlier log.

    After a restore from a backup that is older than the receipt. The file itself does not come back: whoever
    has it deposits it again.
    """
    found: list[Readmitted] = []
    with open_archive(asked.folder, circumstances_of(os.environ)) as archive:
        found.extend(readmit(archive, load_bytes(one, LARGEST_PROOF_BYTES)) for one in receipts)
    show(asked, [asdict(one) for one in found], map(_line, found))


def _line(one: Readmitted) -> str:
    state = "readmitted" if one.new else "on record already"
    return f"{state}: item {one.item}, entry {one.index} of the log"
