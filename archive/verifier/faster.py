"""Checking signatures by the library `cryptography` where it is installed: about seven times as fast.

What it accepts is what `archive.ed25519` accepts. ML-DSA-44 is checked only with it.
"""

from dataclasses import dataclass, field
from typing import Any

from archive import ed25519
from archive.audit_start import Checks
from archive.ed25519_tables import Tables
from archive.errors import CustodyError

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

    _PRESENT = True
except ImportError:
    _PRESENT = False


def checks(*, plain: bool = False) -> Checks:
    """Return the fastest way of checking that is here; `plain` is the slow one, in Python alone."""
    if plain or not _PRESENT:
        return Checks(Tables().verify, None)
    return Checks(_Ed25519().check, _check_mldsa44)


@dataclass(slots=True)
class _Ed25519:
    """Checks Ed25519 signatures; keys that were seen are kept, as a log has few."""

    _keys: dict[bytes, Any] = field(default_factory=dict)

    def check(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Check a signature (C18, C19)."""
        key = self._keys.get(public)
        if key is None:
            # OpenSSL takes keys of small order and of other spellings; we do not.
            ed25519.decode_key(public)
            key = self._keys[public] = Ed25519PublicKey.from_public_bytes(public)
        try:
            key.verify(signature, message)
        except (InvalidSignature, ValueError):
            raise CustodyError("C19", "Ed25519 signature does not verify") from None


def _check_mldsa44(public: bytes, message: bytes, signature: bytes) -> None:
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        raise CustodyError("C19", "ML-DSA-44 signature does not verify") from None
