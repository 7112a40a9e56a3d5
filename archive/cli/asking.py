"""What was asked for: the global options, wherever on the line they stand, and the kinds of command."""

import difflib
import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from archive.errors import IntakeError
from archive.policy import Rule
from archive.uses import Use

_META = "sviedka."


@dataclass(frozen=True, slots=True)
class Asked:
    """The global options of one call, from the command line or else from the environment, and its rule."""

    archive: Path | None
    handle: str | None
    passphrase_file: Path | None
    purpose: Use | None
    json: bool
    rule: Rule

    @property
    def folder(self) -> Path:
        """Return the archive's folder (I70 when none was named)."""
        if self.archive is None:
            raise IntakeError("I70", "which archive? Name its folder with --archive or SVIEDKA_ARCHIVE")
        return self.archive


def asked_in(context: click.Context, environ: Mapping[str, str], rule: Rule) -> Asked:
    """Collect the global options; what was written last on the line wins over what came before."""

    def given(name: str, variable: str) -> str | None:
        return context.meta.get(_META + name) or environ.get(variable) or None

    archive = given("archive", "SVIEDKA_ARCHIVE")
    passphrase_file = given("passphrase_file", "SVIEDKA_PASSPHRASE_FILE")
    purpose = context.meta.get(_META + "purpose")
    return Asked(
        Path(archive) if archive else None,
        given("as", "SVIEDKA_AGENT"),
        Path(passphrase_file) if passphrase_file else None,
        Use(purpose) if purpose else None,
        bool(context.meta.get(_META + "json")),
        rule,
    )


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """Make the global options anew; below the top they work but are not listed again."""

    def option(*names: str, **settings: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=_remember, hidden=hidden, **settings)

    return [
        option("--archive", metavar="DIR", help="The archive's folder (SVIEDKA_ARCHIVE)."),
        option("--as", "as_", metavar="HANDLE", help="Who you are in it (SVIEDKA_AGENT)."),
        option("--passphrase-file", metavar="F", help="Your passphrase, one line (SVIEDKA_PASSPHRASE_FILE)."),
        option(
            "--purpose",
            type=click.Choice([use.value for use in Use if use is not Use.STORE]),
            help="What you read for; recorded with every reading.",
        ),
        option("--json", is_flag=True, default=None, help="One JSON value on standard output."),
    ]


def _remember(context: click.Context, option: click.Parameter, value: Any) -> Any:
    if value is not None:
        context.meta[_META + (option.name or "").rstrip("_")] = value
    return value


class Command(click.Command):
    """A command that takes the global options too, and says who may run it."""

    def __init__(self, *args: Any, rule: Rule, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.rule = rule
        self.params += global_options(hidden=True)


class Group(click.Group):
    """A group that takes the global options and suggests the nearest command for an unknown word."""

    def __init__(self, *args: Any, hidden_options: bool = True, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params += global_options(hidden=hidden_options)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named, or say which name comes nearest."""
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            known = self.list_commands(ctx)
            near = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            ctx.fail(f"no such command; {hint}")
        return super().resolve_command(ctx, args)


def command(
    name: str, *, rule: Rule, into: click.Group | None = None, **settings: Any
) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function, which gets what was `Asked` before its own arguments.

    `rule` says who may run it; `entered` holds whoever signs in to it, and without it there is no command.
    """

    def decorate(function: Callable[..., None]) -> Command:
        @functools.wraps(function)
        def run(**values: Any) -> None:
            function(asked_in(click.get_current_context(), os.environ, rule), **values)

        made = click.command(name, cls=Command, rule=rule, **settings)(run)
        if into is not None:
            into.add_command(made)
        return made

    return decorate
