"""Timestamps of an outside authority: RFC 3161, with the authority's certificates pinned.

`rfc3161-client` reads and verifies; it must be 1.0.9 or later, as earlier ones believe a chain that the
token brings along. Nothing is believed here but what is pinned: the certificates that sign timestamps and
the whole chain above them, each valid when the timestamp was made. So it verifies offline, and years later.
Not looked at: revocation, for which the authority would have to be asked.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.x509 import Certificate, Name, ObjectIdentifier
from rfc3161_client import (
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.base import HashAlgorithm
from rfc3161_client.tsp import Accuracy, PKIStatus

from archive.timestamps import Stamp
from keys.errors import TimestampError
from keys.pins import Pins

LARGEST_TIMESTAMP_BYTES: Final = 64 << 10

_SHA256: Final = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
#: How far the clocks of an authority and of this machine may be apart when it is asked.
_APART: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Request:
    """What an authority is asked; `nonce` comes back in the answer to just this."""

    data: bytes
    nonce: int


def new_request(data: bytes) -> Request:
    """Return a request for a timestamp over the SHA-256 of `data`, which is not in it.

    It asks for no certificates: they are pinned.
    """
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    made = builder.nonce(nonce=True).cert_request(cert_request=False).build()
    if made.nonce is None:
        raise TimestampError("K39", "a request without a nonce")
    return Request(made.as_bytes(), made.nonce)


def verify_answer(pins: Pins, data: bytes, answer: bytes, request: Request, now: datetime) -> Stamp:
    """Verify what an authority answered to `request` at the moment `now`; return what it says.

    Raises K36 when it refused, K39 when this is the answer to something else, K40 when its clock and ours are
    far apart, and what `verify_timestamp` raises.
    """
    stamp = verify_timestamp(pins, data, answer)
    if _read(answer).nonce != request.nonce:
        raise TimestampError("K39", "the timestamp answers another request")
    if abs(stamp.made - now) > _APART:
        raise TimestampError(
            "K40",
            "the clocks of the authority and of this machine are far apart",
            expected=f"{now:%Y-%m-%d %H:%M} UTC",
            found=f"{stamp.made:%Y-%m-%d %H:%M} UTC",
        )
    return stamp


def verify_timestamp(pins: Pins, data: bytes, timestamp: bytes) -> Stamp:
    """Verify that a pinned authority gave this timestamp over `data`; return what it says.

    1. It can be read (K35) and was granted (K36). 2. It is over the SHA-256 of `data` (K38). 3. A pinned
    certificate signed it, which was valid then, as all above it (K37; RFC 3161 2.4.2, RFC 5280 at genTime).
    """
    read = _read(timestamp)
    digest = hashlib.sha256(data).digest()
    if read.algorithm != _SHA256 or read.message != digest:
        raise TimestampError(
            "K38", "the timestamp is over something else", expected=digest.hex(), found=read.message.hex()
        )
    signer = next((one for one in pins.signers if read.is_by(one)), None)
    if signer is None:
        raise TimestampError("K37", "no pinned certificate signed the timestamp")
    builder = VerifierBuilder(
        tsa_certificate=signer, intermediates=list(pins.intermediates), roots=list(pins.roots)
    )
    try:
        builder.build().verify(read.response, digest)
    except Exception as fault:  # VerificationError; and for what is malformed, see `_read`.
        raise TimestampError("K37", "the timestamp does not hold under the pinned certificates") from fault
    # The library has the chain checked at this moment; that must not hang on it alone.
    if not signer.not_valid_before_utc <= read.made <= signer.not_valid_after_utc:
        raise TimestampError("K37", "the certificate was not valid when the timestamp was made")
    return Stamp(signer.subject.rfc4514_string(), read.made, read.accuracy)


def is_of(pins: Pins, timestamp: bytes) -> bool:
    """Say whether a timestamp claims to be of this authority (K35, K36)."""
    return any(map(_read(timestamp).is_by, pins.signers))


def verify_under_any(pins: Iterable[Pins], data: bytes, timestamp: bytes) -> Stamp:
    """Verify a timestamp under whichever authority's pins fit; raise what is wrong with it.

    Raises K37 when none of them signed it.
    """
    found = TimestampError("K37", "no pinned certificate signed the timestamp")
    for one in pins:
        if is_of(one, timestamp):
            try:
                return verify_timestamp(one, data, timestamp)
            except TimestampError as fault:  # Another may have a certificate of the same name and number.
                found = fault
    raise found


@dataclass(frozen=True, slots=True)
class _Read:
    """A timestamp taken apart, unverified. `named` are issuer and number of the certificates that signed."""

    response: TimeStampResponse
    algorithm: ObjectIdentifier
    message: bytes
    made: datetime
    accuracy: timedelta
    nonce: int | None
    named: frozenset[tuple[Name, int]]

    def is_by(self, certificate: Certificate) -> bool:
        """Say whether it claims to be signed by just this certificate."""
        return self.named == {(certificate.issuer, certificate.serial_number)}


def _read(timestamp: bytes) -> _Read:
    """Take a timestamp apart; raise K35 when it is none, K36 when there is a refusal in its place."""
    if len(timestamp) > LARGEST_TIMESTAMP_BYTES:
        raise TimestampError("K35", "not a timestamp", expected=f"{LARGEST_TIMESTAMP_BYTES} bytes at most")
    try:
        response = decode_timestamp_response(timestamp)
        if response.status != PKIStatus.GRANTED:
            raise TimestampError("K36", "the authority gave no timestamp", found=f"status {response.status}")
        info = response.tst_info
        return _Read(
            response,
            info.message_imprint.hash_algorithm,
            info.message_imprint.message,
            info.gen_time.astimezone(UTC),
            _accuracy(info.accuracy),
            info.nonce,
            frozenset((one.issuer, one.serial_number) for one in response.signed_data.signer_infos),
        )
    except TimestampError:
        raise
    except Exception:  # What is malformed deep inside comes out as whatever the part that reads it raises.
        raise TimestampError("K35", "not a timestamp, or a damaged one", expected="RFC 3161") from None


def _accuracy(found: Accuracy | None) -> timedelta:
    """Return how far the true time may be from the one in the timestamp; nothing said means nothing added."""
    if found is None:
        return timedelta()
    return timedelta(
        seconds=found.seconds or 0, milliseconds=found.millis or 0, microseconds=found.micros or 0
    )
