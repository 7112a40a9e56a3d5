"""Codes of words of packs: what they open, and under which tag they are found.

A pack lies about in the open, so nothing in it may tell a guessed code from a wrong one for less than what
opening costs: the tag, like the key of the age file that the code opens, is made with scrypt.
"""

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from archive.digests import Digest
from keys.keyfile import LOG_N
from keys.passphrases import normalise

_PREFIX = b"sviedka/pack-code\n"


def code_tag(code: str, origin: str, *, log_n: int = LOG_N) -> Digest:
    """Return the tag of a code in the archive of a log's origin; takes 2**log_n KiB of memory."""
    scrypt = Scrypt(_PREFIX + origin.encode(), 32, 1 << log_n, 8, 1)
    return Digest(scrypt.derive(normalise(code).encode()).hex())
