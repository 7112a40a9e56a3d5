"""What failed, in words: every error becomes one message and one exit status, never a traceback."""

import errno
import os
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from archive.cli.showing import note
from archive.errors import SviedkaError

DAMAGED: Final = 4
_INTERRUPTED: Final = 130
#: What the rules of custody refuse: here it is one's own act, which was not logged; an audit only notes it.
_UNLAWFUL: Final = ("C58", "C59", "C63", "C64", "C65", "C66", "C67", "C68")
#: Codes whose family would say something else: somebody else serves the archive; a passphrase is too short.
_STATUSES: Final = MappingProxyType({"C41": 3, "K23": 2, **dict.fromkeys(_UNLAWFUL, 3)})


@contextmanager
def translated() -> Iterator[None]:
    """Turn what is raised inside into a message on standard error and an exit status.

    click's own exceptions pass: click shows them. An unexpected error shows where in our code it arose, and
    no text of its own: that could quote what was being read. SVIEDKA_DEBUG=1 shows everything.
    """
    try:
        yield
    except (click.exceptions.Exit, click.ClickException, SystemExit):
        raise
    except (KeyboardInterrupt, click.Abort):
        note("interrupted")
        status = _INTERRUPTED
    except SviedkaError as fault:
        note(f"{fault} [{fault.code}]")
        status = status_of(fault)
    except OSError as fault:
        if fault.errno == errno.EPIPE:
            raise
        _debug()
        note(f"the operating system refuses: {reason_of(fault)}")
        status = DAMAGED
    except BaseException as fault:
        _debug()
        note(f"internal error {secrets.token_hex(4)} ({_where(fault)}); SVIEDKA_DEBUG=1 shows more")
        status = DAMAGED
    else:
        return
    raise click.exceptions.Exit(status)


def status_of(fault: SviedkaError) -> int:
    """Return the exit status of an error."""
    return _STATUSES.get(fault.code, fault.exit_status)


def reason_of(fault: OSError) -> str:
    """Return the system's reason without the file it is about."""
    return os.strerror(fault.errno).casefold() if fault.errno else "no reason given"


def _where(fault: BaseException) -> str:
    """Name the kind of error and the place in our own code, no more."""
    frames = traceback.extract_tb(fault.__traceback__)
    root = Path(__file__).parent.parent.parent
    ours = [f for f in frames if Path(f.filename).is_relative_to(root) and ".venv" not in f.filename]
    place = f" at {Path(ours[-1].filename).relative_to(root)}:{ours[-1].lineno}" if ours else ""
    return f"{type(fault).__name__}{place}"


def _debug() -> None:
    if os.environ.get("SVIEDKA_DEBUG") == "1":
        note(traceback.format_exc())
