"""Digests and commitments.

A plain digest of plaintext is never public: whoever holds a candidate file could confirm that we hold it.
What is public is the digest of sealed bytes, or a commitment: a salted digest that only its salt opens.
"""

import hashlib
import hmac

from archive.errors import IntakeError

SALT_BYTES = 32


class Digest(str):
    """A SHA-256 digest as 64 lower-case hexadecimal characters (raises I04)."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Digest":
        # Where only digits of one spelling stand, none is left. Digests are read by the hundred thousand.
        if len(text) != 64 or text.strip("0123456789abcdef"):
            raise IntakeError("I04", "not a SHA-256 digest", expected="64 characters", found=f"{len(text)}")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, data: bytes) -> "Digest":
        """Digest `data`."""
        return cls(hashlib.sha256(data).hexdigest())

    @property
    def raw(self) -> bytes:
        """The 32 bytes themselves."""
        return bytes.fromhex(self)


def field_salt(master: bytes, label: str) -> bytes:
    """Derive the salt of one field, so that one field can be opened without the others."""
    if len(master) != SALT_BYTES:
        raise IntakeError("I04", "salt has the wrong length", expected=SALT_BYTES, found=len(master))
    return hmac.digest(master, b"sviedka/salt\x00" + label.encode(), "sha256")


def commit(salt: bytes, label: str, value: bytes) -> Digest:
    """Commit to `value` under `label`: HMAC-SHA-256(salt, label || 0x00 || value). `salt` is 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise IntakeError("I04", "salt has the wrong length", expected=SALT_BYTES, found=len(salt))
    return Digest(hmac.digest(salt, label.encode() + b"\x00" + value, "sha256").hex())
