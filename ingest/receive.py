"""Receiving bytes: hashed as they arrive, before anything parses, stores or transforms them, and sealed.

One pass: read → SHA-256 and BLAKE3 → seal → object store. Memory is flat whatever the size; a small file is
also kept in an anonymous memory file so that its text can be extracted without opening what was sealed.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from archive.digests import Digest
from archive.ids import Id, Random
from archive.nouns import SealedRef
from ingest.onepass import OnePass, Source
from keys.recipients import Recipient
from keys.sealing import Sealer
from storage.headers import Headers
from storage.objects import Objects

HEAD_BYTES = 256 << 10
KEPT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Target:
    """Where and for whom to seal: the stores, and the compartment's recipient in its present epoch."""

    objects: Objects
    headers: Headers
    compartment: Id
    epoch: int
    recipient: Recipient
    random: Random = os.urandom


@dataclass(frozen=True, slots=True)
class Received:
    """What was received, durably sealed. `kept` is an open memory file, the receiver's to close, or None."""

    size_bytes: int
    sha256: Digest = field(repr=False)
    blake3: Digest = field(repr=False)
    sealed: SealedRef
    head: bytes = field(repr=False)
    kept: int | None


def receive(source: Source, target: Target, *, on_bytes: Callable[[int], None] | None = None) -> Received:
    """Hash and seal everything `source` yields; body and header are durable when this returns.

    Raises I62 for an empty source; whatever goes wrong, nothing half-made stays behind.
    """
    passing, head, kept = OnePass(target.recipient, target.random), bytearray(), Kept()

    def seen(chunk: bytes) -> None:
        if len(head) < HEAD_BYTES:
            head.extend(chunk[: HEAD_BYTES - len(head)])
        kept.add(chunk)
        if on_bytes is not None:
            on_bytes(len(chunk))

    try:
        with target.objects.writer() as writer:
            for part in passing.through(source, seen):
                writer.write(part)
            body = writer.commit()
        _put_header(target, body, passing.header)
    except BaseException:
        kept.drop()
        raise
    sealed = SealedRef(target.compartment, target.epoch, body, Digest.of(passing.header), passing.commitment)
    return Received(passing.size_bytes, passing.sha256, passing.blake3, sealed, bytes(head), kept.descriptor)


def seal_bytes(plain: bytes, target: Target) -> SealedRef:
    """Seal a derived rendition from memory; return what the log says of it."""
    sealer = Sealer([target.recipient], random=target.random)
    with target.objects.writer() as writer:
        writer.write(sealer.update(plain) + sealer.finish())
        digest = writer.commit()
    _put_header(target, digest, sealer.header)
    return SealedRef(target.compartment, target.epoch, digest, Digest.of(sealer.header), sealer.commitment)


def _put_header(target: Target, body: Digest, header: bytes) -> None:
    """Store the header of a body just committed; without one, the body goes too."""
    try:
        target.headers.put(body, header)
    except BaseException:
        target.objects.delete(body)
        raise


class Kept:
    """An anonymous memory file that gives up, and frees itself, beyond `KEPT_BYTES`.

    `descriptor` is None once it gave up.
    """

    def __init__(self) -> None:
        self.descriptor: int | None = os.memfd_create("received", os.MFD_CLOEXEC)
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Keep one more piece, if all of them still fit."""
        self._size += len(chunk)
        kept = self.descriptor is not None and _takes(self.descriptor, chunk)
        if self._size > KEPT_BYTES or not kept:
            self.drop()

    def drop(self) -> None:
        """Free the memory."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _takes(descriptor: int, chunk: bytes) -> bool:
    """Say whether there was room in memory; without it the file is received, its text not looked for."""
    try:
        return os.write(descriptor, chunk) == len(chunk)
    except OSError:
        return False
