"""Guessing the language of a text, Ukrainian stems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.languages.guess import guess_language
from search.languages.polish import polish
from search.languages.ukrainian import ukrainian


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Мяне трымалі ў камеры тры дні, і ніхто не казаў, за што.", "be"),
        ("Меня держали в камере три дня, и никто не говорил, за что.", "ru"),
        ("Мене тримали в камері три дні, і ніхто не казав, за що.", "uk"),
        ("Trzymali mnie w celi trzy dni i nikt nie mówił, za co.", "pl"),
        ("They kept me in the cell for three days and nobody said why.", "en"),
        ("Мяне́ трыма́лі ў ка́меры", "be"),
        ("Фільм на https://example.org/films/documentary пра суд і турму", "be"),
        ("Мяне завезлі ў РУУС. «Ты чего снимал?» — спытаў ён, і яны ўсе засмяяліся.", "be"),
        ("", None),
        ("12.08.2020", None),
        ("суд", None),
        ("שלום", None),
        (
            "Man hielt mich drei Tage lang fest, und niemand sagte mir, weshalb und wie lange das dauern werde.",
            None,
        ),
    ],
)
def test_the_language_of_a_text_is_guessed(text, language):
    assert guess_language(text) == language


@given(st.text(max_size=100))
def test_any_text_has_a_known_language_or_none(text):
    assert guess_language(text) in {"be", "ru", "uk", "pl", "en", None}


@pytest.mark.parametrize(
    "family",
    [
        "свідок свідка свідку свідком свідки свідків свідками",
        "ніч ночі ніччю",
        "рік року роком роки років",
        "катування катуванню катуванням катуваннях",
        "затримати затримав затримала затримали",
        "слідчий слідчого слідчому слідчим слідчі слідчих",
    ],
    ids=lambda family: family.split()[0],
)
def test_forms_of_one_ukrainian_word_share_a_stem(family):
    stem = ukrainian().stem
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize(
    "family",
    [
        "protokół protokołu protokołem protokoły",
        "sąd sądu sądzie sądy sądów",
        "podatek podatku podatki podatków",
        "prokuratura prokuraturze prokuratury",
        "matka matki matce matkom",
        "świadek świadka świadkowi świadkami",
        "przesłuchać przesłuchał przesłuchała przesłuchali",
        "więzienny więziennego więzienne więziennych",
    ],
    ids=lambda family: family.split()[0],
)
def test_forms_of_one_polish_word_share_a_stem(family):
    stem = polish().stem
    assert len({stem(word) for word in family.split()}) == 1
