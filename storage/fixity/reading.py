"""Reading what is really on the disk: bodies hashed past the system's cache, and headers as they are."""

import hashlib
import os
from contextlib import suppress
from io import UnsupportedOperation
from typing import BinaryIO, Final

from archive.digests import Digest
from archive.errors import FixityError
from archive.ids import Id
from storage.copies.stores import Store
from storage.fixity.pace import Pace

_AHEAD_BYTES: Final = 8 << 20


class Reader:
    """Hashes one thing after the other at a pace."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._piece = memoryview(bytearray(pace.piece_bytes))
        self._ahead: dict[tuple[Id | None, Digest], BinaryIO] = {}

    def prepare(self, store: Store, body: Digest) -> None:
        """Have the disk fetch the beginning of a body that is hashed next, while another is."""
        if self._pace.bytes_per_second is None:
            with suppress(FixityError, OSError):
                self._ahead[store.copy, body] = file = store.objects.open(body)
                forget_cached(file)
                _fetch(file)

    def close(self) -> None:
        """Let go of what was prepared and not read."""
        while self._ahead:
            self._ahead.popitem()[1].close()

    def body(self, store: Store, body: Digest) -> Digest:
        """Hash a body (F03 when it is missing, F53 when it cannot be read)."""
        state = hashlib.sha256()
        try:
            with self._opened(store, body) as file:
                while size := file.readinto(self._piece):  # type: ignore[attr-defined]
                    state.update(self._piece[:size])
                    self._pace.spend(size)
                forget_cached(file)
        except OSError as fault:
            raise _unreadable("body", fault) from None
        return Digest(state.hexdigest())

    def _opened(self, store: Store, body: Digest) -> BinaryIO:
        prepared = self._ahead.pop((store.copy, body), None)
        if prepared is not None:
            return prepared
        file = store.objects.open(body)
        forget_cached(file)
        return file

    def header(self, store: Store, body: Digest) -> Digest:
        """Hash a header (F03 when it is missing, F53 when it cannot be read)."""
        try:
            header = store.headers.get(body)
        except OSError as fault:
            raise _unreadable("header", fault) from None
        self._pace.spend(len(header))
        return Digest.of(header)


def forget_cached(file: BinaryIO) -> None:
    """Have the system forget what it holds of a file in memory, which says nothing of the disk."""
    with suppress(OSError, UnsupportedOperation, AttributeError):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _fetch(file: BinaryIO) -> None:
    with suppress(OSError, UnsupportedOperation, AttributeError):
        os.posix_fadvise(file.fileno(), 0, _AHEAD_BYTES, os.POSIX_FADV_WILLNEED)


def _unreadable(part: str, fault: OSError) -> FixityError:
    """Return the error for what is there and cannot be read."""
    reason = os.strerror(fault.errno).casefold() if fault.errno else "no reason given"
    return FixityError("F53", f"a {part} cannot be read", found=reason)
