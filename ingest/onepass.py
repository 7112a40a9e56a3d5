"""Hashing and sealing in one pass: SHA-256 and BLAKE3 of every byte before it is sealed, in flat memory."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Protocol

import blake3

from archive.digests import Digest
from archive.errors import IntakeError
from archive.ids import Random
from keys.recipients import Recipient
from keys.sealing import Sealer

CHUNK_BYTES = 1 << 20


class Source(Protocol):
    """Something to read bytes from."""

    def read(self, size: int, /) -> bytes: ...


class OnePass:
    """One original on its way: `header` stands from the start, digests and size once it has passed."""

    def __init__(self, recipient: Recipient, random: Random) -> None:
        self._sealer = Sealer([recipient], random=random)
        self._sha256 = hashlib.sha256()
        self._blake3 = blake3.blake3()
        self.size_bytes = 0

    @property
    def header(self) -> bytes:
        """The age header."""
        return self._sealer.header

    @property
    def commitment(self) -> Digest:
        """The commitment to the file key."""
        return self._sealer.commitment

    @property
    def sha256(self) -> Digest:
        """SHA-256 of what has passed."""
        return Digest(self._sha256.hexdigest())

    @property
    def blake3(self) -> Digest:
        """BLAKE3 of what has passed."""
        return Digest(self._blake3.hexdigest())

    def through(self, source: Source, seen: Callable[[bytes], None]) -> Iterator[bytes]:
        """Yield the sealed body of everything `source` yields; `seen` is told each chunk of plaintext.

        Raises I62, before the end of the body, for an empty source.
        """
        while chunk := source.read(CHUNK_BYTES):
            self._sha256.update(chunk)
            self._blake3.update(chunk)
            self.size_bytes += len(chunk)
            seen(chunk)
            yield self._sealer.update(chunk)
        if self.size_bytes == 0:
            raise IntakeError("I62", "the file is empty", expected="at least one byte", found=0)
        yield self._sealer.finish()
