"""`sviedka read`: reading one item."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import click

from archive.cli.asking import Asked, command
from archive.cli.entering import confirmed, entered
from archive.cli.saving import new_file
from archive.cli.showing import flag_words, note, plain, show
from archive.errors import IntakeError
from archive.ids import Id
from archive.kinds import RenditionKind
from archive.nouns import Role
from archive.policy import agents
from search.choosing import Wanted
from search.disclosure import Disclosed, read
from search.warning import warnings_of


@command("read", rule=agents(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN))
@click.argument("item")
@click.option(
    "-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Save it there, readable to you."
)
@click.option(
    "--rendition", "form", metavar="KIND|ID", help=f"Which form: {', '.join(RenditionKind)}, or one by id."
)
@click.option("--yes", is_flag=True, help="Do not ask, whatever one is warned of.")
def read_command(asked: Asked, *, item: str, output: Path | None, form: str | None, yes: bool) -> None:
    """Read ITEM. Readings are logged.

    Shows its text; with -o, saves the original as it was handed in. Where you may read a redaction only, or
    ask for one, that is what you get.
    """
    wanted = _wanted(form, as_file=output is not None)
    with entered(asked) as (archive, sitting), new_file(output) if output else nullcontext() as file:
        flags = warnings_of(archive, sitting, Id(item), wanted)
        if flags:
            note(f"warning: this item is marked: {', '.join(map(flag_words, flags))}")
            confirmed("Go on?", yes=yes)
        disclosed = read(archive, sitting, Id(item), wanted=wanted)
        if file is not None:
            size_bytes = _save(disclosed, file)
            value = _about(disclosed) | {"file": str(output), "size_bytes": size_bytes}
            note("What lies there now is readable to whoever takes this computer.")
            show(asked, value, [f"written: {output}, {size_bytes} bytes"])
        elif disclosed.segments or disclosed.rendition.kind == RenditionKind.TEXT.value:
            _show_text(asked, disclosed)
        else:
            _pour(asked, disclosed)


def _wanted(form: str | None, *, as_file: bool) -> Wanted:
    """Read a kind, or else an id; a file is the original unless something else was asked for."""
    if form is None:
        return Wanted(RenditionKind.ORIGINAL if as_file else None)
    if form in {kind.value for kind in RenditionKind}:
        kind = RenditionKind(form)
        return Wanted(kind, as_file=as_file and kind is RenditionKind.REDACTION)
    return Wanted(form=Id(form), as_file=as_file)


def _about(disclosed: Disclosed) -> dict[str, Any]:
    return {
        "item": disclosed.item,
        "rendition": disclosed.rendition.rendition,
        "kind": disclosed.rendition.kind,
        "redaction": disclosed.redaction.rendition if disclosed.redaction else None,
        "name": disclosed.name,
        "description": disclosed.description,
        "media_type": disclosed.file.get("media_type"),
        "claimed_at": disclosed.file.get("claimed_at"),
    }


def _save(disclosed: Disclosed, file: BinaryIO) -> int:
    """Write the text, or else the bytes; return how many."""
    if disclosed.segments:
        return file.write("\n\n".join(text for _, text in disclosed.segments).encode())
    return sum(file.write(chunk) for chunk in disclosed.chunks)


def _show_text(asked: Asked, disclosed: Disclosed) -> None:
    segments = [{"locator": locator, "text": text} for locator, text in disclosed.segments]
    mark = "  [redaction]" if disclosed.redaction else ""
    lines = [f"# {plain(str(disclosed.description.get('title', '')))}{mark}"]
    for locator, text in disclosed.segments:
        lines += [f"[{locator}]", plain(text)]
    show(asked, _about(disclosed) | {"segments": segments}, lines)


def _pour(asked: Asked, disclosed: Disclosed) -> None:
    """Write the bytes to standard output, unless that is a terminal or has to be JSON."""
    if asked.json or sys.stdout.isatty():
        raise IntakeError("I70", "there is no text to show; save the original with -o FILE")
    for chunk in disclosed.chunks:
        sys.stdout.buffer.write(chunk)
