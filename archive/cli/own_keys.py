"""`sviedka agent rotate`, `passphrase` and `export`: an agent's own keys."""

from pathlib import Path

import click

from archive.access.rotation import change_passphrase, rotate
from archive.cli.asking import Asked, command
from archive.cli.entering import entered, entered_knowing, new_passphrase
from archive.cli.saving import save
from archive.cli.showing import note, show
from archive.errors import FixityError
from archive.policy import agents


@command("rotate", rule=agents())
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path), metavar="F", help="Else it stays the same."
)
def rotate_command(asked: Asked, *, new_passphrase_file: Path | None) -> None:
    """Replace your keys by new ones, which nobody else ever held."""
    with entered_knowing(asked) as (archive, sitting, passphrase):
        if new_passphrase_file is not None:
            passphrase, _generated = new_passphrase(new_passphrase_file, archive.random)
        renewed = rotate(archive, sitting, passphrase)
    value = {"agent": renewed.id, "handle": renewed.handle, "key": renewed.agent.key}
    show(asked, value, [f"{renewed.handle} has new keys, number {renewed.agent.key}; all sessions ended"])


@command("passphrase", rule=agents())
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path), metavar="F", help="Else one is generated."
)
def passphrase_command(asked: Asked, *, new_passphrase_file: Path | None) -> None:
    """Put a new passphrase over your keys."""
    with entered_knowing(asked) as (archive, sitting, _old):
        passphrase, generated = new_passphrase(new_passphrase_file, archive.random)
        value = {"agent": sitting.id, "handle": sitting.handle}
        if generated:
            # Told before it counts: whatever happens next, she knows the words that open her keys.
            note(f"new passphrase of {sitting.handle}: {passphrase}")
            note("This passphrase is shown once and kept nowhere. Until this ends well, the old one counts.")
            value["passphrase"] = passphrase
        change_passphrase(archive, sitting, passphrase)
    show(asked, value, [f"{sitting.handle} has a new passphrase; all sessions ended"])


@command("export", rule=agents())
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE")
def export_command(asked: Asked, *, output: Path) -> None:
    """Write your own key file, under your passphrase, to sign packs with where there is no archive."""
    with entered(asked) as (archive, sitting):
        row = archive.catalogue.agents.get(sitting.id)
    if row is None:
        raise FixityError("F26", "no such agent in the catalogue", expected=sitting.id)
    save(output, row.key_file)
    note("warning: whoever finds this file knows that you are of this archive, and can try passphrases on it")
    show(asked, {"agent": sitting.id, "file": str(output)}, [f"written: {output}"])
