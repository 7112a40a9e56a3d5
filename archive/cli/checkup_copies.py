"""The doctor's look at copies on other disks, and at when everything was last read."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from archive.access.copies_held import held
from archive.access.parts import Archive
from archive.cli.findings import Finding, Severity
from archive.events import format_moment
from archive.kinds import Outcome

_FIXITY_AFTER: Final = timedelta(days=100)


def check_copies(archive: Archive) -> Iterator[Finding]:
    """Look whether there are copies, whether they are there, and what they lack."""
    known, prevents = held(archive), "a pause, and the loss of what came since the last backup"
    if not known:
        yield Finding(Severity.MISSING, "copies", "one copy of everything: sviedka copies add", prevents)
    for one in known:
        if one.pending:
            found = f"{one.folder} holds what was destroyed: connect it, and sviedka destroy --due"
            yield Finding(Severity.SERIOUS, "copies", found, "reading of what was destroyed")
        if not one.is_there:
            yield Finding(Severity.SERIOUS, "copies", f"{one.folder} cannot be reached", prevents)
        elif one.lacking:
            found = f"{one.folder} lacks {one.lacking}: sviedka fixity --repair"
            yield Finding(Severity.SERIOUS, "copies", found, prevents)
        else:
            yield Finding(Severity.WELL, "copies", f"{one.folder} holds everything")


def check_fixity(archive: Archive) -> Finding:
    """Look when the stores were last held against the log."""
    prevents, last = "bytes that rot unnoticed until no copy of them is whole", archive.ledger().fixity
    if last is None:
        return Finding(Severity.MISSING, "fixity", "never checked: sviedka fixity", prevents)
    at, outcome = last
    if outcome is Outcome.FAIL:
        found = f"on {at[:10]} something was not as logged: sviedka fixity --repair"
        return Finding(Severity.SERIOUS, "fixity", found, "loss of what is damaged")
    if at < format_moment(archive.clock() - _FIXITY_AFTER):
        return Finding(Severity.MISSING, "fixity", f"last checked on {at[:10]}", prevents)
    return Finding(Severity.WELL, "fixity", f"checked on {at[:10]}")
