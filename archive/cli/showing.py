"""Showing: one JSON value or lines for people on standard output, everything else on standard error."""

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from archive.cli.asking import Asked

#: Called with what is being done, how much of it is done, and how much there is.
Step = Callable[[str, int, int], None]


def show(asked: Asked, value: Any, lines: Iterable[str]) -> None:
    """Print `value` as JSON if that was asked for, else the lines."""
    if asked.json:
        click.echo(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        return
    for line in lines:
        click.echo(line)


def note(text: str) -> None:
    """Say something beside the result."""
    click.echo(text, err=True)


def flag_words(flag: str) -> str:
    """Say what one is warned of."""
    return {"sexual_violence": "sexual violence"}.get(flag, flag)


def plain(text: str) -> str:
    """Return text that cannot steer a terminal: control and direction characters become question marks."""
    return "".join(
        c if c in "\n\t" or not unicodedata.category(c).startswith("C") else _mark(c) for c in text
    )


def _mark(char: str) -> str:
    # Joiners and the soft hyphen belong to ordinary words.
    return char if char in "\u00ad\u200c\u200d" else "?"


@contextmanager
def steps() -> Iterator[Step]:
    """Show progress of named parts on a terminal."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_console(),
        transient=True,
    ) as bars:
        tasks: dict[str, Any] = {}

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield step


@contextmanager
def byte_progress(title: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
    """Show progress in bytes on a terminal; yields what is told how many more there are."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=_console(),
        transient=True,
    ) as bars:
        task = bars.add_task(title, total=total_bytes)
        yield lambda more: bars.advance(task, more)


def _console() -> Console:
    console = Console(stderr=True)
    # Elsewhere than on a terminal there is nobody to watch, and a log file would fill.
    console.quiet = not console.is_terminal
    return console
