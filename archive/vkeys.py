"""Verifier keys of signed notes: c2sp.org/signed-note@v1.0.0, "Verifier keys"."""

import hashlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from archive.codec import b64, unb64, unhex
from archive.errors import CustodyError, IntakeError

ED25519: Final = 0x01
ED25519_COSIGNATURE: Final = 0x04
MLDSA44: Final = 0x06

PUBLIC_BYTES = MappingProxyType({ED25519: 32, ED25519_COSIGNATURE: 32, MLDSA44: 1312})
KEY_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class VKey:
    """A named public key; its id is short and only says which key to try (raises C20, C21)."""

    name: str
    key_id: bytes
    type: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        expected = PUBLIC_BYTES.get(self.type)
        if expected is None:
            raise CustodyError("C20", "unknown type of verifier key", found=f"{self.type:#04x}")
        if len(self.public) != expected:
            raise CustodyError("C20", "public key of wrong length", expected=expected, found=len(self.public))
        computed = key_id(self.name, self.type, self.public)
        if self.key_id != computed:
            raise CustodyError(
                "C21", "key id is not of this key", expected=computed.hex(), found=self.key_id.hex()
            )

    @classmethod
    def of(cls, name: str, type: int, public: bytes) -> "VKey":
        """Make the verifier key of a public key."""
        check_name(name)
        return cls(name, key_id(name, type, public), type, public)


def key_id(name: str, type: int, public: bytes) -> bytes:
    """Return SHA-256(name || 0x0A || type || public)[:4]."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([type]) + public).digest()[:KEY_ID_BYTES]


def format_vkey(vkey: VKey) -> str:
    """Write `<name>+<8 hex digits>+<base64 of type || public>`."""
    return f"{vkey.name}+{vkey.key_id.hex()}+{b64(bytes([vkey.type]) + vkey.public)}"


def parse_vkey(text: str) -> VKey:
    """Read a verifier key; raise C20 when it is malformed, C21 when its id is not its key's."""
    # Base64 may itself hold a plus; a name and an id cannot.
    parts = text.split("+", 2)
    try:
        name, short, material = parts[0], unhex(parts[1]), unb64(parts[2])
    except (IndexError, IntakeError):
        raise CustodyError("C20", "malformed verifier key", expected="name+hex+base64") from None
    if not material:
        raise CustodyError("C20", "malformed verifier key", expected="a type and a public key")
    return VKey(name, short, material[0], material[1:])


def check_name(name: str) -> None:
    """Refuse (C20) a key name that is empty or holds a space, a plus or a control character."""
    if not name or "+" in name or any(character.isspace() or character < " " for character in name):
        raise CustodyError("C20", "malformed key name", expected="no spaces, plus or control characters")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise CustodyError("C20", "malformed key name", expected="text that has UTF-8") from None
