"""The program: its commands by name, each loaded when it is asked for."""

import importlib
from types import MappingProxyType
from typing import Any, Final

import click

from archive.cli.asking import Group
from archive.cli.failing import translated

#: Every command, in the order of a first hour with the archive, and the module of `archive.cli` that has it.
COMMANDS: Final = MappingProxyType(
    {
        "init": "init",
        "doctor": "doctor",
        "agent": "agents",
        "compartment": "compartments",
        "grant": "grants",
        "revoke": "grants",
        "grants": "rights",
        "propose": "proposals",
        "proposal": "proposals",
        "deposit": "deposit",
        "describe": "describe",
        "pack": "packing",
        "submit": "submitting",
        "confirm": "confirming",
        "receipt": "receipts",
        "search": "search",
        "read": "reading",
        "rendition": "renditions",
        "unmask": "unmasking",
        "history": "history",
        "sealed": "history",
        "consent": "consents",
        "transfer": "transfers",
        "hold": "preserving",
        "destroy": "preserving",
        "trustees": "trustees",
        "anchor": "anchoring",
        "audit": "auditing",
        "verify": "verifying",
        "cosigner": "cosigners",
        "cosign": "cosigning",
        "index": "index",
        "copies": "copies",
        "fixity": "fixity",
        "backup": "backups",
        "restore": "backups",
        "readmit": "readmitting",
        "serve": "serving",
        "lock": "lock",
        "demo": "serving",
    }
)


class Program(Group):
    """The top of the command line; turns whatever fails below into a message and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(importlib.import_module(f"archive.cli.{COMMANDS[cmd_name]}"), f"{cmd_name}_command")
        assert isinstance(found, click.Command)
        return found

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        """Read the command line up to the command."""
        with translated():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with translated():
            return super().invoke(ctx)


program = Program(
    "sviedka",
    hidden_options=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="An evidence archive for transitional justice: sealed, searchable, provable. "
    "The options below may stand before or after the command.",
    epilog="Exit status: 0 done, 1 verification failed, 2 usage, 3 refused or locked, 4 damaged data.",
)
