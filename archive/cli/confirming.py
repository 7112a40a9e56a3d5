"""`sviedka confirm`: looking into what came in packs, and saying whether it is what it was said to be."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import click

from archive.access.claimed import Waiting, waiting
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.cli.asking import Asked, command
from archive.cli.entering import entered
from archive.cli.showing import note, plain, show
from archive.cli.surroundings import tessdata_folder
from archive.errors import SviedkaError
from archive.ids import Id
from archive.nouns import Role
from archive.policy import agents
from ingest.confirmation import Confirmed, confirm
from ingest.extraction import Extractor, Limits

_MISMATCH = 1

LIMIT = (
    "Confirmed says that a file is the one that was packed. It does not say who packed it, nor that "
    "what is in it is true."
)


@command("confirm", rule=agents(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN))
@click.argument("items", metavar="[ITEM]...", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="Only list what waits to be confirmed.")
def confirm_command(asked: Asked, *, items: tuple[str, ...], only_list: bool) -> None:
    """Compare what came in packs with what its packs say: each ITEM, or all that waits for you.

    Exit status 1 when one of them is not what it was said to be.
    """
    with entered(asked) as (archive, sitting):
        if only_list:
            listed = waiting(archive, sitting)
            show(asked, [_waiting(one) for one in listed], map(_line, listed))
            return
        wanted = [Id(one) for one in dict.fromkeys(items)] or [
            one.item for one in waiting(archive, sitting) if one.confirmable
        ]
        done: list[tuple[Id, Confirmed | SviedkaError]] = []
        with Extractor(limits=Limits(), tessdata=tessdata_folder(os.environ)) as extractor:
            for item in wanted:
                done.append((item, _confirm(archive, sitting, extractor, item)))
                if not asked.json:
                    show(asked, None, _told(*done[-1]))
    if asked.json:
        show(asked, [_value(*one) for one in done], ())
    _tell_end(done)


def _confirm(archive: Archive, sitting: Sitting, extractor: Extractor, item: Id) -> Confirmed | SviedkaError:
    try:
        return confirm(archive, sitting, extractor, item)
    except SviedkaError as fault:
        return fault


def _value(item: Id, one: Confirmed | SviedkaError) -> dict[str, Any]:
    if isinstance(one, SviedkaError):
        return {"item": item, "status": "failed", "error": {"code": one.code, "message": str(one)}}
    differences = [{"what": d.what, "expected": d.expected, "found": d.found} for d in one.differences]
    return {
        "item": item,
        "status": "mismatch" if differences else "confirmed",
        "log_index": one.log_index,
        "differences": differences,
        "name": one.name,
        "media_type": one.media_type or None,
        "size_bytes": one.size_bytes,
        "claimed_at": one.claimed_at or None,
        "described": one.described,
        "stored_only": one.stored_only,
    }


def _told(item: Id, one: Confirmed | SviedkaError) -> Iterator[str]:
    if isinstance(one, SviedkaError):
        yield f"failed       {item}: {one} [{one.code}]"
    elif one.differences:
        yield f"MISMATCH     {item}  entry {one.log_index}: it is not what its pack says, and stays marked so"
        for each in one.differences:
            yield f"             {each.what}: expected {plain(each.expected)}, found {plain(each.found)}"
    else:
        yield f"confirmed    {item}  entry {one.log_index}  {plain(one.name)}"
        yield f"             packed at {one.claimed_at}, as the packer claims"
        if not one.described:
            yield "             what is said of it is not as descriptions are written, and was left out"
        if one.stored_only:
            yield "             nobody said that it may be used: it is stored only, until somebody does"


def _tell_end(done: Sequence[tuple[Id, Confirmed | SviedkaError]]) -> None:
    if not done:
        note("nothing waits to be confirmed by you")
        return
    note(LIMIT)
    found = [one for _item, one in done]
    if any(isinstance(one, Confirmed) and one.differences for one in found):
        raise click.exceptions.Exit(_MISMATCH)
    faults = [one for one in found if isinstance(one, SviedkaError)]
    if faults:
        raise click.exceptions.Exit(max(one.exit_status for one in faults))


def _waiting(one: Waiting) -> dict[str, Any]:
    return {
        "item": one.item,
        "deposit": one.deposit,
        "compartment": one.label,
        "at": one.at,
        "log_index": one.index,
        "signer": one.signer,
        "status": "mismatch" if one.mismatched_at else "claimed",
        "mismatched_at": one.mismatched_at,
        "confirmable": one.confirmable,
    }


def _line(one: Waiting) -> str:
    status = f"MISMATCH of {one.mismatched_at}" if one.mismatched_at else "claimed"
    signed = f", signed by {one.signer}" if one.signer else ", signed by nobody"
    return f"{one.item}  {plain(one.label):<20} handed in {one.at}{signed}  {status}"
