"""New files outside the archive: of the owner alone, never over another, and gone again if anything fails."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from archive.errors import IntakeError


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Create a file of mode 600 (I76 where that cannot be); it goes again if anything fails inside."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise IntakeError("I76", "the file to be written exists already; nothing is overwritten") from None
    except OSError as fault:
        reason = os.strerror(fault.errno).casefold() if fault.errno else None
        raise IntakeError("I76", "the file cannot be written", found=reason) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
