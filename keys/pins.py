"""The pinned certificates of an authority for timestamps: all that is believed when one is verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    ExtendedKeyUsage,
    ExtensionNotFound,
    load_pem_x509_certificates,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from archive.digests import Digest
from keys.errors import PinsError

LARGEST_PINS_BYTES: Final = 256 << 10

_MOST_CERTIFICATES: Final = 32


@dataclass(frozen=True, slots=True)
class Pins:
    """The certificates of one authority: those that sign timestamps, and the chains above them."""

    signers: tuple[Certificate, ...]
    intermediates: tuple[Certificate, ...]
    roots: tuple[Certificate, ...]

    @property
    def ends(self) -> datetime:
        """When the last certificate that signs timestamps ends: after that a new one must be pinned."""
        return max(one.not_valid_after_utc for one in self.signers)

    def described(self) -> list["Described"]:
        """Say for people which certificates sign timestamps."""
        return [
            Described(
                one.subject.rfc4514_string(),
                one.not_valid_after_utc,
                Digest.of(one.public_bytes(Encoding.DER)),
            )
            for one in self.signers
        ]


@dataclass(frozen=True, slots=True)
class Described:
    """A certificate for people: whose, until when, and the SHA-256 of it."""

    subject: str
    ends: datetime
    fingerprint: Digest


def parse_pins(data: bytes) -> Pins:
    """Read the certificates of an authority, as PEM; raise K34 unless all of every chain is there.

    That is: certificates that sign timestamps and nothing else (RFC 3161, 2.3), those above them, and the
    roots, which signed themselves.
    """
    certificates = tuple(dict.fromkeys(_certificates(data)))
    authorities = [one for one in certificates if _is_authority(one)]
    signers = tuple(one for one in certificates if not _is_authority(one))
    roots = tuple(one for one in authorities if _issued(one, one))
    intermediates = tuple(one for one in authorities if one not in roots)
    if not signers:
        raise PinsError("K34", "no certificate in the file signs timestamps")
    for signer in signers:
        _check_purpose(signer)
        if not _leads(signer, authorities, roots):
            raise PinsError("K34", "the certificates above one that signs timestamps are not all there")
    return Pins(signers, intermediates, roots)


def format_pins(pins: Pins) -> bytes:
    """Write the certificates as PEM, those that sign timestamps first."""
    ordered = (*pins.signers, *pins.intermediates, *pins.roots)
    return b"".join(one.public_bytes(Encoding.PEM) for one in ordered)


def _certificates(data: bytes) -> Sequence[Certificate]:
    if len(data) > LARGEST_PINS_BYTES:
        raise PinsError("K34", "too many certificates", expected=f"{LARGEST_PINS_BYTES} bytes at most")
    try:
        found = load_pem_x509_certificates(data)
        for one in found:
            one.extensions  # noqa: B018 - read now, so that what is malformed is refused here
    except ValueError:
        raise PinsError("K34", "not certificates", expected="PEM") from None
    if len(found) > _MOST_CERTIFICATES:
        raise PinsError("K34", "too many certificates", expected=_MOST_CERTIFICATES, found=len(found))
    return found


def _is_authority(certificate: Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    except ExtensionNotFound:
        return False


def _check_purpose(certificate: Certificate) -> None:
    """Refuse (K34) a certificate that may sign anything but timestamps (RFC 3161, 2.3)."""
    try:
        found = certificate.extensions.get_extension_for_class(ExtendedKeyUsage)
    except ExtensionNotFound:
        found = None
    if found is None or not found.critical or list(found.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise PinsError(
            "K34", "a certificate is neither an authority's nor for timestamps alone", expected="timeStamping"
        )


def _leads(
    certificate: Certificate, authorities: Sequence[Certificate], roots: Sequence[Certificate]
) -> bool:
    """Say whether a chain of these leads from a certificate to a root."""
    above, left = [certificate], list(authorities)
    for one in above:
        above += (issuers := [other for other in left if _issued(one, other)])
        left = [other for other in left if other not in issuers]
    return any(one in roots for one in above)


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
