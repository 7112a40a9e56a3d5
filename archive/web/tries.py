"""Failed attempts to sign in, counted for a while: so that guessing gets slower, for everybody alike.

A table of fixed size in the runtime directory, which all processes share, so that no flood of invented
handles makes it grow. Handles share a slot at random and unforeseeably, whether or not they exist; one of
them then waits a little with the other. Nobody is ever shut out: the delay has a cap, and counts fade.
"""

import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.locks import exclusive

SLOTS: Final = 4096
MOST_COUNTED: Final = 4
LONGEST_SECONDS: Final = 8
FADING_SECONDS: Final = 60
_SLOT: Final = struct.Struct(">QB")


@dataclass(frozen=True, slots=True)
class Tries:
    """The table in the folder `shared`. Subjects are given as keyed digests, of at least eight bytes."""

    shared: Path
    monotonic: Callable[[], float] = time.monotonic

    def failures(self, subject: bytes) -> int:
        """Return how many of the failed attempts still count; one fades with each minute without another."""
        with self._opened() as table:
            return self._counted(table, subject)

    def delay_seconds(self, subject: bytes) -> int:
        """Return how long the next attempt has to wait: nothing, 1, 2, 4, at most 8 seconds."""
        failures = self.failures(subject)
        return min(LONGEST_SECONDS, 1 << (failures - 1)) if failures else 0

    def failed(self, subject: bytes) -> None:
        """Count one more failed attempt."""
        with self._opened() as table:
            failures = min(MOST_COUNTED, self._counted(table, subject) + 1)
            os.pwrite(table, _SLOT.pack(int(self.monotonic()), failures), _place(subject))

    def _counted(self, table: int, subject: bytes) -> int:
        last, failures = _SLOT.unpack(os.pread(table, _SLOT.size, _place(subject)).ljust(_SLOT.size, b"\0"))
        return max(0, int(failures) - (int(self.monotonic()) - int(last)) // FADING_SECONDS)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        with exclusive(self.shared / "tries.lock"):
            table = os.open(self.shared / "tries", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                yield table
            finally:
                os.close(table)


def _place(subject: bytes) -> int:
    return int.from_bytes(subject[:8]) % SLOTS * _SLOT.size
