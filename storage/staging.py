"""The lock between those who stage rows and bodies and the one who tidies up after a crash."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.durable import write_once, writing
from storage.locks import try_lock


@dataclass(frozen=True, slots=True)
class StagingLock:
    """A lock file: writers share it, tidying wants it alone. The system drops it when a holder dies.

    Each writer leaves a mark beside it, which goes when he ends well: a mark that nobody holds says that
    there is something to tidy.
    """

    path: Path

    @contextmanager
    def shared(self, size: int) -> Iterator[None]:
        """Hold off tidying while inside; any number of writers at once. The log had `size` entries before."""
        with self._opened() as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            mark = self.path.with_name(f"{self.path.name}.{secrets.token_hex(8)}")
            # Not fsynced: a body that is durable took this name along through the journal, or is a leftover
            # that nothing refers to and nobody can open.
            with writing(self.path.name):
                mark.write_bytes(b"%d" % size)
            yield
            mark.unlink(missing_ok=True)

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
    def exclusive_within(self, patience_seconds: float) -> Iterator[bool]:
        """Wait until nobody is writing, and keep it so while inside; say whether that worked in time."""
        with self._opened() as descriptor:
            deadline = time.monotonic() + patience_seconds
            while not (locked := try_lock(descriptor)) and time.monotonic() < deadline:
                time.sleep(0.02)
            yield locked

    def leave_mark(self) -> None:
        """Leave the mark of a writer that began with the log: all of it is to be looked at."""
        write_once(self.path.with_name(f"{self.path.name}.restored"), b"0")

    def marks(self) -> dict[Path, int]:
        """Return the marks of writers that did not end well, and how long the log was; nobody is writing."""
        found = self.path.parent.glob(f"{self.path.name}.*")
        return {mark: int(mark.read_bytes() or b"0") for mark in found}

    @contextmanager
    def _opened(self) -> Iterator[int]:
        with writing(self.path.name):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
