"""Signatures: Ed25519 for agents, Ed25519 and ML-DSA-44 for the log. Raw bytes in, raw bytes out.

What is signed, and under which name, is the custody log's to say; nothing here adds a context or a prefix.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from archive.canonical import format_json, parse_json
from archive.codec import b64, unb64
from archive.errors import IntakeError, KeysError
from archive.ids import Random
from keys.errors import DamagedKey, SignatureError
from keys.secrecy import Secret

SEED_BYTES = 32
_FIELD = 2**255 - 19
# The y coordinates of the eight points of small order (their x may have either sign).
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        int.from_bytes(
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
        ),
        int.from_bytes(
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
        ),
    }
)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SigningKey(Secret):
    """An agent's Ed25519 key, made from a seed of 32 bytes (K18)."""

    seed: bytes
    public: bytes = field(init=False)
    _key: Ed25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        _check_seed(self.seed)
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        object.__setattr__(self, "public", key.public_key().public_bytes_raw())
        object.__setattr__(self, "_key", key)

    @classmethod
    def generate(cls, random: Random = os.urandom) -> "SigningKey":
        """Make a new key."""
        return cls(random(SEED_BYTES))

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of an Ed25519 signature."""
        return self._key.sign(message)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LogKey(Secret):
    """The log's two keys, from a seed of 32 bytes each (K18). They sign and open nothing."""

    ed25519_seed: bytes
    mldsa44_seed: bytes
    ed25519_public: bytes = field(init=False)
    mldsa44_public: bytes = field(init=False)
    _ed25519: Ed25519PrivateKey = field(init=False)
    _mldsa44: MLDSA44PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        _check_seed(self.ed25519_seed)
        _check_seed(self.mldsa44_seed)
        ed25519 = Ed25519PrivateKey.from_private_bytes(self.ed25519_seed)
        mldsa44 = MLDSA44PrivateKey.from_seed_bytes(self.mldsa44_seed)
        object.__setattr__(self, "ed25519_public", ed25519.public_key().public_bytes_raw())
        object.__setattr__(self, "mldsa44_public", mldsa44.public_key().public_bytes_raw())
        object.__setattr__(self, "_ed25519", ed25519)
        object.__setattr__(self, "_mldsa44", mldsa44)

    @classmethod
    def generate(cls, random: Random = os.urandom) -> "LogKey":
        """Make a new pair."""
        return cls(random(SEED_BYTES), random(SEED_BYTES))

    def sign_ed25519(self, message: bytes) -> bytes:
        """Return the 64 bytes of an Ed25519 signature."""
        return self._ed25519.sign(message)

    def sign_mldsa44(self, message: bytes) -> bytes:
        """Return the 2420 bytes of an ML-DSA-44 signature (hedged, empty context)."""
        return self._mldsa44.sign(message)


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bytes:
    """Return the message, or raise K20.

    Keys of small order, or in another than their canonical spelling, are refused, as `archive.ed25519` does
    and OpenSSL does not: under such a key one signature fits many messages.
    """
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if y >= _FIELD or y in _SMALL_ORDER:
        raise SignatureError("K20", "Ed25519 public key is weak or not canonical")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SignatureError("K20", "Ed25519 signature does not verify") from None
    return message


def verify_mldsa44(public: bytes, message: bytes, signature: bytes) -> bytes:
    """Return the message, or raise K20."""
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SignatureError("K20", "ML-DSA-44 signature does not verify") from None
    return message


def format_log_key(key: LogKey) -> bytes:
    """Return the log key as canonical JSON: secret, and to be kept in an owner-only file."""
    return format_json(
        {"kind": "log-key", "v": 1, "ed25519": b64(key.ed25519_seed), "mldsa44": b64(key.mldsa44_seed)}
    )


def parse_log_key(data: bytes) -> LogKey:
    """Parse what `format_log_key` wrote (K22)."""
    try:
        value: Any = parse_json(data)
        if not isinstance(value, dict) or value.keys() != {"kind", "v", "ed25519", "mldsa44"}:
            raise DamagedKey("K22", "not a log key")
        if (value["kind"], value["v"]) != ("log-key", 1) or value["v"] is True:
            raise DamagedKey("K22", "not a log key of version 1")
        return LogKey(unb64(value["ed25519"]), unb64(value["mldsa44"]))
    except DamagedKey:
        raise
    except (IntakeError, KeysError, TypeError):
        raise DamagedKey("K22", "log key is damaged") from None


def _check_seed(seed: bytes) -> None:
    if len(seed) != SEED_BYTES:
        raise KeysError("K18", "not a signing key", expected="32 bytes", found=len(seed))
