"""Reading a pack as it arrives, strictly: everything in it is held against its manifest, nothing is opened.

One pass in flat memory: originals are only hashed here; what is small (descriptions, the sealed receipts,
the manifest) is kept, within limits. Nothing is stored.
"""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, cast

from archive.claims import LARGEST_CLAIM_BYTES
from archive.digests import Digest
from archive.errors import IntakeError, KeysError
from archive.packs import (
    LARGEST_DESCRIPTIONS_BYTES,
    LARGEST_HEAD_BYTES,
    LARGEST_MANIFEST_BYTES,
    LARGEST_RECEIPTS_BYTES,
    Head,
    Manifest,
    PackedItem,
    PackSignature,
    Parts,
    parse_head,
    parse_manifest,
    parse_signature,
)
from ingest.pack_files import Member, members
from keys.sealing import split
from keys.stanzas import MAX_HEADER_BYTES, parse_header

Source = Callable[[int], bytes]

_CHUNK_BYTES: Final = 1 << 20
_NONCE_BYTES: Final = 16
_SEALED_CHUNK_BYTES: Final = (64 << 10) + 16


@dataclass(frozen=True, slots=True)
class Part:
    """One age file of a pack as it was read. Of an original only the digest and size of the body are kept."""

    header: bytes = field(repr=False)
    digest: Digest
    size_bytes: int
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ReadPack:
    """A pack that holds what its manifest says. Both kinds of parts are in its order."""

    manifest: Manifest
    written: bytes = field(repr=False)
    originals: tuple[Part, ...]
    descriptions: tuple[Part, ...]
    receipts: Part
    signature: PackSignature | None
    signed: bytes | None = field(repr=False)


def read_pack(source: Source, check_head: Callable[[Head], None]) -> ReadPack:
    """Read a pack to its end. `check_head` may refuse it before anything else is read.

    Raises I93 beyond a limit, I94 for what is no pack or cut short, I86 for what its manifest does not say.
    """
    found = _Found(check_head)
    for member in members(source):
        found.take(member)
    return found.whole()


def open_part(read: Source) -> tuple[bytes, BinaryIO]:
    """Return the header of an age file and the stream standing at its body (I94 for anything else)."""
    stream = cast(BinaryIO, io.BufferedReader(_Reading(read), _CHUNK_BYTES))
    try:
        return split(stream)
    except KeysError:
        raise IntakeError("I94", "not a pack, or a damaged one", expected="age files in it") from None


def plain_bytes(sealed_bytes: int) -> int:
    """Return how long a body of that length is opened; raise I94 for a length that no body has."""
    left = sealed_bytes - _NONCE_BYTES
    plain = left - 16 * -(-left // _SEALED_CHUNK_BYTES)
    if plain <= 0 or (left - 1) % _SEALED_CHUNK_BYTES < 16:
        raise IntakeError("I94", "not a pack, or a damaged one", expected="a whole age file, not empty")
    return plain


class _Found:
    """What was read so far."""

    def __init__(self, check_head: Callable[[Head], None]) -> None:
        self._check_head = check_head
        self._head: Head | None = None
        self._originals: list[Part] = []
        self._descriptions: list[Part] = []
        self._receipts: Part | None = None
        self._written = b""
        self._signed: bytes | None = None
        self._left = LARGEST_DESCRIPTIONS_BYTES

    def take(self, member: Member) -> None:
        """Take in the next member, whose name and place are right."""
        match member.name:
            case "pack.json":
                self._head = parse_head(_whole(member, LARGEST_HEAD_BYTES))
                self._check_head(self._head)
            case "receipts.age":
                self._receipts = _small(member, LARGEST_RECEIPTS_BYTES, ["scrypt"])
            case "manifest.json":
                self._written = _whole(member, LARGEST_MANIFEST_BYTES)
            case "signature.json":
                self._signed = _whole(member, LARGEST_HEAD_BYTES)
            case name if name.endswith(".description.age"):
                part = _small(member, LARGEST_CLAIM_BYTES, ["mlkem768x25519"])
                self._left -= part.size_bytes
                if self._left < 0:
                    raise _too_long()
                self._descriptions.append(part)
            case _:
                self._originals.append(_hashed(member))

    def whole(self) -> ReadPack:
        """Hold everything against the manifest and return it."""
        manifest = parse_manifest(self._written)
        originals, descriptions = tuple(self._originals), tuple(self._descriptions)
        assert self._receipts is not None
        named = (
            manifest.head == self._head,
            [_digests(one.sealed) for one in manifest.items] == [_found(one) for one in originals],
            [_digests(one.description) for one in manifest.items] == [_found(one) for one in descriptions],
            (manifest.receipts.body, manifest.receipts.header) == _found(self._receipts),
        )
        if not all(named):
            raise IntakeError("I86", "a pack holds something else than its manifest says")
        signature = parse_signature(self._signed) if self._signed is not None else None
        return ReadPack(
            manifest, self._written, originals, descriptions, self._receipts, signature, self._signed
        )


def items_of(pack: ReadPack) -> Iterator[tuple[PackedItem, Part, Part]]:
    """Pair each item of the manifest with its original and its description."""
    return zip(pack.manifest.items, pack.originals, pack.descriptions, strict=True)


def _digests(parts: Parts) -> tuple[Digest, Digest]:
    return parts.body, parts.header


def _found(part: Part) -> tuple[Digest, Digest]:
    return part.digest, Digest.of(part.header)


def _whole(member: Member, most: int) -> bytes:
    if member.size_bytes > most:
        raise _too_long()
    return b"".join(iter(lambda: member.read(_CHUNK_BYTES), b""))


def _small(member: Member, most: int, kinds: list[str]) -> Part:
    """Read an age file that stays small, sealed in the one way that is ours."""
    data = _whole(member, most + MAX_HEADER_BYTES + _sealing_bytes(most))
    header, body = open_part(io.BytesIO(data).read)
    _check_kind(header, kinds)
    rest = body.read()
    plain_bytes(len(rest))
    return Part(header, Digest.of(rest), len(rest), rest)


def _hashed(member: Member) -> Part:
    header, body = open_part(member.read)
    _check_kind(header, ["mlkem768x25519"])
    state, size = hashlib.sha256(), 0
    while chunk := body.read(_CHUNK_BYTES):
        state.update(chunk)
        size += len(chunk)
    plain_bytes(size)
    return Part(header, Digest(state.hexdigest()), size)


def _check_kind(header: bytes, kinds: list[str]) -> None:
    """Refuse what is sealed to more or others than packs are: nobody could tell to whom, or how well."""
    if [stanza.kind for stanza in parse_header(header).stanzas] != kinds:
        raise IntakeError("I94", "not a pack, or a damaged one", expected="one recipient for each age file")


def _sealing_bytes(plain: int) -> int:
    return _NONCE_BYTES + 16 * (1 + plain // (64 << 10))


def _too_long() -> IntakeError:
    return IntakeError("I93", "what stands in a pack beside the files is too long")


class _Reading(io.RawIOBase):
    """A member as a raw stream."""

    def __init__(self, read: Source) -> None:
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
