"""Trustees' shares as people bring them: as files, or typed at the terminal sheet by sheet."""

import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import click

from archive.cli.failing import reason_of
from archive.cli.showing import note
from archive.errors import IntakeError, KeysError
from keys.identities import Identity
from keys.trustees import combine, needed_beside

_LONGEST_BYTES: Final = 64 << 10
_FEWEST_NUMBERED: Final = 20


def combined(files: Sequence[Path]) -> Identity:
    """Return the identity of which the sheets hold shares; without files they are typed.

    Raises I71 where nobody is at a terminal.
    """
    if not files and not sys.stdin.isatty():
        raise IntakeError("I71", "no sheets", expected="--share FILE for each, or a terminal to type them")
    return combine([_words_in(_read(file)) for file in files] or list(_typed()))


def _typed() -> Iterator[str]:
    """Ask for sheet after sheet, and for each again until its words are right."""
    note(
        "Type the words of each sheet, in their order, on one line. Whoever stands behind you can read them."
    )
    typed, needed = list[str](), 1
    while len(typed) < needed:
        number = len(typed) + 1
        words = str(click.prompt(f"Sheet {number} of {needed}" if typed else "Sheet 1", err=True))
        try:
            needed = needed_beside(words, number)
        except KeysError as fault:
            note(f"{fault}. Once more.")
            continue
        if words.split() in [one.split() for one in typed]:
            note("This sheet was typed already. Another one.")
            continue
        typed.append(words)
        yield words
    note("These are enough. Clear the screen now, and its history.")


def _words_in(text: str) -> str:
    """Return the words of a sheet: the numbered ones of a printed sheet, else all there are."""
    words = text.split()
    numbered = [word for place, word in pairwise(words) if place.endswith(".") and place[:-1].isdigit()]
    return " ".join(numbered if len(numbered) >= _FEWEST_NUMBERED else words)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as source:
            return source.read(_LONGEST_BYTES).decode("utf-8-sig", "replace")
    except OSError as fault:
        raise IntakeError("I72", "a sheet cannot be read", found=reason_of(fault)) from None
