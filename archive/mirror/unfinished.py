"""Which bodies an audit has read, while it goes on: if it is stopped, it does not read them again.

A file `unfinished` in the auditor's folder: when the audit began, then a line for each body that is what its
name says. It is gone when the audit ends, and counts for nothing after a day: then all is read again.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from archive.audit_digests import Digested
from archive.author import Clock
from archive.digests import Digest
from archive.events import format_moment
from storage.durable import writing

LONGEST: Final = timedelta(days=1)
_FILE: Final = "unfinished"
_LINE: Final = re.compile(r"([0-9a-f]{64}) ([0-9]{1,19})", re.ASCII)


class Unfinished:
    """The bodies read so far. Close it, or use it in a `with` block; `end` says that the audit is over.

    `resumed` counts those that were not read again.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.resumed = 0
        self._path = folder / _FILE
        self._known: dict[Digest, int] = {}
        with writing("the folder of an audit"):
            began, lines = self._read()
            if not format_moment(clock() - LONGEST) <= began <= format_moment(clock()):
                began, lines = format_moment(clock()), []
            for line in lines:
                if found := _LINE.fullmatch(line):
                    self._known[Digest(found[1])] = int(found[2])
            self._file = self._path.open("w", encoding="ascii")
            self._file.write(f"{began}\n")
            self._file.writelines(f"{body} {size}\n" for body, size in self._known.items())
            self._file.flush()

    def digested(self, body: Digest) -> Digested | None:
        """Return what a body digested to before the audit was stopped."""
        size = self._known.get(body)
        if size is None:
            return None
        self.resumed += 1
        return body, size

    def note(self, body: Digest, digested: Digested) -> None:
        """Remember a body that is what its name says."""
        with writing("the folder of an audit"):
            self._file.write(f"{body} {digested[1]}\n")
            self._file.flush()

    def end(self) -> None:
        """Forget all of it: the audit is over."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> tuple[str, list[str]]:
        try:
            began, *lines = self._path.read_text(encoding="ascii", errors="replace").split("\n")
        except FileNotFoundError:
            return "", []
        # The last piece is a line cut short, or nothing.
        return began, lines[:-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._file.close()
