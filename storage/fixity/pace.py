"""Reading no faster than is allowed, so that a check leaves the disk to those who work."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

#: The longest pause at once; a slower pace reads smaller pieces.
_LONGEST_SECONDS: Final = 0.25
_USUAL_BYTES: Final = 1 << 20


@dataclass(slots=True)
class Pace:
    """So many bytes a second, None for as fast as it goes. A longer pause is not made up for."""

    bytes_per_second: int | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _free_at: float | None = field(default=None, init=False)

    @property
    def piece_bytes(self) -> int:
        """How much to read at once."""
        if self.bytes_per_second is None:
            return _USUAL_BYTES
        return max(1, min(_USUAL_BYTES, int(self.bytes_per_second * _LONGEST_SECONDS)))

    def spend(self, size_bytes: int) -> None:
        """Account for bytes that were read, and wait until more may be."""
        if self.bytes_per_second is None:
            return
        now = self.clock()
        # What reading itself takes counts too.
        begun = now if self._free_at is None else max(self._free_at, now - _LONGEST_SECONDS)
        self._free_at = begun + size_bytes / self.bytes_per_second
        if self._free_at > now:
            self.sleep(self._free_at - now)
