"""Browsers that signed in before: they wait in a queue of their own, which strangers cannot crowd.

Such a browser holds a nonce and a code over it and the handle, nothing more: it opens nothing, and does not
say whose it is. The key of the codes follows from the archive's own key, so that it outlives a restart.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final, Self

from archive.access.parts import Archive
from archive.ids import Random
from keys.wrapping import hkdf

NONCE_BYTES: Final = 16
_CODE_BYTES: Final = 32
_CHARS: Final = 4 * (1 + NONCE_BYTES + _CODE_BYTES + 2) // 3
_LASTING, _PASSING = b"\1", b"\0"


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A browser known for one handle; `lasting` if it is to be known after its owner signed out."""

    nonce: bytes
    lasting: bool


@dataclass(frozen=True, slots=True)
class Acquaintances:
    """Writes and recognises what known browsers hold, and names handles to whom they must not be told."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, archive: Archive) -> Self:
        """Derive the key from a signature that the archive's key makes of these words and never publishes."""
        # Ed25519 signs deterministically, so no further secret has to be kept and guarded.
        signature = archive.archive_author.sign(b"sviedka/known-browsers/v1\n")
        return cls(hkdf(signature, salt=archive.archive.encode(), info=b"sviedka/known-browsers"))

    def introduce(self, handle: str, random: Random, *, lasting: bool) -> str:
        """Return what a browser keeps, by which it is known when it signs in with this handle again."""
        known = (_LASTING if lasting else _PASSING) + random(NONCE_BYTES)
        return urlsafe_b64encode(known + self._code(known, handle)).decode().rstrip("=")

    def recognise(self, kept: str, handle: str) -> Acquaintance | None:
        """Return the browser that keeps this, or None where it is a stranger to the handle."""
        known, code = _split(kept)
        if not hmac.compare_digest(code, self._code(known, handle)):
            return None
        return Acquaintance(known[1:], known[:1] == _LASTING)

    def digest(self, subject: bytes) -> bytes:
        """Name a handle or a nonce so that nobody else can work out which it is, or choose one like it."""
        return hmac.digest(self.key, b"subject\0" + subject, "sha256")

    def _code(self, known: bytes, handle: str) -> bytes:
        return hmac.digest(self.key, b"known\0" + known + handle.encode("utf-8", "replace"), "sha256")


def _split(kept: str) -> tuple[bytes, bytes]:
    try:
        data = urlsafe_b64decode(kept[:_CHARS].encode("ascii") + b"==")
    except ValueError:
        data = b""
    return data[: 1 + NONCE_BYTES], data[1 + NONCE_BYTES :]
