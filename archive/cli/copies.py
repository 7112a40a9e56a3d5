"""`sviedka copies`: the same bodies and headers on other disks. For the operator, with no passphrase."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from archive.access import copying
from archive.access.copies_held import Held, held
from archive.assemble import open_archive
from archive.cli.asking import Asked, Group, command
from archive.cli.failing import DAMAGED
from archive.cli.showing import note, plain, show, steps
from archive.cli.surroundings import circumstances_of
from archive.policy import OPERATOR

copies_command = Group("copies", help="The same sealed bodies and headers on other disks.")
_acknowledge = click.option(
    "--acknowledge",
    type=click.IntRange(1, 100),
    metavar="N",
    help="How many stores, the archive's own too, hold what is handed in before it has a receipt.",
)


@command("add", into=copies_command, rule=OPERATOR)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_acknowledge
@click.option(
    "--discard-unknown", is_flag=True, help="Take a copy although it holds what the log does not know."
)
def _add(asked: Asked, *, folder: Path, acknowledge: int | None, discard_unknown: bool) -> None:
    """Keep a copy in the folder DIR of another disk from now on, and put into it what there is.

    If that is interrupted, give the same command again: it goes on.
    """
    with open_archive(asked.folder, circumstances_of(os.environ)) as archive, steps() as step:
        added = copying.add_copy(archive, folder, acknowledge, step, discard_unknown=discard_unknown)
        listing = archive.stores.listing()
        if folder.stat().st_dev == asked.folder.stat().st_dev:
            note("warning: the copy is on the same disk as the archive, and is lost with it")
    value = {
        "copy": added.copy.copy,
        "folder": str(added.copy.folder),
        "copied": added.copied,
        "faults": added.left,
        "acknowledge": listing.acknowledge,
    }
    lines = [
        f"copy: {plain(str(added.copy.folder))}",
        f"   bodies and headers put into it: {value['copied']}",
        f"   {_promise(listing.acknowledge, len(listing.copies))}",
    ]
    show(asked, value, lines)
    if added.left:
        note(f"could not be copied: {added.left}; `sviedka fixity` says what, and why")
        raise click.exceptions.Exit(DAMAGED)


@command("list", into=copies_command, rule=OPERATOR)
def _list(asked: Asked) -> None:
    """Show every copy, whether it is there, and what it lacks."""
    with open_archive(asked.folder, circumstances_of(os.environ)) as archive:
        found, acknowledge = held(archive), archive.stores.listing().acknowledge
    value = {
        "acknowledge": acknowledge,
        "copies": [
            {
                "copy": one.copy,
                "folder": str(one.folder),
                "there": one.is_there,
                "bodies": one.bodies,
                "headers": one.headers,
                "lacking": one.lacking,
                "destructions_pending": one.pending,
            }
            for one in found
        ],
    }
    show(asked, value, _lines(found, acknowledge))


def _promise(acknowledge: int, copies: int) -> str:
    return f"what is handed in has a receipt once {acknowledge} of {1 + copies} stores hold it"


def _lines(found: list[Held], acknowledge: int) -> Iterator[str]:
    if not found:
        yield "there are no copies"
        return
    yield _promise(acknowledge, len(found))
    for one in found:
        state = f"bodies {one.bodies}, headers {one.headers}, lacking {one.lacking}"
        yield f"{plain(str(one.folder))}: {state if one.is_there else 'CANNOT BE REACHED'}"
        if one.pending:
            yield f"   holds what was destroyed: {one.pending}; connect it and run `sviedka destroy --due`"


@command("remove", into=copies_command, rule=OPERATOR)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_acknowledge
@click.option("--erase", is_flag=True, help="Delete what it holds, the headers first.")
def _remove(asked: Asked, *, folder: Path, acknowledge: int | None, erase: bool) -> None:
    """Keep no copy in DIR any more."""
    with open_archive(asked.folder, circumstances_of(os.environ)) as archive:
        copy = copying.remove_copy(archive, folder, acknowledge, erase=erase)
        listing = archive.stores.listing()
    if not erase:
        note("what it holds is still there, and nothing that is destroyed later is destroyed in it: erase it")
    value = {"copy": copy.copy, "folder": str(copy.folder), "erased": erase}
    show(
        asked, {**value, "acknowledge": listing.acknowledge}, [f"no copy any more: {plain(str(copy.folder))}"]
    )
