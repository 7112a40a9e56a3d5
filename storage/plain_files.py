"""Opening what should be a file of ours, on a disk that somebody else may have prepared for us.

A pipe or a device in the place of a file would hold its reader up for ever, an endless one fill the memory.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from archive.errors import FixityError

#: More than any file that is read as a whole: a bundle holds 256 entries of at most 64 KiB.
LARGEST_BYTES: Final = 32 << 20


@contextmanager
def plain_file(path: Path, name: str) -> Iterator[BinaryIO]:
    """Open an ordinary file for reading; raise F75 for what is something else, OSError as `open` does."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FixityError("F75", f"{name} is no ordinary file")
    with open(descriptor, "rb") as file:
        yield file


def load_plain(path: Path, name: str) -> bytes:
    """Return the bytes of an ordinary file; raise F76 for one larger than any of ours."""
    with plain_file(path, name) as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise FixityError(
            "F76", f"{name} is larger than anything of ours", expected=f"at most {LARGEST_BYTES}"
        )
    return data
