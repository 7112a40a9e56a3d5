"""Random identifiers: 128 bits, written as 26 characters of lower-case base32 without padding."""

import base64
import os
from collections.abc import Callable

from archive.errors import IntakeError

ID_CHARS = 26
_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz234567")

Random = Callable[[int], bytes]


class Id(str):
    """One identifier; constructing it checks length, alphabet and that unused bits are zero (raises I01)."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Id":
        if len(text) != ID_CHARS or not _ALPHABET.issuperset(text) or text[-1] not in "aeimquy4":
            raise IntakeError(
                "I01",
                "not an identifier",
                expected="26 characters of base32",
                found=f"{len(text)} characters",
            )
        return super().__new__(cls, text)


def new_id(random: Random = os.urandom) -> Id:
    """Make a new identifier from 16 random bytes."""
    return Id(base64.b32encode(random(16)).decode().rstrip("=").lower())
