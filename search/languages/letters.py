"""One spelling per written word, and the languages that could have written it.

What looks the same must be the same before anything is compared: composed letters (NFC), one apostrophe, no
invisible characters, no stress marks, no Latin letter inside a Cyrillic word or the reverse (one third of the
Cyrillic names in the Official Journal of the EU hold some). Nothing here knows grammar.
"""

import re
import unicodedata
from types import MappingProxyType
from typing import Final

CYRILLIC: Final = ("ru", "be", "uk")
LATIN: Final = ("en", "pl")

APOSTROPHE: Final = "\u02bc"
_APOSTROPHES: Final = "'\u2019\u02bc`\u2018\u00b4\u2032\u201b"
_INVISIBLE: Final = "\u00ad\u034f\u200b\u200c\u200d\u200e\u200f\u2060\ufe0f\ufeff"
_LETTERS: Final = r"[^\W_\u02bc]+"
TOKEN: Final = re.compile(
    rf"{_LETTERS}(?:[{_APOSTROPHES}{_INVISIBLE}\u0300-\u036f]+{_LETTERS})*[\u0300-\u036f]*"
)
# What TOKEN finds where there is nothing but ASCII, in two thirds of the time.
_ASCII_TOKEN: Final = re.compile(r"[0-9A-Za-z]++(?:['`]++[0-9A-Za-z]++)*+")

_ALPHABETS: Final = MappingProxyType(
    {
        "ru": frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя"),
        "be": frozenset("абвгґдеёжзійклмнопрстуўфхцчшыьэюя" + APOSTROPHE),
        "uk": frozenset("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя" + APOSTROPHE),
        "en": frozenset("abcdefghijklmnopqrstuvwxyz" + APOSTROPHE),
        "pl": frozenset("aąbcćdeęfghijklłmnńoóprsśtuwyzźż" + APOSTROPHE),
    }
)
_CYRILLIC_LETTER: Final = re.compile(r"[\u0400-\u052f]")
_LATIN_LETTER: Final = re.compile(r"[A-Za-z\u00c0-\u024f]")

# Pairs that look alike in print; capitals apart from small letters, because B looks like В but b not like в.
_LATIN_LOOKS: Final = "ABCEHIKMOPTXYaceiopxyËëÏïĸjJsS"
_CYRILLIC_LOOKS: Final = "АВСЕНІКМОРТХУасеіорхуЁёЇїкјЈѕЅ"
_TO_CYRILLIC: Final = MappingProxyType(
    {ord(a): b for a, b in zip(_LATIN_LOOKS, _CYRILLIC_LOOKS, strict=True)}
)
_TO_LATIN: Final = MappingProxyType({ord(b): a for a, b in zip(_LATIN_LOOKS, _CYRILLIC_LOOKS, strict=True)})
_PLAIN: Final = MappingProxyType(
    {
        **{ord(c): APOSTROPHE for c in _APOSTROPHES},
        **{ord(c): None for c in _INVISIBLE},
        0x450: "е",
        0x45D: "и",
    }
)


def token_pattern(text: str) -> re.Pattern[str]:
    """Return the fastest pattern that finds in this text the words that `TOKEN` finds."""
    return _ASCII_TOKEN if text.isascii() else TOKEN


def normalise_word(word: str) -> str:
    """Return the one spelling of a token, in small letters.

    NFC comes first, so that й, ў, ё and ї typed as two characters survive the removal of stress marks.
    """
    if word.isascii() and word.isalnum():
        return word.lower()
    word = unicodedata.normalize("NFC", word).translate(_PLAIN)
    word = fold_lookalikes(word).casefold().translate(_PLAIN)
    return "".join(c for c in word if not unicodedata.combining(c)).strip(APOSTROPHE)


def fold_lookalikes(word: str) -> str:
    """Return a word of mixed script in the script of the letters that cannot belong to the other one."""
    if not (_CYRILLIC_LETTER.search(word) and _LATIN_LETTER.search(word)):
        return word
    cyrillic, latin = word.translate(_TO_CYRILLIC), word.translate(_TO_LATIN)
    foreign_in_cyrillic = len(_LATIN_LETTER.findall(cyrillic))
    foreign_in_latin = len(_CYRILLIC_LETTER.findall(latin))
    if foreign_in_cyrillic == foreign_in_latin:
        more_latin = len(_LATIN_LETTER.findall(word)) > len(_CYRILLIC_LETTER.findall(word))
        return latin if more_latin else cyrillic
    return cyrillic if foreign_in_cyrillic < foreign_in_latin else latin


def normalise(text: str) -> str:
    """Return a text with every word in its one spelling; what stands between words is kept."""
    return TOKEN.sub(lambda found: normalise_word(found[0]), text)


def possible_languages(word: str) -> tuple[str, ...]:
    """Return the languages whose letters can write a normalised word; all of its script if none can.

    A word in no script of ours gives nothing: it has no forms to be found by.
    """
    letters = frozenset(c for c in word if not c.isdecimal())
    if not letters:
        return ()
    script: tuple[str, ...]
    if _CYRILLIC_LETTER.search(word):
        script = CYRILLIC
    elif _LATIN_LETTER.search(word):
        script = LATIN
    else:
        return ()
    return tuple(language for language in script if letters <= _ALPHABETS[language]) or script
