"""How a written name sounds, in one alphabet for Cyrillic and Latin spellings.

Spellings that stand for one name in Belarusian, Russian, Ukrainian, Polish, Łacinka, passports and the
press must come out alike, so the alphabet is coarse: a (а о), e (е ё э я), i (и і ы й), u, and b v h (г ґ
х) d (д дз) Z (ж дж) z k l m n p r s t (т ц) f C (ч) S (ш щ). It is a key to compare by, never a
transliteration to show. Schemes covered: BGN/PCGN, ICAO 9303, MVD 2008 and 2010, Łacinka, Polish, and the
English, German and French press.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

VOWELS: Final = "aeiu"
_LONG_ENOUGH: Final = 2


def _table(listed: str) -> Mapping[str, str]:
    pairs = (entry.partition("=")[::2] for entry in listed.split())
    return MappingProxyType(dict(pairs))


def _pattern(table: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)) + "|.")


# ю is "Y" until the end, so that it is not taken for the у that stands for ў or в.
_CYRILLIC: Final = _table(
    "а=a б=b в=v г=h ґ=h ғ=h д=d дз=d е=e ё=e є=e э=e ж=Z җ=Z з=z и=i і=i ї=i й=i ј=i ы=i к=k қ=k л=l м=m"
    " н=n о=a п=p р=r с=s т=t тс=t у=u ў=v ф=f х=h ҳ=h һ=h ц=t ч=C ҷ=Z џ=Z љ=l њ=n ћ=t ђ=Z ш=S"
    " щ=S шч=S ю=Y я=e ъ= ь= йо=e ьо=e"
)
_ENGLISH: Final = _table(
    "a=a b=b c=k ch=C ck=k d=d dz=d dzh=Z dj=Z e=e f=f g=h h=h i=i j=i k=k kh=h l=l m=m n=n o=a p=p ph=f q=k"
    " r=r s=s sch=S sh=S shch=S t=t tch=C tsch=C ts=t tz=t u=u v=v w=v x=ks y=i z=z zh=Z"
    " ia=e ja=e ya=e ie=e je=e ye=e io=e jo=e yo=e iu=Y ju=Y yu=Y ö=e ü=Y æ=e ø=e ə=e ß=s"
)
_SLAVIC: Final = _table(
    "a=a ą=a b=b c=t ć=t č=C ch=h cz=C d=d dz=d dź=d e=e ę=e f=f g=h h=h i=i j=i k=k l=l ł=l m=m n=n o=a p=p"
    " q=k r=r ř=Z rz=Z s=s š=S šč=S sz=S szcz=S t=t u=u ŭ=v v=v w=v x=h y=i z=z ž=Z ż=Z"
    " ia=e ja=e ie=e je=e io=e jo=e iu=Y ju=Y ló=la ě=e"
)
_GERMAN: Final = _table(
    "a=a b=b c=k ch=h ck=k d=d e=e f=f g=h h=h i=i j=i k=k l=l m=m n=n o=a p=p r=r s=s sch=S sh=S schtsch=S"
    " t=t tsch=C tz=t u=u v=v w=v x=ks y=i z=t ja=e je=e jo=e ju=Y ya=e ia=e ie=e io=e iu=Y"
)
_FRENCH: Final = MappingProxyType({**_ENGLISH, "ou": "u", "ch": "S", "gu": "h", "j": "Z"})
_CYRILLIC_LETTERS: Final = re.compile(r"[\u0400-\u052f]")
_KEPT_MARKS: Final = frozenset("čćšžżřŭłąęěźśń")
_TELLS_SLAVIC: Final = re.compile(r"[čćšžżźśńłąęŭřě]|sz|cz")
_TELLS_ENGLISH: Final = re.compile(r"sh|zh|kh|ts")
_TELLS_GERMAN: Final = re.compile(r"sch|tsch")
_TELLS_FRENCH: Final = re.compile(r"ou(?!$)")
_SAID_TWO_WAYS: Final = re.compile(r"c|x|rz")
_BALTIC: Final = re.compile(r"(?<=[^aeius])(?:i?u|[ai])?s$|(?<=e)(?:u|i)s$")
_OBLIQUE: Final = re.compile(r"(?:[aei]m|[ae]h[au]|[aei]mu|[ai]mi|ih)$")


class Sounds:
    """Reads words aloud. Holds the compiled tables; it keeps nothing of what it reads."""

    def __init__(self) -> None:
        self._schemes = {
            name: (table, _pattern(table))
            for name, table in (
                ("cyrillic", _CYRILLIC),
                ("english", _ENGLISH),
                ("slavic", _SLAVIC),
                ("german", _GERMAN),
                ("french", _FRENCH),
            )
        }

    def readings(self, word: str) -> tuple[str, ...]:
        """Return how a normalised word may sound, likeliest first: Latin ch, c and rz have more than one."""
        if _CYRILLIC_LETTERS.search(word):
            return (self._read(word, "cyrillic"),)
        plain = "".join(c if c in _KEPT_MARKS else _without_marks(c) for c in word)
        plain = re.sub(r"(?<=[oe])ff?$", "v", plain)  # Petroff, Petrof
        return tuple(dict.fromkeys(self._read(plain, scheme) for scheme in _latin_schemes(plain)))

    def _read(self, word: str, scheme: str) -> str:
        table, pattern = self._schemes[scheme]
        return _settled(pattern.sub(lambda found: table.get(found[0], _bare(found[0], table)), word))


def _bare(letter: str, table: Mapping[str, str]) -> str:
    return table.get(_without_marks(letter), "")


def _without_marks(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[:1]


def _latin_schemes(word: str) -> tuple[str, ...]:
    if _TELLS_GERMAN.search(word):
        return ("english", "german")
    if _TELLS_SLAVIC.search(word):
        return ("slavic",)
    french = ("french",) if _TELLS_FRENCH.search(word) else ()
    if "ch" in word or (_SAID_TWO_WAYS.search(word) and not _TELLS_ENGLISH.search(word)):
        return ("english", "slavic", *french)
    return ("english", *french)


def _settled(sound: str) -> str:
    """Settle what depends on neighbours: ў written u, glides before vowels, doubled sounds."""
    sound = re.sub(r"(?<=[aei])u(?![aeiu])|^u(?=[^aeiuY])", "v", sound).replace("Y", "u")
    sound = re.sub(r"i+(?=[aeu])", "", sound).replace("dZ", "Z")
    return re.sub(r"(.)\1+", r"\1", sound)


def nominatives(sound: str) -> tuple[str, ...]:
    """Return a sound, and what is left without an ending that holds a consonant.

    Those of the cases (-ым, -ого, -аму) and those that Lithuanian and Latvian give foreign names (-as, -s).
    """
    cuts = (pattern.sub("", sound) for pattern in (_OBLIQUE, _BALTIC))
    return (sound, *(cut for cut in cuts if cut != sound and len(cut) >= _LONG_ENOUGH))


def stem(sound: str) -> str:
    """Return a sound without the vowels it ends in, which cases and genders change."""
    return sound.rstrip(VOWELS) or sound


def skeleton(sound: str) -> str:
    """Return the consonants of a sound, with "A" for a vowel at its start: akanne leaves these alone."""
    consonants = re.sub(r"[aeiu]", "", sound)
    consonants = re.sub(r"(.)\1+", r"\1", consonants)
    return "A" + consonants if sound[:1] in VOWELS and sound else consonants
