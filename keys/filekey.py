"""The key of one age file, and everything that is derived from it."""

import hmac
from dataclasses import dataclass

from archive.digests import Digest
from archive.errors import KeysError
from archive.ids import Random
from keys import wrapping
from keys.secrecy import Secret


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FileKey(Secret):
    """16 random bytes, used for one file only."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != wrapping.FILE_KEY_BYTES:
            raise KeysError("K18", "not a file key", expected="16 bytes", found=len(self.raw))

    @classmethod
    def generate(cls, random: Random) -> "FileKey":
        """Make the key of a new file."""
        return cls(random(wrapping.FILE_KEY_BYTES))

    @property
    def commitment(self) -> Digest:
        """What the log holds of this key: age's own encryption does not commit to it."""
        return Digest(wrapping.hkdf(self.raw, salt=b"", info=b"sviedka/file-key").hex())

    def header_mac(self, covered: bytes) -> bytes:
        """Authenticate a header up to and including its `---`."""
        return hmac.digest(wrapping.hkdf(self.raw, salt=b"", info=b"header"), covered, "sha256")

    def payload_key(self, nonce: bytes) -> bytes:
        """Derive the key under which the body's chunks are sealed."""
        return wrapping.hkdf(self.raw, salt=nonce, info=b"payload")
