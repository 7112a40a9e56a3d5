"""`sviedka rendition`: further forms of an item, beside its original."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from archive.access.forms import Form, forms
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import entered
from archive.cli.showing import note, plain, show
from archive.cli.surroundings import tessdata_folder
from archive.errors import IntakeError
from archive.ids import Id
from archive.kinds import RenditionKind
from archive.nouns import Role
from archive.policy import agents
from archive.records import load_description
from archive.uses import Use
from ingest.deposit import Handed
from ingest.extraction import Extractor, Limits
from ingest.files import opened
from ingest.renditions import Added, Terms, add_redaction

rendition_command = Group("rendition", help="Further forms of an item, beside its original.")

LIMIT = (
    "The file is kept as you made it. What lies under a black bar, or in its hidden parts, is still in it: "
    "look at the text that was found, and make the file from a picture or a fresh document if in doubt."
)


def _about(function: Callable[..., None]) -> Callable[..., None]:
    """Take what is said of a redaction, which is all that its readers are told."""
    for option in (
        click.option("--title", help="Its own title, for those who may read it."),
        click.option("--language", metavar="L", help="Its language, such as be, ru or en."),
        click.option("--note", "handling", help="What was left out and how, for those who may read it."),
        click.option("--graphic", is_flag=True, help="Warn before it is shown."),
    ):
        function = option(function)
    return function


@command("add", into=rendition_command, rule=agents(Role.LAWYER, Role.CUSTODIAN))
@click.argument("item")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind", type=click.Choice([RenditionKind.REDACTION.value]), required=True, help="What kind of form."
)
@click.option(
    "--into", "label", metavar="LABEL", help="The compartment whose readers may read it [its item's]."
)
@click.option("--uses", metavar="USE,...", help="What it may be used for [as the item, also later].")
@click.option("--source", metavar="FORM", help="The form it was made from [the original].")
@click.option("--reason", required=True, help="Why; kept sealed in the item's compartment.")
@click.option("--proposal", metavar="ID", help="The approved proposal, where releasing takes two persons.")
@_about
def _add(
    asked: Asked,
    *,
    item: str,
    file: Path,
    kind: str,
    label: str | None,
    uses: str | None,
    source: str | None,
    reason: str,
    proposal: str | None,
    **about: Any,
) -> None:
    """Add FILE as a redacted form of ITEM, with words of its own. The original stays as it is."""
    if not reason.strip():
        raise IntakeError("I75", "--reason says nothing", expected="a reason")
    terms = Terms(
        Id(item),
        reason.strip(),
        label,
        _uses(uses),
        Id(source) if source else None,
        Id(proposal) if proposal else None,
    )
    stated = {name: value for name, value in about.items() if value}
    # A name that is not text in this system's encoding is kept as far as it is.
    name = os.fsencode(file.name).decode("utf-8", "replace")
    handed = Handed(name, lambda: opened(file), load_description(stated, [name])[name], str(file))
    note(LIMIT)
    with (
        entered(asked) as (archive, sitting),
        Extractor(limits=Limits(), tessdata=tessdata_folder(os.environ)) as extractor,
    ):
        added = add_redaction(archive, sitting, extractor, handed, terms)
    show(asked, _value(terms, kind, added), _lines(added))


def _uses(text: str | None) -> frozenset[Use] | None:
    if text is None:
        return None
    try:
        return frozenset(Use(word.strip()) for word in text.split(",") if word.strip())
    except ValueError:
        raise IntakeError("I15", "no such use", expected=", ".join(Use)) from None


def _value(terms: Terms, kind: str, added: Added) -> dict[str, Any]:
    return {
        "item": terms.item,
        "rendition": added.rendition,
        "kind": kind,
        "compartment": added.label,
        "media_type": added.media_type,
        "size_bytes": added.size_bytes,
        "log_index": added.log_index,
        "text": added.outcome,
        "segments": [{"locator": locator, "text": text} for locator, text in added.segments],
    }


def _lines(added: Added) -> list[str]:
    lines = [f"added to {plain(added.label)}: {added.rendition}  entry {added.log_index}"]
    if not added.segments:
        return [*lines, "no text was found in it"]
    lines.append("the text that was found in it, and that its readers see:")
    for locator, text in added.segments:
        lines += [f"[{locator}]", plain(text)]
    return lines


@command("list", into=rendition_command, rule=agents())
@click.argument("item")
def _list(asked: Asked, *, item: str) -> None:
    """List the forms of ITEM that you may know of."""
    with entered(asked) as (archive, sitting):
        listed = forms(archive, sitting, Id(item))
    show(asked, [_listed(one) for one in listed], (_line(one) for one in listed))


def _listed(one: Form) -> dict[str, Any]:
    return {
        "rendition": one.rendition.rendition,
        "kind": one.rendition.kind,
        "compartment": one.label,
        "uses": sorted(one.uses),
        "source": one.source,
        "by": one.handle,
        "at": one.at,
        "readable": one.readable,
    }


def _line(one: Form) -> str:
    read = "" if one.readable else "  [not for you to read now]"
    return (
        f"{one.rendition.rendition}  {one.rendition.kind:<11} {plain(one.label) or '–':<20} "
        f"for {','.join(sorted(one.uses))}, by {one.handle} at {one.at}{read}"
    )
