"""A cosigner's key: one name, and under it an Ed25519 and an ML-DSA-44 key. It signs and opens nothing.

The name is kept with the key, because an Ed25519 cosignature does not state it: one key, one name
(c2sp.org/tlog-cosignature@v1). At rest it is an owner-only file, or an age file to a passphrase.
"""

import os
import re
from dataclasses import dataclass
from typing import Any, Final

from archive.canonical import format_json, parse_json
from archive.codec import b64, unb64
from archive.cosignatures import CosignerSigner
from archive.errors import IntakeError, KeysError
from archive.ids import Random
from archive.vkeys import ED25519_COSIGNATURE, MLDSA44, VKey
from keys.errors import DamagedKey, NoMatch
from keys.identities import PassphraseIdentity
from keys.passphrases import normalise
from keys.recipients import PassphraseRecipient
from keys.sealing import open_, seal, split
from keys.secrecy import Secret
from keys.signing import LogKey

_NAME: Final = re.compile(r"[!-*,-~]{1,255}")
_SEALED: Final = b"age-encryption.org/"
_FIELDS: Final = frozenset({"kind", "v", "name", "ed25519", "mldsa44"})


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CosignerKey(Secret):
    """A cosigner's name and both its keys (K44 for a name that no cosignature could carry)."""

    name: str
    pair: LogKey

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise KeysError(
                "K44", "not a name for a cosigner", expected="1 to 255 ASCII characters, no space or plus"
            )

    @classmethod
    def generate(cls, name: str, random: Random = os.urandom) -> "CosignerKey":
        """Make a new key."""
        return cls(name, LogKey.generate(random))

    @property
    def vkeys(self) -> tuple[VKey, VKey]:
        """The public keys: Ed25519, ML-DSA-44."""
        return (
            VKey.of(self.name, ED25519_COSIGNATURE, self.pair.ed25519_public),
            VKey.of(self.name, MLDSA44, self.pair.mldsa44_public),
        )

    def signer(self) -> CosignerSigner:
        """Return what `archive.cosignatures.cosign` signs with."""
        return CosignerSigner(*self.vkeys, self.pair.sign_ed25519, self.pair.sign_mldsa44)


def format_cosigner_key(
    key: CosignerKey, passphrase: str | None, *, log_n: int, random: Random = os.urandom
) -> bytes:
    """Return the key as it is kept: sealed to a passphrase, or, for an owner-only file, in clear."""
    plain = format_json(
        {
            "kind": "cosigner-key",
            "v": 1,
            "name": key.name,
            "ed25519": b64(key.pair.ed25519_seed),
            "mldsa44": b64(key.pair.mldsa44_seed),
        }
    )
    if passphrase is None:
        return plain
    sealed = seal(plain, [PassphraseRecipient(normalise(passphrase), log_n)], random=random)
    return sealed.header + sealed.body


def needs_passphrase(data: bytes) -> bool:
    """Say whether a key file is sealed."""
    return data.startswith(_SEALED)


def parse_cosigner_key(data: bytes, passphrase: str | None, *, log_n: int) -> CosignerKey:
    """Open a key file: K42 where it is sealed and no passphrase given, K43 for a wrong one, K41 damage."""
    if needs_passphrase(data):
        if passphrase is None:
            raise KeysError("K42", "the cosigner's key is sealed to a passphrase")
        data = _opened(data, passphrase, log_n)
    try:
        value: Any = parse_json(data)
        shaped = isinstance(value, dict) and value.keys() == _FIELDS and value["v"] is not True
        if not shaped or (value["kind"], value["v"]) != ("cosigner-key", 1):
            raise DamagedKey("K41", "not a cosigner's key of version 1")
        return CosignerKey(value["name"], LogKey(unb64(value["ed25519"]), unb64(value["mldsa44"])))
    except DamagedKey:
        raise
    except (IntakeError, KeysError, TypeError):
        raise DamagedKey("K41", "the cosigner's key is damaged") from None


def _opened(data: bytes, passphrase: str, log_n: int) -> bytes:
    identity = PassphraseIdentity(normalise(passphrase), most_log_n=log_n, least_log_n=log_n)
    try:
        return open_(*split(data), identity, commitment=None)
    except NoMatch:
        raise KeysError("K43", "this passphrase does not open the cosigner's key") from None
    except KeysError as fault:
        raise DamagedKey("K41", f"the cosigner's key is damaged ({fault.code})") from None
