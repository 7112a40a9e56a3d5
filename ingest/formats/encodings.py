"""Bytes to text for files that do not say in which encoding they are.

Marks and strict UTF-8 first, UTF-16 by its shape, then the one-byte encodings of Belarusian, Russian,
Ukrainian, Polish and English, judged by how much the decoded text looks like words.
"""

import codecs
import re
from collections import Counter

from ingest.formats.parts import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ONE_BYTE = ("cp1251", "koi8_u", "koi8_r", "cp866", "iso8859_5", "cp1250", "iso8859_2", "cp1252")
_NOT_OF_FILES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf_7", "undefined"})
_SAMPLE_BYTES = 64 * 1024
_CONTROLS = frozenset(range(32)) - {8, 9, 10, 12, 13, 26, 27}

# Letters by their rank in running text; what is not here counts against an encoding.
_COMMON = {
    **dict.fromkeys("оеаитнсрвлкмдпыі", 1.0),
    **dict.fromkeys("уяьгзбчйхжўцюєїшэ", 0.7),
    **dict.fromkeys("щфъёґ", 0.2),
    **dict.fromkeys("ąęółśżźćń", 1.0),
    **dict.fromkeys("éèàêçäöüß", 0.6),
    **dict.fromkeys("áíúščřžýâîôëïûñ", 0.3),
    **dict.fromkeys("«»„“”‘’–—…№§°", 0.3),
    "\xa0": 0.0,
}
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
# Signs no writer sets: a capital after a small letter, two scripts in a word, a symbol inside a word.
_ODD = re.compile(
    r"[а-яёіўїєґąćęłńóśźż][А-ЯЁІЎЇЄҐĄĆĘŁŃÓŚŹŻ]|[a-zа-яёіў][^\w\s'’ʼ.,:;/@&()\[\]\"«»_+*=#<>!?-][a-zа-яёіў]"
    r"|[a-z][Ѐ-ӿ]|[Ѐ-ӿ][a-z]|[\x80-\x9f]"
)


def decode(data: bytes, *, declared: str | None = None) -> tuple[str, str]:
    """Return the text and the name of its encoding; Unreadable where the bytes are no text."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _lenient(data, name)
    wide = _wide(data)
    if wide is not None:
        return _lenient(data, wide)
    if _binary(data):
        raise Unreadable("not-text", "binary")
    for name in ("utf-8", *_known(declared)):
        try:
            return data.decode(name), codecs.lookup(name).name
        except ValueError:
            continue
    if _broken_utf8(data):
        return _lenient(data, "utf-8")
    return _lenient(data, guess_one_byte(data))


def guess_one_byte(data: bytes) -> str:
    """Name the one-byte encoding under which these bytes look most like words."""
    sample = _telling(data)
    return max(_ONE_BYTE, key=lambda name: _score(sample, name))


def _telling(data: bytes) -> bytes:
    """A sample that has high bytes in it, wherever the first of them stands."""
    first = next((m.start() for m in re.finditer(rb"[\x80-\xff]", data)), 0)
    return data[max(0, first - 200) : first + _SAMPLE_BYTES]


def _score(sample: bytes, name: str) -> float:
    text = sample.decode(name, "replace")
    counts = Counter(character for character in text if ord(character) > 127)
    total = sum(counts.values()) or 1
    good = 0.0
    for character, count in counts.items():
        value = _COMMON.get(character.lower(), -1.0)
        capital = 0.8 if value > 0 and character != character.lower() else 1.0
        good += count * value * capital
    return (good - 2.0 * len(_ODD.findall(text))) / total


def _known(declared: str | None) -> tuple[str, ...]:
    """The declared encoding, where it is one of text: Python also knows transforms such as zlib."""
    try:
        info = codecs.lookup(declared or "")
    except (LookupError, ValueError):
        return ()
    fit = getattr(info, "_is_text_encoding", False) and info.name.replace("-", "_") not in _NOT_OF_FILES
    return (info.name,) if fit else ()


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: in one half of the byte pairs nearly all are the high bytes of one script."""
    sample = data[: 4096 - len(data) % 2]
    if len(sample) < 4 or len(data) % 2:
        return None
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        high = sample[offset::2]
        low = sample[1 - offset :: 2]
        if sum(byte in (0, 1, 4, 32) for byte in high) > 0.95 * len(high) and low.count(0) < 0.05 * len(low):
            return name if any(byte in (0, 4) for byte in high) else None
    return None


def _binary(data: bytes) -> bool:
    sample = data[:_SAMPLE_BYTES]
    return sum(byte in _CONTROLS for byte in sample) > max(2, len(sample) // 500)


def _broken_utf8(data: bytes) -> bool:
    """UTF-8 with a few bad bytes: far more whole sequences than errors."""
    sample = data[:_SAMPLE_BYTES]
    text = sample.decode("utf-8", "replace")
    good = sum(ord(character) > 127 for character in text)
    bad = text.count("\ufffd")
    return good - bad > 4 * bad


def _lenient(data: bytes, name: str) -> tuple[str, str]:
    return data.decode(name, "replace"), codecs.lookup(name).name
