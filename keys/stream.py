"""The payload of an age file (c2sp.org/age, "Payload"): chunks of 64 KiB, each sealed under its number.

The last chunk is marked as such, so a body cannot be cut or continued unnoticed. Memory is flat.
"""

from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from archive.errors import KeysError
from keys.errors import PayloadError
from keys.secrecy import Secret

CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
NONCE_BYTES = 16
_SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES

Buffer = bytes | bytearray | memoryview


def _nonce(index: int, *, final: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if final else b"\x00")


class ChunkSealer(Secret):
    """Seals a stream of plaintext; holds back one chunk, since only the end shows which is the last."""

    __slots__ = ("_aead", "_finished", "_index", "_pending")

    def __init__(self, payload_key: bytes) -> None:
        self._aead = ChaCha20Poly1305(payload_key)
        self._index = 0
        self._pending = bytearray()
        self._finished = False

    def update(self, data: Buffer) -> list[bytes]:
        """Return the chunks that `data` completes."""
        self._check_open()
        view = memoryview(data).cast("B")
        missing = CHUNK_BYTES - len(self._pending)
        if len(view) <= missing:
            self._pending += view
            return []
        chunks = []
        if self._pending:
            self._pending += view[:missing]
            chunks.append(self._seal(self._pending, final=False))
            view = view[missing:]
        # Whole chunks are sealed where they lie; at least one byte stays for the last chunk.
        whole = (len(view) - 1) // CHUNK_BYTES * CHUNK_BYTES
        for at in range(0, whole, CHUNK_BYTES):
            chunks.append(self._seal(view[at : at + CHUNK_BYTES], final=False))
        self._pending = bytearray(view[whole:])
        return chunks

    def finish(self) -> bytes:
        """Return the last chunk."""
        self._check_open()
        self._finished = True
        last, self._pending = self._pending, bytearray()
        return self._seal(last, final=True)

    def _seal(self, chunk: Buffer, *, final: bool) -> bytes:
        sealed = self._aead.encrypt(_nonce(self._index, final=final), chunk, None)
        self._index += 1
        return sealed

    def _check_open(self) -> None:
        if self._finished:
            raise KeysError("K28", "this file's sealing has ended")


def open_chunks(payload_key: bytes, body: BinaryIO) -> Iterator[bytes]:
    """Yield the plaintext chunk by chunk, each only once authenticated; `body` stands behind the nonce.

    Raise K15 at the first byte that is damaged, missing or too many. What was yielded before is genuine but
    not the whole, so a caller keeps nothing until the iterator has ended.
    """
    aead = ChaCha20Poly1305(payload_key)
    index, final = 0, False
    while not final:
        sealed = _read_exactly(body, _SEALED_CHUNK_BYTES)
        chunk, final = _open_chunk(aead, sealed, index)
        if chunk:
            yield chunk
        elif index:
            raise PayloadError("K15", "body ends with an empty chunk", found=f"chunk {index}")
        index += 1
    if body.read(1):
        raise PayloadError("K15", "body goes on after its last chunk", found=f"chunk {index}")


def _open_chunk(aead: ChaCha20Poly1305, sealed: bytes, index: int) -> tuple[bytes, bool]:
    """Return the chunk and whether it is marked as the last; a short chunk can be nothing else."""
    if len(sealed) < TAG_BYTES:
        raise PayloadError("K15", "body is cut short", found=f"{len(sealed)} bytes at chunk {index}")
    for final in (False, True) if len(sealed) == _SEALED_CHUNK_BYTES else (True,):
        try:
            return aead.decrypt(_nonce(index, final=final), sealed, None), final
        except InvalidTag:
            continue
    raise PayloadError("K15", "body is damaged or cut short", found=f"chunk {index}")


def _read_exactly(body: BinaryIO, count: int) -> bytes:
    """Read `count` bytes, fewer only at the end: raw streams may return less at a time."""
    data = body.read(count)
    if not data or len(data) == count:
        return data
    parts, missing = [data], count - len(data)
    while missing and (data := body.read(missing)):
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def read_nonce(body: BinaryIO) -> bytes:
    """Read the 16 bytes in front of the chunks; fewer only where the body ends."""
    return _read_exactly(body, NONCE_BYTES)
