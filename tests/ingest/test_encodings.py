"""Which encoding a text is in, where nothing says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.encodings import decode
from ingest.formats.parts import Unreadable

TEXTS = {
    "be": "Сведка пацвярджае, што ўсе затрыманыя былі збітыя ў РУУС. Мянушка аднаго з іх — «Ліс».",
    "ru": "Свидетель подтверждает, что всех задержанных избили в РУВД. Кличка одного из них «Лис».",
    "uk": "Свідок підтверджує, що всіх затриманих побили у відділку. Їжа була погана, ґрати іржаві.",
    "pl": "Świadek potwierdza, że wszystkich zatrzymanych pobito na komisariacie. Źródło: żona świadka.",
    "en": "The witness – a café owner – confirms that all of them were beaten; “naïve”, he said.",
}
WIDE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
NARROW = {
    "be": ("cp1251", "iso8859_5"),
    "ru": ("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5"),
    "uk": ("cp1251", "koi8_u", "iso8859_5"),
    "pl": ("cp1250", "iso8859_2"),
    "en": ("cp1252",),
}
CASES = [(language, name) for language in TEXTS for name in (*WIDE, *NARROW[language])]


@pytest.mark.parametrize(("language", "name"), CASES)
def test_a_text_is_read_in_its_encoding(language, name):
    data = TEXTS[language].encode(name, "ignore")
    assert decode(data)[0] == data.decode(name).removeprefix("\ufeff")


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_any_utf_8_is_text_or_declared_binary(text):
    try:
        decode(text.encode())
    except Unreadable:
        assert sum(ord(character) < 32 for character in text) > 2


@given(st.binary())
def test_any_bytes_end_in_a_text_or_a_refusal(data):
    try:
        text, name = decode(data)
    except Unreadable:
        return
    assert isinstance(text, str)
    assert name


def test_what_a_file_declares_counts_where_it_can_be_true():
    data = TEXTS["ru"].encode("koi8_r", "ignore")
    assert decode(data, declared="koi8-r")[1] == "koi8-r"
    assert decode(TEXTS["ru"].encode(), declared="koi8-r")[1] == "utf-8"


@pytest.mark.parametrize(
    "declared", ["zlib_codec", "rot13", "idna", "unicode_escape", "no-such", "a\0b", "undefined"]
)
def test_what_is_no_encoding_of_text_is_not_obeyed(declared):
    assert decode(TEXTS["ru"].encode("cp1251"), declared=declared)[0] == TEXTS["ru"]


def test_a_few_bad_bytes_do_not_turn_utf_8_into_something_else():
    data = TEXTS["be"].encode().replace(b" ", b" \xff", 1)
    assert decode(data)[0].replace("\ufffd", "") == TEXTS["be"]


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("bank", "names"),
    [
        ("UD_Belarusian-HSE", ("cp1251",)),
        ("UD_Russian-GSD", ("cp1251", "koi8_r", "cp866")),
        ("UD_Ukrainian-IU", ("cp1251", "koi8_u")),
        ("UD_Polish-PDB", ("cp1250", "iso8859_2")),
    ],
)
def test_single_sentences_are_read_in_their_encoding(corpus, bank, names):
    """A sentence is the shortest text anyone deposits; 99 of 100 must be right."""
    import json

    with (corpus / "lemmas" / bank / "sentences.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for _, line in zip(range(400), lines, strict=False)]
    for name in names:
        data = [encoded for text in texts if len(encoded := text.encode(name, "ignore")) > 40]
        right = sum(decode(one)[0] == one.decode(name) for one in data)
        print(f"{bank} {name}: {right} of {len(data)}")
        assert right >= 0.97 * len(data)
