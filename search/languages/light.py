"""A light stemmer: endings off, then the sound changes of the stem's last letters undone.

It knows no words. The same steps serve Belarusian, Ukrainian and Polish; what differs is data
(`Morphology`). Every step applies to all forms alike, so that it may be wrong about a word and still be
wrong in one way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

SHORTEST_WORD = 4
SHORTEST_STEM = 3
_LONGEST_ENDING = 8


@dataclass(frozen=True, slots=True)
class Morphology:
    """What the steps need to know of one language."""

    vowels: str
    endings: frozenset[str]
    reflexive: tuple[tuple[str, str], ...]
    softening: str  # endings that begin so have softened the consonant before them
    softened: tuple[tuple[str, str], ...]  # what that consonant was
    shifted: tuple[tuple[str, str], ...]  # last consonants that change in some forms, whatever follows
    past: tuple[str, ...]  # what is left of a past tense, or of a noun that looks like one
    fleeting_vowels: str
    fleeting_before: str
    letters: Mapping[int, int]  # spellings that mean the same within a stem
    first_letters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LightStemmer:
    """Cuts normalised words of one language."""

    rules: Morphology

    def stem(self, word: str) -> str:
        """Return the stem of a normalised word. Source of the steps: the grammars' tables of endings."""
        rules = self.rules
        word = rules.first_letters.get(word[:1], word[:1]) + word[1:].replace("\u02bc", "")
        if len(word) < SHORTEST_WORD:
            return word.translate(rules.letters)
        stem, ending = self._cut(self._without_reflexive(word))
        if stem[-1] in "ьй" and len(stem) > SHORTEST_STEM:
            stem, ending = stem[:-1], "ь" + ending
        stem = self._single(stem.replace("ь", ""))
        stem = self._without_past(stem)
        stem = self._unshifted(stem, ending)
        return self._without_fleeting(stem).translate(rules.letters)

    def _without_reflexive(self, word: str) -> str:
        for suffix, instead in self.rules.reflexive:
            if word.endswith(suffix) and len(word) - len(suffix) > SHORTEST_STEM:
                return word[: -len(suffix)] + instead
        return word

    def _cut(self, word: str) -> tuple[str, str]:
        """Take the longest known ending off, if a stem with a vowel is left."""
        for length in range(min(_LONGEST_ENDING, len(word) - SHORTEST_STEM), 0, -1):
            stem, ending = word[:-length], word[-length:]
            if ending in self.rules.endings and self._has_vowel(stem):
                return stem, ending
        return word, ""

    def _has_vowel(self, stem: str) -> bool:
        return any(letter in self.rules.vowels for letter in stem)

    def _single(self, stem: str) -> str:
        """Undo the doubling of a last consonant (жыццё, соллю, суддзя)."""
        if len(stem) <= SHORTEST_STEM:
            return stem
        if stem.endswith("ддз"):
            return stem[:-3] + "дз"
        return stem[:-1] if stem[-1] == stem[-2] else stem

    def _without_past(self, stem: str) -> str:
        for suffix in self.rules.past:
            rest = stem[: -len(suffix)]
            if stem.endswith(suffix) and len(rest) >= SHORTEST_STEM and self._has_vowel(rest):
                return rest
        return stem

    def _unshifted(self, stem: str, ending: str) -> str:
        softened = self.rules.softened if ending and ending[0] in self.rules.softening else ()
        for changed, plain in (*softened, *self.rules.shifted):
            if stem.endswith(changed) and len(stem) > len(changed) + 1:
                return stem[: -len(changed)] + plain
        return stem

    def _without_fleeting(self, stem: str) -> str:
        """Drop a vowel that comes and goes before the last consonant (пачатак, пачатку)."""
        rules = self.rules
        if (
            len(stem) >= SHORTEST_STEM + 2
            and stem[-1] in rules.fleeting_before
            and stem[-2] in rules.fleeting_vowels
            and stem[-3] not in rules.vowels
        ):
            return stem[:-2] + stem[-1]
        return stem


def joined(themes: str, endings: str) -> frozenset[str]:
    """Return every theme with every ending, both listed with spaces between."""
    return frozenset(theme + ending for theme, ending in product(themes.split(), endings.split()))
