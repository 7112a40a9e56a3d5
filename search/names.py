"""Names of people: the same person under every spelling, script, order of words and case.

A word is heard (`languages.sounds`), not spelled. Given names and patronymics are looked up in a table,
because Мікалай and Николай are translations and no rule of letters joins them. What is not done:
diminutives, married names, and namesakes (two people of one name are one name here).

Measured at the threshold 0.7 (`pytest tests/search/test_names_corpus.py -s`): on 2,119 pairs of names of
Belarusian officials precision 0.998, recall 0.982, F1 0.990 (transliterating and sorting the words: 0.81);
on 2,413 pairs of politicians of eleven countries F1 0.988; 0.9999 of 37,620 case forms of Russian given names
share a key with the nominative. Comparing takes 8 µs warm and 0.5 ms cold, finding among 5,000 names 1.2
ms.
"""

from collections import Counter
from itertools import permutations

from search.languages.name_words import NameWord, NameWords
from search.languages.nearness import nearness

_UNSAID_PATRONYMIC = 0.99
_UNSAID_WORD = 0.93
_ONE_WORD = 0.9
_ONE_GIVEN_NAME = 0.72
_INITIAL = 0.95
_OTHER_PERSON = 0.5
_MOST_WORDS = 5
_REMEMBERED = 100_000


class NameReader:
    """Compares names. Holds bounded caches: one object per thread."""

    def __init__(self, *, remembered: int = _REMEMBERED) -> None:
        self._words = NameWords(remembered=remembered)
        self._limit = remembered
        self._alike: dict[tuple[str, str], float] = {}

    def name_keys(self, word: str) -> tuple[str, ...]:
        """Return the keys of one word of a name; two spellings of one name share at least one.

        Keys are opaque: consonants heard, "=n" for row n of the given names, "+n" for its patronymic.
        """
        return self._words.word(word).keys

    def words(self, name: str) -> tuple[NameWord, ...]:
        """Return the words of a full name."""
        return self._words.name(name)[:_MOST_WORDS]

    def compare(self, a: str, b: str) -> float:
        """Return 0..1: how likely two full names are one person's.

        Any order, with or without patronymic, initials for given names. Every word of the shorter name must
        find a partner; a lone surname counts 0.9 at most, a lone given name 0.72.
        """
        short, long = sorted((self.words(a), self.words(b)), key=len)
        if not short:
            return 0.0
        table = [[self._likeness(x, y) for y in long] for x in short]
        return max(
            self._weigh(short, long, table, places) for places in permutations(range(len(long)), len(short))
        )

    def _weigh(
        self,
        short: tuple[NameWord, ...],
        long: tuple[NameWord, ...],
        table: list[list[float]],
        places: tuple[int, ...],
    ) -> float:
        score = 1.0
        for row, place in zip(table, places, strict=True):
            score *= row[place]
        if not score:
            return 0.0
        if len(short) == 1 and len(long) > 1:
            return score * (_ONE_GIVEN_NAME if short[0].given or short[0].father else _ONE_WORD)
        for place, word in enumerate(long):
            if place not in places:
                score *= _UNSAID_PATRONYMIC if word.father or word.is_initial else _UNSAID_WORD
        return score

    def _likeness(self, a: NameWord, b: NameWord) -> float:
        if a.is_initial or b.is_initial:
            return _INITIAL if a.starts & b.starts else 0.0
        pair = (a.text, b.text)
        found = self._alike.get(pair)
        if found is None:
            if len(self._alike) >= self._limit:
                self._alike.clear()
            found = self._alike[pair] = _alike(a, b)
        return found


def _alike(a: NameWord, b: NameWord) -> float:
    if a.given & b.given or a.father & b.father:
        return 1.0
    near = max(nearness(x, y) for x in a.sounds for y in b.sounds)
    translated_otherwise = (a.given and b.given) or (a.father and b.father)
    return near * _OTHER_PERSON if translated_otherwise else near


class Names:
    """An index of people's names: candidates by shared keys, then compared."""

    def __init__(self, reader: NameReader | None = None) -> None:
        self._reader = reader or NameReader()
        self._names: dict[str, list[str]] = {}
        self._by_key: dict[str, set[tuple[str, str]]] = {}

    def add(self, id: str, name: str) -> None:
        """Record a name of a person; one person may have many."""
        self._names.setdefault(id, []).append(name)
        for word in self._reader.words(name):
            for key in word.keys:
                self._by_key.setdefault(key, set()).add((id, name))

    def find(self, name: str, *, threshold: float = 0.7) -> list[tuple[str, float]]:
        """Return (id, score) of every person with a name at least that like it, best first."""
        best: dict[str, float] = {}
        for id_, candidate in self._candidates(name):
            score = self._reader.compare(name, candidate)
            if score >= threshold and score > best.get(id_, 0.0):
                best[id_] = score
        return sorted(best.items(), key=lambda found: (-found[1], found[0]))

    def _candidates(self, name: str) -> list[tuple[str, str]]:
        """Names that share a key with two words of the name asked for, or with its only one."""
        said = [word for word in self._reader.words(name) if not word.is_initial]
        shared = Counter[tuple[str, str]]()
        for word in said:
            shared.update(set().union(*(self._by_key.get(key, ()) for key in word.keys)))
        return [
            (id_, known)
            for (id_, known), count in shared.items()
            if count >= min(2, len(said), sum(not word.is_initial for word in self._reader.words(known)))
        ]
