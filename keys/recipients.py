"""Those to whom files are sealed: the public halves, and the passphrase that stands for one.

`wrap` takes randomness as an argument; only for the hybrid's encapsulation OpenSSL draws its own.
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import ClassVar

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from archive.errors import KeysError
from archive.ids import Random
from keys import bech32, wrapping
from keys.secrecy import Secret
from keys.stanzas import Stanza, b64_unpadded


class Strength(Enum):
    """Recipients of one file must be of one strength: the weakest stanza decides what the file is worth."""

    POST_QUANTUM = "post-quantum"
    CLASSIC = "classic"
    PASSPHRASE = "passphrase"  # noqa: S105 (a kind, not a secret)


@lru_cache(1024)
def _written(raw: bytes) -> str:
    """Write a public recipient; the same few are compared with the log again and again."""
    return bech32.encode("age1pq", raw)


@dataclass(frozen=True, slots=True, repr=False)
class Recipient:
    """A post-quantum hybrid recipient, `age1pq1…`: ML-KEM-768 and X25519 public keys, 1216 bytes."""

    raw: bytes

    strength: ClassVar = Strength.POST_QUANTUM

    def __post_init__(self) -> None:
        self._public_key()

    @classmethod
    def parse(cls, text: str) -> "Recipient":
        """Parse `age1pq1…` (raises K18)."""
        return cls(bech32.decode("age1pq", text))

    @property
    def text(self) -> str:
        """The recipient as age writes it, 1959 characters."""
        return _written(self.raw)

    def __repr__(self) -> str:
        return f"Recipient({self.text[:16]}…)"

    def wrap(self, file_key: bytes, random: Random) -> Stanza:  # noqa: ARG002 (OpenSSL draws its own)
        """Wrap a file key for this recipient."""
        sealed = wrapping.hybrid_suite().encrypt(file_key, self._public_key(), info=wrapping.HYBRID_INFO)
        share, body = sealed[: wrapping.ENCAPSULATION_BYTES], sealed[wrapping.ENCAPSULATION_BYTES :]
        return Stanza(wrapping.HYBRID, (b64_unpadded(share),), body)

    def _public_key(self) -> hpke.MLKEM768X25519PublicKey:
        split = wrapping.MLKEM_PUBLIC_BYTES
        try:
            return hpke.MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(self.raw[:split]),
                X25519PublicKey.from_public_bytes(self.raw[split:]),
            )
        except ValueError:
            raise KeysError("K18", "not a post-quantum recipient", expected="1216 valid bytes") from None


@dataclass(frozen=True, slots=True, repr=False)
class X25519Recipient:
    """A classic recipient, `age1…`, as tools outside use it."""

    raw: bytes

    strength: ClassVar = Strength.CLASSIC

    def __post_init__(self) -> None:
        if len(self.raw) != wrapping.POINT_BYTES:
            raise KeysError("K18", "not an X25519 recipient", expected="32 bytes", found=len(self.raw))

    @classmethod
    def parse(cls, text: str) -> "X25519Recipient":
        """Parse `age1…` (raises K18)."""
        return cls(bech32.decode("age", text))

    @property
    def text(self) -> str:
        """The recipient as age writes it, 62 characters."""
        return bech32.encode("age", self.raw)

    def __repr__(self) -> str:
        return f"X25519Recipient({self.text})"

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """Wrap a file key for this recipient."""
        ephemeral = X25519PrivateKey.from_private_bytes(random(wrapping.POINT_BYTES))
        share = ephemeral.public_key().public_bytes_raw()
        try:
            shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.raw))
        except ValueError:  # the all-zero shared secret of a low-order point
            raise KeysError("K18", "not an X25519 recipient: a point of low order") from None
        body = wrapping.wrap(wrapping.x25519_wrap_key(shared, share, self.raw), file_key)
        return Stanza(wrapping.X25519, (b64_unpadded(share),), body)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PassphraseRecipient(Secret):
    """Whoever knows a passphrase. Sealing, like opening, takes 2**log_n KiB of memory."""

    passphrase: str
    log_n: int

    strength: ClassVar = Strength.PASSPHRASE

    def __post_init__(self) -> None:
        if not 1 <= self.log_n <= wrapping.SCRYPT_MOST_LOG_N:
            raise KeysError(
                "K19", "scrypt work factor", expected=f"1 to {wrapping.SCRYPT_MOST_LOG_N}", found=self.log_n
            )

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """Wrap a file key under the passphrase as it stands: normalising it is the caller's."""
        salt = random(wrapping.SCRYPT_SALT_BYTES)
        key = wrapping.scrypt_wrap_key(self.passphrase, salt, self.log_n)
        return Stanza(wrapping.SCRYPT, (b64_unpadded(salt), str(self.log_n)), wrapping.wrap(key, file_key))


AnyRecipient = Recipient | X25519Recipient | PassphraseRecipient
