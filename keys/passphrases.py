"""Passphrases: generated ones, own ones, and the one normal form in which all of them are used.

Generated ones are words of our own lists, `keys/words/*.txt`: 2048 in each language, in code point order,
told apart by their first four letters, no two a single letter apart. No word stands in both the Belarusian
and the Russian list, and none has an apostrophe, ё or ў, so that any phone's keyboard is enough, save for і.

The normal form is for people who type on foreign keyboards and telephones: Unicode compatibility caseless
form (NFKC, case folded), every apostrophe the ASCII one, words parted by single spaces, nothing around
them. In a word with Cyrillic letters, Latin ones of the same look become Cyrillic (і is often typed as i),
ё becomes е and ў becomes у. Making and opening a key file both use it, so it is also what a stock age
implementation must be given; what `generate` returns is in this form already.
"""

import os
import re
import unicodedata
from importlib.resources import files

from archive.errors import KeysError
from archive.ids import Random

LANGUAGES = ("be", "ru", "en")
WORDS = 6
SHORTEST_OWN = 15
LONGEST = 1024

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u02b9\u00b4\u0060\u2032", "'"))
_LOOKALIKES = str.maketrans("aceiopxy", "асеіорху")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_YO_AND_SHORT_U = re.compile("(?<=\u0435)\u0308+|(?<=\u0443)\u0306+")


def words(language: str) -> tuple[str, ...]:
    """Return the 2048 words of a language, in the order of the list (raises K32)."""
    if language not in LANGUAGES:
        raise KeysError("K32", "no list of words in this language", expected=", ".join(LANGUAGES))
    return tuple(files("keys").joinpath("words", f"{language}.txt").read_text(encoding="utf-8").split())


def generate(random: Random = os.urandom, language: str = "en") -> str:
    """Return six words, each drawn uniformly from 2048: 66 bits, behind scrypt (raises K32)."""
    known = words(language)
    # 2048 divides 65536, so the remainder is uniform.
    return " ".join(known[int.from_bytes(random(2), "big") % len(known)] for _ in range(WORDS))


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
    return " ".join(_fold_cyrillic(word) for word in folded.translate(_APOSTROPHES).split())


def _fold_cyrillic(word: str) -> str:
    """Write a word with Cyrillic letters in Cyrillic throughout, without ё and ў; leave other words alone."""
    if not _CYRILLIC.search(word):
        return word
    # Decomposed, so that i with two dots and e with two dots are looked at letter by letter too.
    apart = unicodedata.normalize("NFKD", word).translate(_LOOKALIKES)
    return unicodedata.normalize("NFKC", _YO_AND_SHORT_U.sub("", apart))


def check_own(passphrase: str) -> str:
    """Return the normal form of a passphrase somebody made up; refuse a short one (K23)."""
    normal = normalise(passphrase)
    if len(normal) < SHORTEST_OWN:
        raise KeysError(
            "K23", "passphrase is too short", expected=f"{SHORTEST_OWN} characters", found=len(normal)
        )
    return normal
