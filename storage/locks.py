"""Locks between processes. The system drops them when their holder dies, so none is ever stale."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import CustodyError
from storage.durable import writing


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path` while inside, waiting for any other holder in this or another process."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def only_process(path: Path) -> Iterator[None]:
    """Hold `path` for as long as one server serves the archive; a second start raises C41 at once."""
    descriptor = _open(path)
    try:
        if not try_lock(descriptor):
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise CustodyError("C41", "another server already serves this archive", found=f"process {holder}")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def one_of(paths: Iterable[Path]) -> Iterator[bool]:
    """Hold the first of these lock files that nobody holds, without waiting; say whether there was one."""
    held = None
    for path in paths:
        descriptor = _open(path)
        if try_lock(descriptor):
            held = descriptor
            break
        os.close(descriptor)
    try:
        yield held is not None
    finally:
        if held is not None:
            os.close(held)


def is_held(path: Path) -> bool:
    """Say whether a process holds the lock file `path`; one that does not exist is not held."""
    if not path.exists():
        return False
    with one_of([path]) as free:
        return not free


def try_lock(descriptor: int) -> bool:
    """Lock an open file if nobody else holds it; say whether that worked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    with writing(path.name):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
