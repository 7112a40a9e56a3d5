"""The command line, `sviedka`: the operator's and the power user's door."""

import os
import sys

from archive.cli.process import harden, move_into_memory
from archive.errors import SviedkaError


def main() -> None:
    """Run the command in `sys.argv`, in a process made safe for secrets before anything heavy is imported."""
    harden()
    try:
        place = move_into_memory(os.environ)
    except SviedkaError as fault:
        sys.stderr.write(f"{fault} [{fault.code}]\n")
        sys.exit(fault.exit_status)
    try:
        from archive.cli.program import program

        program(prog_name="sviedka")
    finally:
        if place is not None:
            place.close()
