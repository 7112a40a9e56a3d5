"""Which of the archive's languages a text is written in, by its letters and its commonest words.

A guess for choosing a stemmer, not a finding: trasianka and quotations get the language of their majority.
Measured (`pytest tests/search/test_languages_corpus.py -s`) on sentences of six words or more, right and
wrong (the rest is None): be 0.966 0.012, ru 0.919 0.007, uk 0.990 0.003, pl 0.995 0.001, en 0.978 0.002;
all articles of the Universal Declaration are right. German and Lithuanian are mostly None.
"""

from collections import Counter
from types import MappingProxyType
from typing import Final

from search.languages.letters import CYRILLIC, LATIN, TOKEN, normalise_word, possible_languages

_LETTERS_READ: Final = 4_000
_FUNCTION_WORD_WEIGHT: Final = 1.5
_CYRILLIC_MATTERS: Final = 4  # a quarter of the words
_LONG_TEXT: Final = 20
_LEAST_KNOWN: Final = 0.1

_FUNCTION_WORDS: Final = MappingProxyType(
    {
        "be": """
        і у ў з на не што як да па ад за гэта але ці іх яго быў была было былі каб яны я ён яна мы
        вы ты для пра калі ня пры так таксама ужо ўжо можа яшчэ дзе тут там хто які якая якія бо ды
        мяне мне нас нам вас тое той гэты гэтай яму ёй усё ўсё усе ўсе вельмі толькі пасля пад без
        над між праз ёсць няма супраць
        """,
        "ru": """
        и в не на с что как по это но из у к за от так же для мы он она они я ты вы его ее её их был
        была было были бы ли уже или если ещё еще где тут там кто который которая которые только
        после под без над мне меня нам нас вас при о об то все всё очень есть нет может когда до ни
        во со этот эта эти тоже потом
        """,
        "uk": """
        і й в у не на з що як по це але із до за від так для ми він вона вони я ти ви його її їх був
        була було були би чи вже або якщо ще де тут там хто який яка які тільки після під без над
        мені мене нам нас вас при про то та усе все дуже є немає може коли щоб цей ця ці також потім
        бо та ж та зі
        """,
        "pl": """
        i w na z nie że jak do po to ale od za się dla my on ona oni ja ty wy jego jej ich był była
        było były by czy już lub jeśli jeszcze gdzie tu tam kto który która które tylko pod bez nad
        mi mnie nam nas was przy o co a są jest być ma może kiedy żeby ten ta te też potem przez
        oraz przed aby tak we ze
        """,
        "en": """
        the of and to in a is that it was for on are as with his they at be this from i have or by
        had not but what we can were when your said there which she do how their if will he you her
        my me him them us our who been has would an all so no did then than into out up about could
        some very just over after
        """,
    }
)


def guess_language(text: str) -> str | None:
    """Return "be", "ru", "uk", "pl" or "en", or None where there is too little to go by.

    Each word votes for the languages whose letters can write it, a function word also for the languages
    whose word it is. Only the first 4,000 characters are read. Among Cyrillic words, Latin ones (addresses,
    firms) have no vote; a long Latin text with hardly a function word is in some other language.
    """
    words = Counter(normalise_word(token) for token in TOKEN.findall(text[:_LETTERS_READ]))
    votes = {word: possible for word in words if (possible := possible_languages(word))}
    cyrillic = {word: possible for word, possible in votes.items() if possible[0] in CYRILLIC}
    if sum(words[word] for word in cyrillic) * _CYRILLIC_MATTERS >= sum(words[word] for word in votes):
        votes = cyrillic
    return _winner(words, votes)


def _winner(words: Counter[str], votes: dict[str, tuple[str, ...]]) -> str | None:
    common = {language: frozenset(listed.split()) for language, listed in _FUNCTION_WORDS.items()}
    scores: dict[str, float] = dict.fromkeys(common, 0.0)
    known = Counter[str]()
    for word, possible in votes.items():
        owners = [language for language in possible if word in common[language]]
        for language in possible:
            scores[language] += words[word] / len(possible) ** 2
        for language in owners:
            scores[language] += words[word] * _FUNCTION_WORD_WEIGHT / len(owners)
            known[language] += words[word]
    best = max(scores, key=lambda language: scores[language])
    total = sum(words[word] for word in votes)
    if best in LATIN and total >= _LONG_TEXT and known[best] < total * _LEAST_KNOWN:
        return None
    tied = [language for language in scores if scores[language] == scores[best]]
    return best if len(tied) == 1 else None
