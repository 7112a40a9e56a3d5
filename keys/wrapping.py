"""How each kind of stanza wraps a file key (c2sp.org/age, "Native recipient types"): what both sides share.

All primitives come from `cryptography`; none is written here.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from keys.errors import HeaderError
from keys.stanzas import Stanza, unb64_unpadded

FILE_KEY_BYTES = 16
WRAPPED_BYTES = FILE_KEY_BYTES + 16

HYBRID = "mlkem768x25519"
HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
ENCAPSULATION_BYTES = 1120
MLKEM_CIPHERTEXT_BYTES = 1088
MLKEM_PUBLIC_BYTES = 1184

X25519 = "X25519"
POINT_BYTES = 32

SCRYPT = "scrypt"
SCRYPT_SALT_BYTES = 16
SCRYPT_MOST_LOG_N = 22  # 4 GiB; nothing of ours comes near

_ZERO_NONCE = bytes(12)


def hkdf(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """Derive 32 bytes with HKDF-SHA-256."""
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def hybrid_suite() -> hpke.Suite:
    """Return the HPKE suite of the post-quantum hybrid stanza."""
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def x25519_wrap_key(shared: bytes, share: bytes, recipient: bytes) -> bytes:
    """Derive the wrap key of an X25519 stanza."""
    return hkdf(shared, salt=share + recipient, info=b"age-encryption.org/v1/X25519")


def scrypt_wrap_key(passphrase: str, salt: bytes, log_n: int) -> bytes:
    """Derive the wrap key of a scrypt stanza; takes 2**log_n KiB of memory."""
    scrypt = Scrypt(b"age-encryption.org/v1/scrypt" + salt, 32, 1 << log_n, 8, 1)
    return scrypt.derive(passphrase.encode())


def wrap(key: bytes, file_key: bytes) -> bytes:
    """Seal a file key under a wrap key that is used only this once."""
    return ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, file_key, None)


def unwrap(key: bytes, body: bytes) -> bytes | None:
    """Open what `wrap` sealed; None where the wrap key is another one."""
    try:
        return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, body, None)
    except InvalidTag:
        return None


def arguments_of(stanza: Stanza, count: int) -> tuple[str, ...]:
    """Check a stanza's form before any decryption (the partitioning-oracle rule) and return its arguments."""
    if len(stanza.arguments) != count:
        raise HeaderError(
            "K12",
            f"{stanza.kind} stanza has the wrong number of arguments",
            expected=count,
            found=len(stanza.arguments),
        )
    if len(stanza.body) != WRAPPED_BYTES:
        raise HeaderError(
            "K12",
            f"{stanza.kind} stanza has a body of the wrong length",
            expected=WRAPPED_BYTES,
            found=len(stanza.body),
        )
    return stanza.arguments


def fixed_bytes(argument: str, length: int) -> bytes:
    """Decode an argument that must have exactly `length` bytes."""
    data = unb64_unpadded(argument)
    if len(data) != length:
        raise HeaderError(
            "K12", "stanza has an argument of the wrong length", expected=length, found=len(data)
        )
    return data
