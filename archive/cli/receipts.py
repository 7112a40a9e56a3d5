"""`sviedka receipt`: fetching what proves a deposit."""

from pathlib import Path

import click

from archive.access.receipts import fetch_receipt
from archive.cli.asking import Asked, command
from archive.cli.entering import entered
from archive.cli.saving import new_file
from archive.cli.showing import note, show
from archive.policy import agents
from ingest.accession import code_digest


@command("receipt", rule=agents())
@click.argument("wanted", metavar="CODE|ITEM", nargs=-1, required=True)
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE")
def receipt_command(asked: Asked, *, wanted: tuple[str, ...], output: Path) -> None:
    """Save the receipt of one of your deposits.

    It is named by its code of words or by the item's id.
    """
    name = " ".join(wanted)
    with entered(asked) as (archive, sitting), new_file(output) as file:
        file.write(fetch_receipt(archive, sitting, name, code_digest(name)))
    note("warning: a receipt that is found on you says that you handed this in; keep it where nobody looks")
    show(asked, {"file": str(output)}, [f"written: {output}"])
