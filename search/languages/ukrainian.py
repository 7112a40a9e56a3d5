"""Ukrainian endings and sound changes. Snowball has no Ukrainian.

Measured like Belarusian (`pytest tests/search/test_languages_corpus.py -s`): 2,110 forms of 823 lemmas,
precision 0.92, recall 0.93, F1 0.92. No stemming gives F1 0.58, the Russian Snowball stemmer 0.77.
"""

from itertools import product

from search.languages.light import LightStemmer, Morphology

_NOUN_AND_ADJECTIVE = """
а я у ю и і ї е є о ь й ам ям ом ем єм ів їв ев єв ах ях ами ями ьми ою ею єю єві ий ій ої ого ому ім їм
им їх их іми ими їми ая яя ую юю еє ія ії ію ією іям іями іях ею єї їй ью
"""
_VERB = """
еш иш їш емо имо їмо ете ите їте уть ать ять ить їть учи ачи ячи неш не немо нуть йте ймо
"""


def _endings() -> frozenset[str]:
    infinitive_and_past = _joined("а я и і ї у ю ува юва", "в ла ло ли ти ть вши тиму тиме тимуть")
    past = _joined("е", "в ла ло ли ть") | _joined("ну", "в ла ло ли ти")
    present = _joined("а я у ю і", "ю єш є єм ємо єте ють ючи")
    passive = _joined("уван юван", "ий а е і ого ому им их ими ої ій у ою о")
    words = frozenset(_NOUN_AND_ADJECTIVE.split()) | frozenset(_VERB.split())
    return words | infinitive_and_past | past | present | passive


def _joined(themes: str, endings: str) -> frozenset[str]:
    return frozenset(theme + ending for theme, ending in product(themes.split(), endings.split()))


def ukrainian() -> LightStemmer:
    """Return the stemmer. о and і change places (рік, року), so a stem is written with і alone."""
    return LightStemmer(
        Morphology(
            vowels="аеєиіїоуюя",
            endings=_endings(),
            reflexive=(("ться", "ть"), ("ся", ""), ("сь", "")),
            softening="",
            softened=(),
            shifted=str.maketrans("цзс", "кгх"),
            past=("ал", "ял", "ил", "іл"),
            fleeting_vowels="еоі",
            fleeting_before="кцн",
            letters=str.maketrans("оєїґ", "іеіг"),
        )
    )
