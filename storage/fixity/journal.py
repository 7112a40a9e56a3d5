"""How far a run came, kept in `fixity.unfinished` in the archive's folder: the next run goes on there.

One line of JSON for each thing, appended: what the run is, what is not as logged (before it is put right, so
that no crash hides it), what was put right, and how far it is. A line that a crash cut short counts as not
written.
"""

import errno
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from archive.errors import FixityError
from archive.events import format_moment
from storage.durable import writing
from storage.fixity.findings import Findings, Shortfall, Tally
from storage.locks import try_lock

NAME: Final = "fixity.unfinished"
_EVERY_SECONDS: Final = 5.0
#: A run that was stopped so long ago says little of what it read then.
_TOO_OLD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is to do: a run with other words does not go on with it."""

    repair: bool
    sample: int | None = None
    seed: str | None = None


class Journal:
    """The journal of the one run that is under way."""

    def __init__(self, descriptor: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._descriptor = descriptor
        self._clock = clock
        self._told = clock()

    def begin(self, run: Run, now: datetime) -> Findings:
        """Return what a stopped run of this kind had found, if it is not too old, or begin a new one."""
        lines = self._lines()
        if lines and lines[0].get("run") == asdict(run):
            begun = lines[0]["begun"]
            if begun > format_moment(now - _TOO_OLD):
                return _read(lines[1:], begun)
        self.end()
        begun = format_moment(now)
        self._append({"run": asdict(run), "begun": begun})
        return Findings(begun)

    def note(self, shortfall: Shortfall) -> None:
        """Note that something is not as logged, or was put right."""
        self._append({"shortfall": asdict(shortfall)})

    def reached(self, tally: Tally, *, now: bool = False) -> None:
        """Note how far a store is, every few seconds or `now`."""
        if now or self._clock() - self._told > _EVERY_SECONDS:
            self._append({"tally": asdict(tally)})
            self._told = self._clock()

    def end(self) -> None:
        """Forget the run."""
        with writing(NAME):
            os.ftruncate(self._descriptor, 0)
            os.fsync(self._descriptor)

    def _lines(self) -> list[Any]:
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            data = file.read()
        whole, end, _cut = data.rpartition(b"\n")
        # What a crash cut short is overwritten.
        os.ftruncate(self._descriptor, len(whole) + len(end))
        try:
            return [json.loads(line) for line in whole.splitlines()]
        except ValueError:
            return []

    def _append(self, value: Any) -> None:
        with writing(NAME):
            line = json.dumps(value).encode() + b"\n"
            if os.write(self._descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)


@contextmanager
def journal_in(folder: Path) -> Iterator[Journal]:
    """Hold the journal of an archive while inside; raise F66 where another run holds it."""
    with writing(NAME):
        descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        if not try_lock(descriptor):
            raise FixityError("F66", "another fixity check is under way")
        yield Journal(descriptor)
    finally:
        os.close(descriptor)


def _read(lines: list[Any], begun: str) -> Findings:
    found = Findings(begun)
    for line in lines:
        if "tally" in line:
            tally = Tally(**line["tally"])
            found.tallies[tally.copy] = tally
        else:
            found.add(Shortfall(**line["shortfall"]))
    return found
