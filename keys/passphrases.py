"""Passphrases: generated ones, own ones, and the one normal form in which all of them are used.

The normal form is for people who type on foreign keyboards and telephones: Unicode compatibility caseless
form (NFKC, case folded), every apostrophe the ASCII one, words parted by single spaces, nothing around
them. Making and opening a key file both use it, so it is also what a stock age implementation must be
given: lower case, single spaces.
"""

import os
import unicodedata

from shamir_mnemonic.wordlist import WORDLIST

from archive.errors import KeysError
from archive.ids import Random

WORDS = 6
SHORTEST_OWN = 15
LONGEST = 1024

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u02b9\u00b4\u0060\u2032", "'"))


def generate(random: Random = os.urandom) -> str:
    """Return six words, each drawn uniformly from 1024: 60 bits, behind scrypt."""
    # 1024 divides 65536, so the remainder is uniform.
    return " ".join(WORDLIST[int.from_bytes(random(2), "big") % len(WORDLIST)] for _ in range(WORDS))


def normalise(passphrase: str) -> str:
    """Return the normal form; refuse what has none (K29, K30)."""
    if len(passphrase) > LONGEST:
        raise KeysError("K29", "passphrase is too long", expected=f"at most {LONGEST} characters")
    if any(unicodedata.category(char) == "Cs" for char in passphrase):
        raise KeysError("K30", "passphrase is not text")
    folded = passphrase.translate(_APOSTROPHES)
    # The Unicode standard's D146 asks for this order; folding can undo a normalisation, and the reverse.
    for _ in range(2):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", folded).casefold())
    return " ".join(folded.translate(_APOSTROPHES).split())


def check_own(passphrase: str) -> str:
    """Return the normal form of a passphrase somebody made up; refuse a short one (K23)."""
    normal = normalise(passphrase)
    if len(normal) < SHORTEST_OWN:
        raise KeysError(
            "K23", "passphrase is too short", expected=f"{SHORTEST_OWN} characters", found=len(normal)
        )
    return normal
