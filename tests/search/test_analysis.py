"""Normalising, stems of documents and of queries."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import Analyser
from search.languages.letters import TOKEN, normalise, normalise_word, possible_languages, token_pattern

LANGUAGES = ("be", "ru", "uk", "pl", "en", None)
LETTERS = st.text(
    alphabet=st.sampled_from(
        "абвгдеёжзійклмнопрстуўфхцчшыьэюяиїєґщъ'’ʼabcdefghijklmnopqrstuvwxyząęłńóśźż0123"
    ),
    min_size=1,
    max_size=16,
)


@pytest.fixture(scope="module")
def analyser():
    return Analyser()


@pytest.mark.parametrize("apostrophe", list("'’ʼ`‘"))
def test_every_apostrophe_inside_a_word_is_one_letter(analyser, apostrophe):
    assert analyser.words(f"аб{apostrophe}ява") == ["абʼява"]


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_plain_ascii_is_cut_as_any_other_text(text):
    assert token_pattern(text).findall(text) == TOKEN.findall(text)


def test_apostrophes_around_a_word_are_quotation_marks(analyser):
    assert analyser.words("'турма' ‘суд’ ʼізалятарʼ") == ["турма", "суд", "ізалятар"]


def test_decomposed_letters_are_composed_and_keep_their_breves():
    assert normalise(unicodedata.normalize("NFD", "ўсё йшло ў Ёдкавічы")) == "ўсё йшло ў ёдкавічы"


def test_stress_marks_go_and_short_letters_stay():
    assert normalise("за\u0301мак ве\u0300й дзе\u0301йны") == "замак вей дзейны"


def test_invisible_characters_go():
    assert normalise("до\u00adпрос прото\u2060кол") == "допрос протокол"


def test_latin_look_alikes_in_a_cyrillic_word_are_cyrillic():
    assert normalise_word("Вiктар") == "віктар"
    assert normalise_word("КAМIСIЯ") == "камісія"
    assert normalise_word("KДБ") == "кдб"


def test_cyrillic_look_alikes_in_a_latin_word_are_latin():
    assert normalise_word("Sеcrеt") == "secret"
    assert normalise_word("Вrest") == "brest"


def test_what_stands_between_words_is_kept():
    assert normalise("Суд, 12.08.2020 — ТАК?\n") == "суд, 12.08.2020 — так?\n"


def test_letters_tell_languages_apart():
    assert possible_languages("ўлада") == ("be",)
    assert possible_languages("її") == ("uk",)
    assert possible_languages("объезд") == ("ru",)
    assert possible_languages("суд") == ("ru", "be", "uk")
    assert possible_languages("źle") == ("pl",)
    assert possible_languages("2020") == ()


def test_underscores_and_hyphens_part_words(analyser):
    assert analyser.words("pratakol_2020-08-12.pdf") == ["pratakol", "2020", "08", "12", "pdf"]


def test_numbers_are_left_alone(analyser):
    assert analyser.analyse("1937 12а", "be") == ["1937", "12а"]
    assert analyser.query_stems("1937") == ("1937",)


def test_one_stem_for_each_word_in_order(analyser):
    assert len(analyser.analyse("Яго білі два дні, потым прывезлі ў ізалятар.", "be")) == 8


def test_spans_point_into_the_text_as_given(analyser):
    text = "Сьве\u0301дка сказаў: KДБ, “здоровʼя” до\u00adпрос"
    spans = list(analyser.spans(text, "be"))
    assert [text[start:end] for _, start, end in spans] == [
        "Сьве\u0301дка", "сказаў", "KДБ", "здоровʼя", "до\u00adпрос",
    ]  # fmt: skip
    assert [stem for stem, _, _ in spans] == analyser.analyse(text, "be")


def test_yo_is_found_without_its_dots(analyser):
    assert set(analyser.query_stems("самолет")) & set(analyser.analyse("самолёта", "ru"))


def test_a_possessive_is_its_noun(analyser):
    assert analyser.analyse("prisoner’s", "en") == analyser.analyse("prisoner", "en")


@pytest.mark.parametrize(
    ("asked", "said", "language"),
    [
        ("катаванне", "катаваннямі", "be"),
        ("следчы", "следчага", "be"),
        ("затрымаць", "затрымалі", "be"),
        ("допрос", "допросами", "ru"),
        ("тюрьма", "тюрьме", "ru"),
        ("свідок", "свідками", "uk"),
        ("суддя", "суддею", "uk"),
        ("więzienie", "więzieniach", "pl"),
        ("beating", "beaten", None),
        ("witness", "witnesses", "en"),
    ],
)
def test_a_query_finds_other_forms(analyser, asked, said, language):
    if language is None:
        assert not set(analyser.query_stems(asked)) & set(analyser.analyse(said, "en"))
    else:
        assert set(analyser.query_stems(asked)) & set(analyser.analyse(said, language))


@given(word=LETTERS, language=st.sampled_from(LANGUAGES))
def test_a_query_always_finds_the_very_word_in_a_document_of_any_language(word, language):
    analyser = Analyser()
    for token, stem in zip(analyser.words(word), analyser.analyse(word, language), strict=True):
        assert stem in analyser.query_stems(token)


@given(st.text(max_size=60))
def test_any_text_is_analysed_and_normalising_twice_changes_nothing(text):
    analyser = Analyser()
    assert len(analyser.analyse(text, None)) == len(analyser.words(text))
    for word in analyser.words(text):
        assert normalise_word(word) == word


def test_caches_stay_within_their_bounds():
    small = Analyser(remembered=3)
    words = "адзін два тры чатыры пяць шэсць"
    assert small.analyse(words, "be") == Analyser().analyse(words, "be") == small.analyse(words, "be")


def test_a_very_long_word_is_not_stemmed(analyser):
    assert analyser.analyse("ў" * 5000, "be") == ["ў" * 5000]
