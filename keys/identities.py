"""Those who open: the secret halves of recipients, and passphrases.

`unwrap` returns the file key, or None where no stanza is meant for this identity ("try the next"), and
raises K12 where one is meant for it and is malformed. What it returns is believed only after the header's
MAC, which is `keys.sealing`'s part.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from archive.errors import KeysError
from archive.ids import Random
from keys import bech32, wrapping
from keys.errors import HeaderError
from keys.recipients import Recipient, X25519Recipient
from keys.secrecy import Secret
from keys.stanzas import Stanza

SEED_BYTES = 32
_MLKEM_SEED_BYTES = 64
_WORK_FACTOR = re.compile(r"[1-9][0-9]*", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Identity(Secret):
    """A post-quantum hybrid identity, `AGE-SECRET-KEY-PQ-1…`, made from a seed of 32 bytes.

    The expanded key is kept: making it costs as much as opening two headers.
    """

    seed: bytes
    recipient: Recipient = field(init=False)
    _classic: X25519PrivateKey = field(init=False)
    _hybrid: hpke.MLKEM768X25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise KeysError("K18", "not an identity", expected="32 bytes", found=len(self.seed))
        # expandKey of the HPKE-PQ draft: d and z of ML-KEM-768, then the X25519 scalar.
        full = hashlib.shake_256(self.seed).digest(_MLKEM_SEED_BYTES + wrapping.POINT_BYTES)
        lattice = MLKEM768PrivateKey.from_seed_bytes(full[:_MLKEM_SEED_BYTES])
        classic = X25519PrivateKey.from_private_bytes(full[_MLKEM_SEED_BYTES:])
        public = lattice.public_key().public_bytes_raw() + classic.public_key().public_bytes_raw()
        object.__setattr__(self, "recipient", Recipient(public))
        object.__setattr__(self, "_classic", classic)
        object.__setattr__(self, "_hybrid", hpke.MLKEM768X25519PrivateKey(lattice, classic))

    @classmethod
    def generate(cls, random: Random = os.urandom) -> "Identity":
        """Make a new identity."""
        return cls(random(SEED_BYTES))

    @classmethod
    def parse(cls, text: str) -> "Identity":
        """Parse `AGE-SECRET-KEY-PQ-1…` (raises K18)."""
        return cls(bech32.decode("AGE-SECRET-KEY-PQ-", text))

    @property
    def text(self) -> str:
        """The identity as age writes it: the secret itself."""
        return bech32.encode("AGE-SECRET-KEY-PQ-", self.seed)

    def unwrap(self, stanzas: Iterable[Stanza]) -> bytes | None:
        """Return the file key of the first stanza that this identity opens."""
        mine = (self._open(stanza) for stanza in stanzas if stanza.kind == wrapping.HYBRID)
        return next((key for key in mine if key is not None), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        (argument,) = wrapping.arguments_of(stanza, 1)
        share = wrapping.fixed_bytes(argument, wrapping.ENCAPSULATION_BYTES)
        try:
            return wrapping.hybrid_suite().decrypt(
                share + stanza.body, self._hybrid, info=wrapping.HYBRID_INFO
            )
        except InvalidTag:
            # HPKE says the same of a foreign stanza and of a low-order point; the second is a malformed file.
            _exchange(self._classic, share[wrapping.MLKEM_CIPHERTEXT_BYTES :])
            return None


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class X25519Identity(Secret):
    """A classic identity, `AGE-SECRET-KEY-1…`."""

    seed: bytes
    recipient: X25519Recipient = field(init=False)
    _key: X25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise KeysError("K18", "not an identity", expected="32 bytes", found=len(self.seed))
        key = X25519PrivateKey.from_private_bytes(self.seed)
        object.__setattr__(self, "recipient", X25519Recipient(key.public_key().public_bytes_raw()))
        object.__setattr__(self, "_key", key)

    @classmethod
    def generate(cls, random: Random = os.urandom) -> "X25519Identity":
        """Make a new identity."""
        return cls(random(SEED_BYTES))

    @classmethod
    def parse(cls, text: str) -> "X25519Identity":
        """Parse `AGE-SECRET-KEY-1…` (raises K18)."""
        return cls(bech32.decode("AGE-SECRET-KEY-", text))

    @property
    def text(self) -> str:
        """The identity as age writes it: the secret itself."""
        return bech32.encode("AGE-SECRET-KEY-", self.seed)

    def unwrap(self, stanzas: Iterable[Stanza]) -> bytes | None:
        """Return the file key of the first stanza that this identity opens."""
        mine = (self._open(stanza) for stanza in stanzas if stanza.kind == wrapping.X25519)
        return next((key for key in mine if key is not None), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        (argument,) = wrapping.arguments_of(stanza, 1)
        share = wrapping.fixed_bytes(argument, wrapping.POINT_BYTES)
        shared = _exchange(self._key, share)
        return wrapping.unwrap(wrapping.x25519_wrap_key(shared, share, self.recipient.raw), stanza.body)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PassphraseIdentity(Secret):
    """A passphrase, and the work factors its owner is ready to spend on a file (K19 for any other).

    A stranger's file chooses the work factor, so the cap is the caller's to give; 22 takes 4 GiB.
    """

    passphrase: str
    most_log_n: int
    least_log_n: int = 1

    def unwrap(self, stanzas: Iterable[Stanza]) -> bytes | None:
        """Return the file key where the passphrase opens the scrypt stanza."""
        mine = (self._open(stanza) for stanza in stanzas if stanza.kind == wrapping.SCRYPT)
        return next((key for key in mine if key is not None), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        salt_text, factor = wrapping.arguments_of(stanza, 2)
        salt = wrapping.fixed_bytes(salt_text, wrapping.SCRYPT_SALT_BYTES)
        if not _WORK_FACTOR.fullmatch(factor):
            raise HeaderError("K12", "scrypt work factor is not a canonical number")
        # Compared by length first: int() of a number as long as a header is slow.
        log_n = int(factor) if len(factor) <= 2 else wrapping.SCRYPT_MOST_LOG_N + 1
        if not self.least_log_n <= log_n <= min(self.most_log_n, wrapping.SCRYPT_MOST_LOG_N):
            raise HeaderError(
                "K19", "scrypt work factor", expected=f"{self.least_log_n} to {self.most_log_n}"
            )
        return wrapping.unwrap(wrapping.scrypt_wrap_key(self.passphrase, salt, log_n), stanza.body)


AnyIdentity = Identity | X25519Identity | PassphraseIdentity


def _exchange(key: X25519PrivateKey, share: bytes) -> bytes:
    try:
        return key.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:
        raise HeaderError("K12", "stanza holds a point of low order") from None
