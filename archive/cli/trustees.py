"""`sviedka trustees`: trying the shares of the recovery key, recovering with them, handing over to others."""

from pathlib import Path
from typing import Any

import click

from archive.access.parts import Archive
from archive.access.recovering import drill, drills_of_sealed, last_drill, recover, replace_trustees
from archive.access.signin import Sitting
from archive.assemble import load_settings, open_archive
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import confirmed, entered, new_passphrase, prepared
from archive.cli.init import parse_trustees
from archive.cli.shares import combined
from archive.cli.sheets import hand_out, prepare_folder, show_sheets
from archive.cli.showing import note, show
from archive.errors import AccessError
from archive.nouns import Role
from archive.policy import OPERATOR, agents
from keys.identities import Identity
from keys.trustees import split_identity

_SHARE = click.option(
    "--share",
    "shares",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="One trustee's sheet; give as many as it takes. Without them they are typed.",
)

trustees_command = Group("trustees", help="Those who hold the shares of the recovery key.")


@command("drill", into=trustees_command, rule=agents(Role.CUSTODIAN))
@_SHARE
def _drill(asked: Asked, *, shares: tuple[Path, ...]) -> None:
    """Try the trustees' shares: that they combine, and open everything they should. This is logged."""
    identity = combined(shares)
    with entered(asked) as (archive, sitting):
        opened = drill(archive, sitting, identity)
    show(asked, {"compartments": opened}, [f"the shares combine and open {opened} compartments"])


@command("recover", into=trustees_command, rule=OPERATOR)
@_SHARE
@click.option("--to", "handle", required=True, metavar="HANDLE", help="Who is to have everything.")
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path), metavar="F", help="Else one is generated."
)
def _recover(
    asked: Asked, *, shares: tuple[Path, ...], handle: str, new_passphrase_file: Path | None
) -> None:
    """Grant all that the trustees can open to HANDLE, a custodian. Nobody has to sign in for it.

    Where there is no agent of that handle, one is enrolled. All of it is logged.
    """
    load_settings(asked.folder)
    circumstances, identity = prepared(), combined(shares)
    with open_archive(asked.folder, circumstances) as archive:
        known = archive.catalogue.agents.by_handle(handle) is not None
        passphrase, generated = new_passphrase(new_passphrase_file, archive.random)
        agent = recover(archive, identity, handle, passphrase)
    if known:
        note(f"{handle} signs in with the passphrase she has; if it is lost too, recover to a new handle")
    value = {"agent": agent, "handle": handle, "enrolled": not known}
    lines = [f"{handle} may open what the trustees can open: {agent}"]
    if generated and not known:
        value["passphrase"] = passphrase
        lines.append(f"passphrase of {handle}: {passphrase}")
        note("This passphrase is shown once and kept nowhere.")
    show(asked, value, lines)


def _appointing(function: Any) -> Any:
    """Add the options for new trustees to a command."""
    for option in (
        click.option(
            "--sheets", type=click.Path(path_type=Path), metavar="DIR", help="Write the new sheets there."
        ),
        click.option(
            "--trustees", default="2/3", metavar="K/N", help="How many of how many recover it [2/3]."
        ),
    ):
        function = option(function)
    return function


@command("init", into=trustees_command, rule=agents(Role.CUSTODIAN))
@_appointing
def _init(asked: Asked, *, trustees: str, sheets: Path | None) -> None:
    """Appoint the first trustees once more, where the sheets of the founding never reached anybody.

    Refused once trustees have tried their shares: then `replace` them.
    """
    with entered(asked) as (archive, sitting):
        if last_drill(archive.ledger()) is not None:
            raise AccessError("A53", "there are trustees who tried their shares", expected="trustees replace")
        _appoint(asked, archive, sitting, None, trustees=trustees, sheets=sheets)


@command("replace", into=trustees_command, rule=agents(Role.CUSTODIAN))
@click.option(
    "--share",
    "shares",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Sheets of the trustees before; without them only what you can open is handed over.",
)
@_appointing
@click.option("--yes", is_flag=True, help="Do not ask.")
def _replace(
    asked: Asked, *, shares: tuple[Path, ...], trustees: str, sheets: Path | None, yes: bool
) -> None:
    """Make a new recovery key, and seal everything to it. The old shares then open nothing that is kept here.

    They still open copies of the archive that somebody made before. With the sheets of a sealed compartment,
    its own trustees are replaced, and nothing else.
    """
    confirmed("Replace the trustees? Every old sheet becomes worthless.", yes=yes)
    old = combined(shares) if shares else None
    with entered(asked) as (archive, sitting):
        _appoint(asked, archive, sitting, old, trustees=trustees, sheets=sheets)


def _appoint(
    asked: Asked,
    archive: Archive,
    sitting: Sitting,
    old: Identity | None,
    *,
    trustees: str,
    sheets: Path | None,
) -> None:
    threshold, count = parse_trustees(trustees)
    prepare_folder(sheets, beside=asked.folder)
    new = Identity.generate(archive.random)
    words = split_identity(new, threshold, count)
    # The sheets are there before the old ones stop counting: nothing is ever without trustees.
    handed = hand_out(words, sheets, needed=threshold, of=f"archive «{archive.name}»")
    sealed, left = replace_trustees(archive, sitting, old, new)
    if not asked.json:
        show_sheets(handed, threshold, count)
    if left:
        note(
            f"{len(left)} compartments that you cannot open still belong to the trustees before: "
            "run this again with their sheets, or let who manages them do it"
        )
    if own := len(drills_of_sealed(archive.ledger())):
        note(f"sealed compartments, which have trustees of their own: {own}")
    value = {"compartments": sealed, "left": left, **handed}
    show(asked, value, [f"new trustees; compartments sealed to them: {sealed}"])
