"""An analysis simple enough to be checked by eye: endings cut by a list, names keyed by their consonants."""

import re
from functools import cache

ENDINGS = {
    "be": ("амі", "аў", "ах", "ы", "а", "у"),
    "ru": ("ами", "ов", "ах", "ы", "и", "а", "у"),
    "uk": ("ами", "ів", "ах", "и", "а", "у"),
    "pl": ("ami", "ów", "ach", "y", "a"),
    "en": ("ing", "ed", "s"),
}
SOUNDS = str.maketrans("бвгґджзйклмнпрстўфхцчшщ", "bvhgdzzjklmnprstvfxccss")


class PlainWords:
    def words(self, text):
        return list(_words(text))

    def analyse(self, text, language):
        return list(_stems(text, language))

    def query_stems(self, word):
        languages = ("be", "ru", "uk") if re.search("[а-яёіўїєґ]", word) else ("pl", "en")
        return tuple(dict.fromkeys(_stem(word, language) for language in languages))

    def name_keys(self, word):
        sounds = re.sub("[aeiouyаеёіоуыэюяиїєьъʼ]", "", word.lower().translate(SOUNDS)).replace("w", "v")
        return tuple(dict.fromkeys((sounds[:3], sounds[:2] + "_"))) if sounds else ()


@cache
def _words(text):
    return tuple(re.findall(r"[^\W_]+(?:ʼ[^\W_]+)*", text.replace("'", "ʼ").lower()))


@cache
def _stems(text, language):
    return tuple(_stem(word, language) for word in _words(text))


def _stem(word, language):
    for ending in ENDINGS.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
