"""What `sviedka doctor` says of cosigners: whether there are any, and up to where they signed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from archive.access.parts import Archive
from archive.cli.findings import Finding, Severity
from archive.cosigners.asking import load_cosigners, signed_up_to
from storage.cosignatures import Cosignatures

_BEHIND: Final = timedelta(days=1)
_PREVENTS: Final = "a log rewritten unnoticed by whoever runs the server"


def check_cosigners(archive: Archive) -> Iterator[Finding]:
    """Look up to where other organisations vouch for the log, and since when they do not."""
    known, size = load_cosigners(archive.folder), archive.log.checkpoint().size
    if not known:
        yield Finding(Severity.MISSING, "cosigners", "none: sviedka cosigner add", _PREVENTS)
    for name, signed in signed_up_to(Cosignatures(archive.folder / "log"), known).items():
        found = f"{name} signed {signed.size} of {size} entries"
        if signed.at is None:
            yield Finding(Severity.SERIOUS, "cosigners", f"{found}: sviedka cosigner ask", _PREVENTS)
        elif signed.size < size and archive.clock() - signed.at > _BEHIND:
            yield Finding(Severity.SERIOUS, "cosigners", f"{found}, last on {signed.at:%Y-%m-%d}", _PREVENTS)
        else:
            yield Finding(Severity.WELL, "cosigners", found)
