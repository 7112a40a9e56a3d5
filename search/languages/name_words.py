"""One word of a name: what it may sound like, whose given name it translates, whose patronymic it is."""

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from search.languages.letters import normalise_word
from search.languages.sounds import Sounds, nominatives, skeleton, stem

_TOKEN = re.compile(r"[^\W\d_]+(?:['’ʼ`‘\u00ad\u0300-\u036f]+[^\W\d_]+)*\.?")
_GLUED = re.compile(r"(?<=[а-яёіў])(?=[А-ЯЁІЎ])")
_PATRONYMIC = re.compile(r"^(.+?)(?:[aeiu]*v(?:iC|n)|(?:in)?iCn?)(?:[aeiu]m?)?$")
_LONGEST_INITIAL = 3
_LONGEST_WORD = 64
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class NameWord:
    """A word of a name.

    `given` are the rows of the table it may be, `father` the rows whose patronymic it may be, `starts` the
    sounds its initial may have in any language.
    """

    text: str
    sounds: tuple[str, ...]
    keys: tuple[str, ...]
    given: frozenset[int]
    father: frozenset[int]
    is_initial: bool
    starts: frozenset[str]


class NameWords:
    """Reads names into words. Holds the table of given names and bounded caches: one object per thread."""

    def __init__(self, *, remembered: int = _REMEMBERED) -> None:
        """Read the table of given names that ships with the package."""
        self._sounds = Sounds()
        self._limit = remembered
        self._words: dict[str, NameWord] = {}
        self._names: dict[str, tuple[NameWord, ...]] = {}
        self._rows: dict[str, set[int]] = {}
        self._starts: dict[int, set[str]] = {}
        for number, row in enumerate(_given_rows()):
            self._learn(number, row)

    def name(self, name: str) -> tuple[NameWord, ...]:
        """Return the words of a full name, in order. Words written together (АнаИванова) are parted."""
        found = self._names.get(name)
        if found is None:
            tokens = _TOKEN.findall(_GLUED.sub(" ", name))
            found = tuple(word for token in tokens if (word := self.word(token)).sounds)
            self._names[name] = found
            _bound(self._names, self._limit)
        return found

    def word(self, token: str) -> NameWord:
        """Return one word of a name; a full stop after it marks an initial."""
        found = self._words.get(token)
        if found is None:
            found = self._words[token] = self._hear(token)
            _bound(self._words, self._limit)
        return found

    def _hear(self, token: str) -> NameWord:
        text = normalise_word(token.rstrip("."))[:_LONGEST_WORD]
        is_initial = len(text) == 1 or (token.endswith(".") and len(text) <= _LONGEST_INITIAL)
        readings = tuple(sound for sound in self._sounds.readings(text) if sound)
        sounds = tuple(dict.fromkeys(form for sound in readings for form in nominatives(sound)))
        given = frozenset[int]() if is_initial else self._given(sounds)
        father = frozenset[int]() if is_initial else self._father(readings)
        starts = {sound[0] for sound in sounds}.union(*(self._starts[row] for row in given | father))
        skeletons = dict.fromkeys(skeleton(sound) for sound in sounds)
        keys = (*skeletons, *(f"={row}" for row in sorted(given)), *(f"+{row}" for row in sorted(father)))
        return NameWord(
            text, sounds, () if is_initial else keys, given, father, is_initial, frozenset(starts)
        )

    def _given(self, sounds: tuple[str, ...]) -> frozenset[int]:
        return frozenset().union(*(self._rows.get(stem(sound), ()) for sound in sounds))

    def _father(self, readings: tuple[str, ...]) -> frozenset[int]:
        roots = [found[1] for sound in readings if (found := _PATRONYMIC.match(sound))]
        return self._given(tuple(roots))

    def _learn(self, number: int, row: str) -> None:
        starts = self._starts.setdefault(number, set())
        for spelling in row.split():
            for sound in self._sounds.readings(normalise_word(spelling)):
                self._rows.setdefault(stem(sound), set()).add(number)
                starts.add(sound[0])


def _bound(cache: dict[str, Any], limit: int) -> None:
    """Forget everything when full."""
    if len(cache) > limit:
        cache.clear()


def _given_rows() -> list[str]:
    """Return the rows of the table, without its heading: spellings parted by tabs and spaces."""
    return (files("search.names_data") / "given.tsv").read_text(encoding="utf-8").splitlines()[1:]
