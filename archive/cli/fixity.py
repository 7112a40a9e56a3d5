"""`sviedka fixity`: whether every store still holds what the log names. For the operator; no passphrase."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from archive.access.fixity import Checked, check_stores
from archive.access.parts import Archive
from archive.assemble import open_archive
from archive.audit_bodies import Sample
from archive.cli.asking import Asked, command
from archive.cli.failing import DAMAGED
from archive.cli.showing import plain, show, steps
from archive.cli.surroundings import circumstances_of
from archive.errors import IntakeError
from archive.ids import Id
from archive.kinds import Outcome
from archive.policy import OPERATOR
from storage.fixity.pace import Pace

_MULTIPLES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_WORDS = {
    "F40": "a body is missing",
    "F41": "a body is damaged",
    "F42": "a header is missing",
    "F43": "a header differs from the log",
    "F53": "cannot be read",
    "F56": "destroyed, and there again, or still",
}


@command("fixity", rule=OPERATOR)
@click.option(
    "--repair", is_flag=True, help="Put right what is not as logged, from a store that has it whole."
)
@click.option("--limit-rate", metavar="RATE", help="Read at most so many bytes a second: 500000, 800K, 20M.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Read only N bodies, and say so.")
@click.option("--seed", metavar="S", help="Which N: the same seed, the same bodies.")
def fixity_command(
    asked: Asked, *, repair: bool, limit_rate: str | None, sample: int | None, seed: str | None
) -> None:
    """Read every body and header in every store, and hold them against the log.

    The run is logged. If it is interrupted, give the same command again: it goes on.
    """
    if (sample is None) != (seed is None):
        raise IntakeError("I75", "--sample and --seed belong together")
    chosen = Sample(sample, seed) if sample is not None and seed is not None else None
    pace = Pace(_rate(limit_rate) if limit_rate is not None else None)
    with open_archive(asked.folder, circumstances_of(os.environ)) as archive, steps() as step:
        done = check_stores(archive, repair=repair, pace=pace, progress=step, sample=chosen)
        folders = _folders(archive)
    show(asked, _as_data(done, folders), _lines(done, folders))
    if done.outcome is Outcome.FAIL or done.behind:
        raise click.exceptions.Exit(DAMAGED)


def _rate(text: str) -> int:
    """Return bytes a second (I46 for anything else than a number, perhaps with K, M or G)."""
    number, unit = (text[:-1], text[-1:]) if text[-1:].upper() in ("K", "M", "G") else (text, "")
    if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= 10**12:
        raise IntakeError("I46", "this is no rate", expected="bytes a second: 500000, 800K, 20M", found=text)
    return int(number) * _MULTIPLES[unit.upper()]


def _folders(archive: Archive) -> dict[Id | None, Path]:
    return {None: archive.folder} | {one.copy: one.folder for one in archive.stores.copies()}


def _as_data(done: Checked, folders: dict[Id | None, Path]) -> dict[str, Any]:
    found = done.findings
    return {
        "outcome": done.outcome.value,
        "faults_found": found.found,
        "faults_left": found.left,
        "stores": [
            {
                "copy": one.copy,
                "folder": str(folders.get(one.copy, "")),
                "bodies": one.bodies,
                "headers": one.headers,
                "faults": found.faults(one.copy),
                "repaired": found.repaired(one.copy),
                "surplus": one.surplus,
            }
            for one in found.tallies.values()
        ],
        "unreached": [str(one) for one in done.behind],
        "faults": [asdict(one) for one in found.shortfalls.values()],
    }


def _lines(done: Checked, folders: dict[Id | None, Path]) -> Iterator[str]:
    found = done.findings
    if not any(one.bodies or one.headers for one in found.tallies.values()):
        yield "nothing was compared: the archive holds no item"
    elif found.left:
        yield f"FAILED: not as logged: {found.left}"
    elif found.found:
        yield f"repaired: {found.found}; everything that was compared is as it was logged"
    else:
        yield "everything that was compared is as it was logged"
    for tally in found.tallies.values():
        yield (
            f"   {plain(str(folders.get(tally.copy, '')))}: bodies {tally.bodies}, headers {tally.headers}, "
            f"not as logged {found.faults(tally.copy)}, repaired {found.repaired(tally.copy)}"
        )
        if tally.surplus:
            yield f"      that nothing refers to: {tally.surplus}, left by interrupted deposits"
    for folder in done.behind:
        yield f"   NOT COMPARED, cannot be reached: {plain(str(folder))}"
    for one in found.shortfalls.values():
        state = "repaired" if one.repaired else "fault"
        evidence = f"; expected {one.expected}" if one.expected else ""
        evidence += f"; found {one.found}" if one.found else ""
        place = plain(str(folders.get(one.copy, "")))
        yield f"{state}: {place}: {one.part} {one.body}: {_WORDS[one.code]}{evidence} [{one.code}]"
