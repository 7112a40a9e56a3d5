"""Attempts to sign in that failed: counted by day, and logged as one number once the day is over.

Neither a handle nor a moment is kept: who mistyped when is nobody's business, and a list of handles that were
tried would tell which exist. That somebody guesses shows in the number.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from archive.access.parts import Archive
from archive.errors import CustodyError
from archive.events import format_moment
from archive.kinds import Kind
from storage.locks import exclusive

_FILE: Final = "failures"
_SETTING: Final = "failed-sign-ins"


def note_failure(archive: Archive) -> None:
    """Count one failed attempt on this day, in memory: a flood of them never waits for a disk."""
    with _noted(archive) as noted:
        os.write(noted, f"{_today(archive)}\n".encode())


def keep_failures(archive: Archive) -> None:
    """Put what was counted in memory where it outlives this process."""
    if not (archive.runtime.shared / _FILE).exists():
        return
    with _noted(archive) as noted:
        counted = Counter(os.pread(noted, os.fstat(noted).st_size, 0).decode().split())
        if counted:
            archive.catalogue.settings.change(_SETTING, lambda kept: _written(counted + _days(kept)))
            os.ftruncate(noted, 0)


@contextmanager
def _noted(archive: Archive) -> Iterator[int]:
    """Open the days of the failed attempts, one a line, with nobody else reading or writing them."""
    shared = archive.runtime.shared
    with exclusive(shared / f"{_FILE}.lock"):
        file = os.open(shared / _FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            yield file
        finally:
            os.close(file)


def log_failures(archive: Archive) -> int:
    """Log what was counted on days that are over; return how many days that were.

    Logged first, then forgotten: what a crash leaves is refused the next time, and forgotten then.
    """
    keep_failures(archive)
    today, days = _today(archive), _days(archive.catalogue.settings.get(_SETTING))
    over = sorted(day for day in days if day < today)
    logged = sum(_log(archive, day, days[day]) for day in over)
    if over:
        archive.catalogue.settings.change(_SETTING, lambda value: _written(_without(_days(value), over)))
    return logged


def _log(archive: Archive, day: str, count: int) -> bool:
    try:
        archive.custody.record([archive.archive_author.write(Kind.FAILURES, {"day": day, "count": count})])
    except CustodyError as fault:
        # Another process was faster, or a crash came before it was forgotten.
        if fault.code != "C64":
            raise
        return False
    return True


def _without(days: Mapping[str, int], over: list[str]) -> dict[str, int]:
    return {day: count for day, count in days.items() if day not in over}


def _days(value: str | None) -> Counter[str]:
    return Counter({str(day): int(count) for day, count in json.loads(value or "{}").items()})


def _written(days: Mapping[str, int]) -> str:
    return json.dumps(days, sort_keys=True)


def _today(archive: Archive) -> str:
    return format_moment(archive.clock())[:10]
