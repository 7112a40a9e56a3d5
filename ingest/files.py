"""Files on a disk that are handed in or packed: which ones, opened without surprises, and their names."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import IntakeError
from ingest.onepass import Source

LONGEST_NAME = 4096


def writable(name: str) -> str:
    """Return a file name as it can be written: what is not Unicode as \\xNN. I79 when empty or too long."""
    written = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if not 0 < len(written) <= LONGEST_NAME:
        raise IntakeError("I79", "a file name of unusable length", expected=f"1 to {LONGEST_NAME} characters")
    return written


def unreadable(fault: OSError) -> IntakeError:
    """Say why a file cannot be read (I63), without its name."""
    return IntakeError(
        "I63", "the file cannot be read", found=os.strerror(fault.errno) if fault.errno else None
    )


def files_under(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that the given files and folders stand for, folders sorted and in depth.

    Raises I64 for a path that does not exist. What is neither file nor folder is skipped in folders.
    """
    for path in paths:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.is_file())
            if not found:
                raise IntakeError("I65", "a folder without files")
            yield from found
        elif path.exists():
            yield path
        else:
            raise IntakeError("I64", "there is no such file or folder")


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file for reading; refuse (I66) what is not a regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise IntakeError("I66", "not a file", expected="a regular file")
        with open(descriptor, "rb", buffering=0, closefd=False) as file:
            yield file
    finally:
        os.close(descriptor)
