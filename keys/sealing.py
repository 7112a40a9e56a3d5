"""Sealing and opening: the public face of age files kept as a header and a body.

The header is small and rewritable, the body is written once; one after the other they are a valid age v1
file that any age implementation opens. Opening is, in this order: 1. the header's grammar, 2. a stanza that
an identity opens, 3. the header's MAC, 4. the file-key commitment, where the caller gives the logged one,
5. each chunk of the body, 6. the body's end. The SealedDigest of the body and the digest of the header are
the caller's to check against the log.
"""

import hmac
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, overload

from archive.digests import Digest
from archive.errors import KeysError
from archive.ids import Random
from keys.errors import CommitmentError, HeaderError, MacError, NoMatch
from keys.filekey import FileKey
from keys.identities import AnyIdentity
from keys.recipients import AnyRecipient, Strength
from keys.secrecy import Secret
from keys.stanzas import (
    MAX_HEADER_BYTES,
    MAX_STANZAS,
    end_line,
    format_header,
    parse_header,
    read_header,
)
from keys.stream import NONCE_BYTES, Buffer, ChunkSealer, open_chunks, read_nonce


@dataclass(frozen=True, slots=True)
class Sealed:
    """An age file in its two parts, and the commitment to its key. Nothing in it is secret."""

    header: bytes
    body: bytes
    commitment: Digest


class Sealer(Secret):
    """Seals one stream of plaintext of any length, in memory of about one chunk.

    `header` and `commitment` are there from the start. The body is what `update` returned, in order, and
    then `finish`; it begins with the nonce. K17 where the recipients may not stand together.
    """

    __slots__ = ("_chunks", "_nonce", "commitment", "header")

    def __init__(self, recipients: Sequence[AnyRecipient], *, random: Random = os.urandom) -> None:
        file_key = FileKey.generate(random)
        self.header = _write_header(file_key, recipients, random)
        self.commitment = file_key.commitment
        self._nonce = random(NONCE_BYTES)
        self._chunks = ChunkSealer(file_key.payload_key(self._nonce))

    def update(self, data: Buffer) -> bytes:
        """Seal more plaintext; return the part of the body that this completes, possibly nothing."""
        body = [self._nonce, *self._chunks.update(data)]
        self._nonce = b""
        return b"".join(body)

    def finish(self) -> bytes:
        """Return the end of the body; nothing can be sealed after it (K28)."""
        return self._nonce + self._chunks.finish()


def seal(plaintext: Buffer, recipients: Sequence[AnyRecipient], *, random: Random = os.urandom) -> Sealed:
    """Seal what is in memory as a whole."""
    sealer = Sealer(recipients, random=random)
    body = sealer.update(plaintext) + sealer.finish()
    return Sealed(sealer.header, body, sealer.commitment)


def unwrap(header: bytes, identity: AnyIdentity | Sequence[AnyIdentity]) -> FileKey:
    """Return the file key, from a header whose MAC has been checked (K12, K13, K14, K19)."""
    parsed = parse_header(header)
    identities = identity if isinstance(identity, Sequence) else (identity,)
    opened = (one.unwrap(parsed.stanzas) for one in identities)
    raw = next((key for key in opened if key is not None), None)
    if raw is None:
        raise NoMatch("K13", "sealed to somebody else: none of the given identities opens it")
    file_key = FileKey(raw)
    if not hmac.compare_digest(file_key.header_mac(parsed.covered), parsed.mac):
        raise MacError("K14", "header was altered: its MAC does not fit")
    return file_key


def open_stream(
    header: bytes,
    body: BinaryIO,
    identity: AnyIdentity | Sequence[AnyIdentity],
    *,
    commitment: Digest | None,
) -> Iterator[bytes]:
    """Open a sealed body of any length; yield only chunks that are authentic.

    Header and commitment are checked before this returns (also K16); damage, truncation and trailing bytes
    are raised from the iterator (K15), so nothing is complete until it has ended.
    """
    file_key = unwrap(header, identity)
    _check_commitment(file_key, commitment)
    nonce = read_nonce(body)
    if len(nonce) != NONCE_BYTES:
        raise HeaderError("K12", "body ends within its nonce", expected=NONCE_BYTES, found=len(nonce))
    return open_chunks(file_key.payload_key(nonce), body)


def open_(
    header: bytes,
    body: bytes,
    identity: AnyIdentity | Sequence[AnyIdentity],
    *,
    commitment: Digest | None,
) -> bytes:
    """Open what is in memory as a whole, or raise as `open_stream` does."""
    return b"".join(open_stream(header, io.BytesIO(body), identity, commitment=commitment))


def rewrap(
    header: bytes,
    identity: AnyIdentity | Sequence[AnyIdentity],
    recipient: AnyRecipient,
    *,
    random: Random = os.urandom,
) -> bytes:
    """Return a new header that opens the same body for `recipient` alone."""
    return _write_header(unwrap(header, identity), [recipient], random)


@overload
def split(age_file: bytes) -> tuple[bytes, bytes]: ...
@overload
def split(age_file: BinaryIO) -> tuple[bytes, BinaryIO]: ...
def split(age_file: bytes | BinaryIO) -> tuple[bytes, bytes | BinaryIO]:
    """Cut a binary age file into header and body (K12).

    A stream is read up to its body and handed back standing there. Armour comes off first, elsewhere.
    """
    if isinstance(age_file, bytes):
        header = read_header(io.BytesIO(age_file))
        parse_header(header)
        return header, age_file[len(header) :]
    header = read_header(age_file)
    parse_header(header)
    return header, age_file


def _write_header(file_key: FileKey, recipients: Sequence[AnyRecipient], random: Random) -> bytes:
    _check_together(recipients)
    covered = format_header(tuple(recipient.wrap(file_key.raw, random) for recipient in recipients))
    header = covered + end_line(file_key.header_mac(covered))
    if len(header) > MAX_HEADER_BYTES:
        raise KeysError("K17", "too many recipients", expected=MAX_HEADER_BYTES, found=len(header))
    return header


def _check_together(recipients: Sequence[AnyRecipient]) -> None:
    """Refuse recipients of unlike strength: the file would be worth what its weakest stanza is worth."""
    if not 1 <= len(recipients) <= MAX_STANZAS:
        raise KeysError("K17", "number of recipients", expected=f"1 to {MAX_STANZAS}", found=len(recipients))
    strengths = {recipient.strength for recipient in recipients}
    if len(strengths) > 1:
        raise KeysError("K17", "post-quantum, classic and passphrase recipients cannot share a file")
    if strengths == {Strength.PASSPHRASE} and len(recipients) > 1:
        raise KeysError("K17", "a passphrase must be the only recipient")


def _check_commitment(file_key: FileKey, commitment: Digest | None) -> None:
    if commitment is not None and not hmac.compare_digest(file_key.commitment, commitment):
        raise CommitmentError("K16", "header opens to another file key than the one committed to")
