"""Reading what is really on the disk: bodies hashed past the system's cache, and headers as they are."""

import hashlib
import os
from contextlib import suppress
from io import UnsupportedOperation
from typing import BinaryIO

from archive.digests import Digest
from archive.errors import FixityError
from storage.copies.stores import Store
from storage.fixity.pace import Pace


def digest_of_body(store: Store, body: Digest, pace: Pace) -> Digest:
    """Hash a body (F03 when it is missing, F53 when it cannot be read)."""
    state, piece = hashlib.sha256(), memoryview(bytearray(pace.piece_bytes))
    try:
        with store.objects.open(body) as file:
            forget_cached(file)
            while size := file.readinto(piece):  # type: ignore[attr-defined]
                state.update(piece[:size])
                pace.spend(size)
            forget_cached(file)
    except OSError as fault:
        raise unreadable("body", fault) from None
    return Digest(state.hexdigest())


def digest_of_header(store: Store, body: Digest, pace: Pace) -> Digest:
    """Hash a header (F03 when it is missing, F53 when it cannot be read)."""
    try:
        header = store.headers.get(body)
    except OSError as fault:
        raise unreadable("header", fault) from None
    pace.spend(len(header))
    return Digest.of(header)


def forget_cached(file: BinaryIO) -> None:
    """Have the system forget what it holds of a file in memory, which says nothing of the disk."""
    with suppress(OSError, UnsupportedOperation, AttributeError):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def unreadable(part: str, fault: OSError) -> FixityError:
    """Return the error for what is there and cannot be read."""
    reason = os.strerror(fault.errno).casefold() if fault.errno else "no reason given"
    return FixityError("F53", f"a {part} cannot be read", found=reason)
