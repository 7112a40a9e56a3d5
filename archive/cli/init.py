"""`sviedka init`: founding an archive."""

import re
from pathlib import Path

import click

from archive.assemble import Founding, found_archive, load_settings
from archive.cli.asking import Asked, command
from archive.cli.entering import new_passphrase, prepared
from archive.cli.sheets import hand_out, prepare_folder, show_sheets
from archive.cli.showing import note, show
from archive.errors import IntakeError
from archive.policy import OPERATOR


@command("init", rule=OPERATOR)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the archive is called.")
@click.option("--custodian", required=True, metavar="HANDLE", help="The first custodian's pseudonym.")
@click.option(
    "--trustees", default="2/3", metavar="K/N", help="How many of how many trustees recover it [2/3]."
)
@click.option(
    "--sheets", type=click.Path(path_type=Path), metavar="DIR", help="Write the trustees' sheets there."
)
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path), metavar="F", help="Else one is generated."
)
def init_command(
    asked: Asked,
    *,
    folder: Path,
    name: str,
    custodian: str,
    trustees: str,
    sheets: Path | None,
    new_passphrase_file: Path | None,
) -> None:
    """Found an archive in the new or empty folder DIR."""
    threshold, shares = parse_trustees(trustees)
    if not 1 <= len(name) <= 200:
        raise IntakeError("I77", "the archive's name is too long or empty", expected="1 to 200 characters")
    prepare_folder(sheets, beside=folder)
    circumstances = prepared()
    passphrase, generated = new_passphrase(new_passphrase_file or asked.passphrase_file, circumstances.random)
    founding = Founding(name, custodian, passphrase, threshold, shares)
    words = found_archive(folder, founding, circumstances)
    handed = hand_out(words, sheets, needed=threshold, of=f"archive «{name}»")
    settings = load_settings(folder)
    value = {
        "archive": settings.archive,
        "folder": str(folder),
        "name": name,
        "origin": settings.origin,
        "custodian": custodian,
        "genesis": settings.genesis,
        **({"passphrase": passphrase} if generated else {}),
        **handed,
    }
    lines = [f"founded {settings.archive}", f"its log is {settings.origin}, its genesis {settings.genesis}"]
    if generated:
        lines += [f"passphrase of {custodian}: {passphrase}"]
        note("This passphrase is shown once and kept nowhere.")
    if not asked.json:
        show_sheets(handed, threshold, shares)
    show(asked, value, lines)


def parse_trustees(text: str) -> tuple[int, int]:
    """Read how many of how many trustees it takes, such as 2/3 (I77)."""
    found = re.fullmatch(r"([1-9][0-9]?)/([1-9][0-9]?)", text)
    threshold, shares = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (2 <= threshold <= shares <= 16 or threshold == shares == 1):
        raise IntakeError(
            "I77", "not a number of trustees", expected="such as 2/3: from 2/2 to 16/16, or 1/1"
        )
    return threshold, shares
