"""`sviedka history` and `sviedka sealed`: what happened to an item, and the item as it is stored."""

from pathlib import Path

import click

from archive.access.anchors import Anchors
from archive.access.certificate import certify
from archive.access.history import Tombstone, history, tombstone
from archive.access.sealed import sealed_original
from archive.cli.asking import Asked, command
from archive.cli.entering import entered
from archive.cli.printing import save_certificate
from archive.cli.saving import new_file
from archive.cli.showing import note, show
from archive.errors import IntakeError
from archive.ids import Id
from archive.kinds import PREMIS
from archive.policy import agents
from archive.vocabulary import LANGUAGES
from search.certifying import certify_original


@command("history", rule=agents())
@click.argument("item")
@click.option(
    "--certificate", type=click.Path(path_type=Path), metavar="FILE.pdf", help="Save a certificate to print."
)
@click.option("--language", type=click.Choice(LANGUAGES), default="be", help="Of the certificate [be].")
@click.option("--original", is_flag=True, help="State the digests of the original in it. A reading: logged.")
def history_command(
    asked: Asked, *, item: str, certificate: Path | None, language: str, original: bool
) -> None:
    """Show the custody events of ITEM, oldest first.

    With --certificate, save a page that tells a court what the log says of it and how to check that.
    """
    if original and certificate is None:
        raise IntakeError("I75", "--original belongs to --certificate")
    with entered(asked) as (archive, sitting):
        if certificate is not None:
            certified = (certify_original if original else certify)(archive, sitting, Id(item))
            save_certificate(certificate, certified, language)
        happened = history(archive, sitting, Id(item))
        gone = tombstone(archive, sitting, Id(item))
        anchors = Anchors(archive)
        existed_by = {one.index: anchors.existed_by(one.index) for one in happened}
        stamped = anchors.latest_of(existed_by)
    value = [
        {
            "index": one.index,
            "event": one.event.id,
            "kind": one.event.kind.value,
            "premis": PREMIS.get(one.event.kind),
            "at": one.event.at,
            "existed_by": existed_by[one.index],
            "agent": one.event.agent,
            "handle": one.handle,
            "data": one.event.data,
        }
        for one in happened
    ]
    lines = [f"{one.index:>8}  {one.event.at}  {one.event.kind.value:<18} {one.handle}" for one in happened]
    lines += [
        f"   up to entry {index} existed by {moment}, as a timestamp confirms"
        for moment, index in stamped.items()
    ]
    show(asked, value, lines)
    if gone is not None:
        note(tombstone_words(gone))


def tombstone_words(gone: Tombstone) -> str:
    """Say what is left of an item that was destroyed."""
    second = f" with {gone.approved_by}" if gone.approved_by else ""
    ground = "; a consent had been withdrawn" if gone.withdrawn else ""
    return (
        f"destroyed {gone.at}, by order of {gone.ordered_by}{second} of {gone.ordered_at}{ground}. "
        "Nothing of what it held is left."
    )


@command("sealed", rule=agents())
@click.argument("item")
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE.age")
def sealed_command(asked: Asked, *, item: str, output: Path) -> None:
    """Save the original of ITEM, still sealed.

    It is one age file, which any age program opens with the compartment's identity.
    """
    with entered(asked) as (archive, sitting), new_file(output) as file:
        size_bytes = sum(file.write(chunk) for chunk in sealed_original(archive, sitting, Id(item)))
    value = {"item": item, "file": str(output), "size_bytes": size_bytes}
    show(asked, value, [f"written: {output}, {size_bytes} bytes"])
