"""How near two sounds are: an edit distance in which what spellings confuse costs less than the rest."""

from typing import Final

from search.languages.sounds import VOWELS

_VOWEL_FOR_VOWEL: Final = 0.25
_VOWEL_MORE: Final = 0.35
_CONFUSED: Final = 0.4
_DIFFERENT: Final = 1.0
_STEEPNESS: Final = 1.5
_CONFUSED_PAIRS: Final = frozenset(
    frozenset(pair) for pair in ("vu", "vf", "hk", "zs", "Zz", "Ss", "Ck", "Ct", "dt", "ZS", "CS", "bv", "tz")
)


def nearness(a: str, b: str) -> float:
    """Return 1 for the same sound, 0 for sounds that share nothing."""
    if a == b:
        return 1.0
    longest = max(len(a), len(b))
    if abs(len(a) - len(b)) * _VOWEL_MORE * _STEEPNESS >= longest:
        return 0.0
    return max(0.0, 1.0 - _STEEPNESS * _distance(a, b) / longest)


def _distance(a: str, b: str) -> float:
    added = [_VOWEL_MORE if sound in VOWELS else _DIFFERENT for sound in b]
    above = [0.0]
    for cost in added:
        above.append(above[-1] + cost)
    for x in a:
        dropped = _VOWEL_MORE if x in VOWELS else _DIFFERENT
        left = above[0] + dropped
        row = [left]
        for column, y in enumerate(b):
            here = above[column] if x == y else above[column] + _exchange(x, y)
            left = min(here, above[column + 1] + dropped, left + added[column])
            row.append(left)
        above = row
    return above[-1]


def _exchange(x: str, y: str) -> float:
    if x in VOWELS and y in VOWELS:
        return _VOWEL_FOR_VOWEL
    return _CONFUSED if frozenset((x, y)) in _CONFUSED_PAIRS else _DIFFERENT
