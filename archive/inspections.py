"""How an auditor asks from outside: each request signed by the key of her inspection.

`Authorization: Sviedka KEY TIME NONCE SIGNATURE`: the inspection's Ed25519 public key, POSIX seconds, 16
random bytes, and the signature over origin, method, path, time and nonce; all but the time in base64. Whose
inspection the key is, only the log says. Nothing secret is in it, and nothing of it is in an address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from archive.codec import b64, unb64, undecimal
from archive.errors import AccessError, IntakeError

SCHEME: Final = "Sviedka"
NONCE_BYTES: Final = 16
#: How far the clock of who asks may be off. So long a request could be sent again, and is remembered.
WINDOW_SECONDS: Final = 120

_PREFIX: Final = b"sviedka/request/v1\n"
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request's signature taken apart, unverified."""

    key: bytes
    time: int
    nonce: bytes
    signature: bytes


def request_message(origin: str, method: str, path: str, *, time: int, nonce: bytes) -> bytes:
    """Return the bytes that a request's signature covers; `path` is that below the archive's address."""
    return _PREFIX + f"{origin}\n{method}\n{path}\n{time}\n{b64(nonce)}\n".encode()


def sign_request(
    origin: str,
    method: str,
    path: str,
    *,
    key: bytes,
    sign: Callable[[bytes], bytes],
    time: int,
    nonce: bytes,
) -> str:
    """Return the value of the header; `key` is the public half of what `sign` signs with."""
    signature = sign(request_message(origin, method, path, time=time, nonce=nonce))
    return f"{SCHEME} {b64(key)} {time} {b64(nonce)} {b64(signature)}"


def parse_request(header: str) -> SignedRequest:
    """Read the header's value; raise A67 for anything else. Nothing is verified here."""
    words = header.split(" ") if len(header) <= _LONGEST else []
    try:
        scheme, key, time, nonce, signature = words
        found = SignedRequest(unb64(key), undecimal(time), unb64(nonce), unb64(signature))
    except (ValueError, IntakeError):
        raise AccessError("A67", "the request is not signed as an inspection's are") from None
    sizes = (len(found.key), len(found.nonce), len(found.signature))
    if scheme != SCHEME or sizes != (32, NONCE_BYTES, 64):
        raise AccessError("A67", "the request is not signed as an inspection's are")
    return found
