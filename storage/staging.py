"""The lock between those who stage rows and bodies and the one who tidies up after a crash."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.durable import writing


@dataclass(frozen=True, slots=True)
class StagingLock:
    """A lock file: writers share it, tidying wants it alone. The system drops it when a holder dies."""

    path: Path

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold off tidying while inside; any number of writers at once."""
        with self._opened() as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield

    @contextmanager
    def exclusive_or_nothing(self) -> Iterator[bool]:
        """Say whether nobody is writing, and keep it so while inside if that is true."""
        with self._opened() as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextmanager
    def _opened(self) -> Iterator[int]:
        with writing(self.path.name):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
