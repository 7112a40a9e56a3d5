"""Packs that arrive over a line: read as they come, kept without a name until they are whole, then taken in.

What is written to the disk is what is sealed. Until the pack's first member shows that it is one, and for
this archive, nothing is: somebody may have chosen another file by mistake. The file has no name, so that
nothing of it is left when the process ends.
"""

import tempfile
import time
from collections.abc import Callable
from typing import BinaryIO, Final, cast

from archive.access.parts import Archive
from archive.errors import IntakeError
from archive.packs import Head
from ingest.reading_packs import Source, read_pack
from ingest.submission import Submitted, check_head, check_room, submit

#: Larger packs are handed in at the archive itself.
LARGEST_BYTES: Final = 16 << 30
#: Whoever sends more slowly than this, after the first minute, keeps others from it.
SLOWEST_BYTES_PER_SECOND: Final = 256
_PATIENCE_SECONDS: Final = 60
_ROOM_CHECKED_BYTES: Final = 64 << 20


def take_arriving(
    archive: Archive, source: Source, *, monotonic: Callable[[], float] = time.monotonic
) -> Submitted:
    """Take in the pack that `source` yields, as `submit` does.

    Raises I93 beyond the size that is taken over a line, I80 where it comes too slowly, and F02 as soon as
    there is no room for it.
    """
    # It is on the disk twice for a moment: as it arrives, and where everything is.
    with tempfile.TemporaryFile(dir=archive.folder) as file:
        arriving = _Arriving(archive, source, cast(BinaryIO, file), monotonic)
        read = read_pack(arriving.read, arriving.check)
        return submit(archive, cast(BinaryIO, file), read=read)


class _Arriving:
    """A pack on its way: what is read of it is also kept, from the moment on that it is known for one."""

    def __init__(
        self, archive: Archive, source: Source, file: BinaryIO, monotonic: Callable[[], float]
    ) -> None:
        self._archive = archive
        self._source = source
        self._file = file
        self._monotonic = monotonic
        self._started = monotonic()
        self._before: list[bytes] | None = []
        self._size = 0
        self._checked_at = 0

    def check(self, head: Head) -> None:
        """Hold the pack's head against the archive; from here on it is kept."""
        check_head(self._archive.ledger(), head)
        check_room(self._archive, 0)
        self._file.write(b"".join(self._before or ()))
        self._before = None

    def read(self, size: int) -> bytes:
        """Return what arrives next."""
        data = self._source(size)
        self._size += len(data)
        self._check_pace()
        if self._before is not None:
            self._before.append(data)
        else:
            self._file.write(data)
            self._check_size()
        return data

    def _check_size(self) -> None:
        if self._size > LARGEST_BYTES:
            raise IntakeError("I93", "the pack is too large for a line", expected=f"at most {LARGEST_BYTES}")
        if self._size - self._checked_at >= _ROOM_CHECKED_BYTES:
            self._checked_at = self._size
            # What arrived so far is written once more when the pack is whole.
            check_room(self._archive, self._size)

    def _check_pace(self) -> None:
        seconds = self._monotonic() - self._started - _PATIENCE_SECONDS
        if seconds > 0 and self._size < seconds * SLOWEST_BYTES_PER_SECOND:
            raise IntakeError("I80", "the upload is too slow")
