"""Saving what leaves the archive: new files of the owner alone, never over another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from archive.cli.failing import reason_of
from archive.errors import IntakeError


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Create a file of mode 600 (I76 where that cannot be); it goes again if anything fails inside."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise IntakeError("I76", "the file to be written exists already; nothing is overwritten") from None
    except OSError as fault:
        raise IntakeError("I76", "the file cannot be written", found=reason_of(fault)) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def save(path: Path, data: bytes) -> None:
    """Write a new file."""
    with new_file(path) as file:
        file.write(data)


def new_folder(path: Path) -> Path:
    """Make a folder of the owner's alone, or take the one that is there (I76 when neither works)."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise IntakeError("I76", "the folder cannot be made", found=reason_of(fault)) from None
    return path
