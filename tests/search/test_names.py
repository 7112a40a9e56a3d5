"""Names of invented people, under every spelling."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.names import NameReader, Names

SPELLINGS = [
    "Сяргей Хмялеўскі", "Сергей Хмелевский", "Сергій Хмелевський", "Siarhei Khmialeuski", "Siarhiej Chmialeŭski",
    "Sergey Khmelevskiy", "Sergei Khmelevsky", "Sergiusz Chmielewski", "Syarhey Khmyalewski", "Sergej Chmelewskij",
]  # fmt: skip
CHIEF = [
    "Мікалай Шчарбакоў", "Николай Щербаков", "Микола Щербаков", "Mikalai Shcharbakou", "Mikałaj Ščarbakoŭ",
    "Nikolai Shcherbakov", "Mikołaj Szczerbakow", "Nikolaj Schtscherbakow", "Nikolay Scherbakoff",
]  # fmt: skip
JUDGE = [
    "Вольга Цярэнцьева", "Ольга Терентьева", "Volha Tsiarentseva", "Olga Terentyeva", "Volha Tsyarentsyeva",
    "Olga Terentjewa", "ВОЛЬГА ЦЯРЭНЦЬЕВА", "Цярэнцьева Вольга", "Терентьева, Ольга",
]  # fmt: skip


@pytest.fixture(scope="module")
def reader():
    return NameReader()


@pytest.mark.parametrize("spellings", [SPELLINGS, CHIEF, JUDGE], ids=["guard", "chief", "judge"])
def test_every_spelling_is_one_person(reader, spellings):
    for a in spellings:
        for b in spellings:
            assert reader.compare(a, b) >= 0.8, (a, b)


@pytest.mark.parametrize("spellings", [SPELLINGS, CHIEF, JUDGE], ids=["guard", "chief", "judge"])
def test_every_spelling_of_a_word_shares_a_key(reader, spellings):
    first = {key for word in spellings[0].split() for key in reader.name_keys(word)}
    for name in spellings:
        shared = [word for word in name.replace(",", "").split() if first & set(reader.name_keys(word))]
        assert len(shared) == 2, name


@pytest.mark.parametrize(
    "pair",
    [
        "Яўген Евгений", "Дзмітрый Дмитрий", "Юры Юрий", "Юрий Jerzy", "Аляксандр Oleksandr", "Уладзімір Volodymyr",
        "Пётр Piotr", "Кацярына Kateryna", "Ганна Анна", "Ян Иван", "Рыгор Григорий", "Павло Павла", "Тодар Фёдор",
        "Ільёй Илья", "Сяргеем Сергея", "Наталля Natallia", "Ігар Ihar", "Вячеслав Viachaslau", "Язэп Иосиф",
    ],
)  # fmt: skip
def test_given_names_translate_one_another(reader, pair):
    a, b = pair.split()
    assert reader.compare(a, b) == 1.0


@pytest.mark.parametrize(
    "form", ["Дубровиным", "Дубровину", "Дубровина", "Дубровине", "Дубровиной", "Дубровин", "Дуброўкін"]
)
def test_a_surname_is_found_in_any_case_and_not_under_another(reader, form):
    shares = bool(set(reader.name_keys("Дубровин")) & set(reader.name_keys(form)))
    assert shares == (form != "Дуброўкін")


def test_a_patronymic_may_be_missing_or_in_another_language(reader):
    assert reader.compare("Алесь Мікалаевіч Барташэвіч", "Барташевич Алесь") >= 0.95
    assert reader.compare("Алесь Мікалаевіч Барташэвіч", "Алесь Николаевич Барташевич") >= 0.95
    assert reader.compare("Ales Mikalayevich Bartashevich", "Барташэвіч Алесь Міколавіч") >= 0.95


def test_another_patronymic_is_another_person(reader):
    assert reader.compare("Алесь Мікалаевіч Барташэвіч", "Алесь Пятровіч Барташэвіч") < 0.5


def test_another_surname_or_given_name_is_another_person(reader):
    assert reader.compare("Алег Віктаравіч Гарбуноў", "Алег Віктаравіч Качаноў") < 0.6
    assert reader.compare("Алег Гарбуноў", "Ігар Гарбуноў") < 0.6


def test_initials_stand_for_names(reader):
    assert reader.compare("О. В. Горбунов", "Алег Віктаравіч Гарбуноў") >= 0.85
    assert reader.compare("Горбунов О.В.", "Aleh Harbunou") >= 0.85
    assert reader.compare("В. Цярэнцьева", "Ольга Терентьева") >= 0.85
    assert reader.compare("П. Гарбуноў", "Алег Гарбуноў") == 0.0


def test_a_lone_surname_is_a_weaker_match_than_a_whole_name(reader):
    assert 0.7 <= reader.compare("Гарбуноў", "Алег Віктаравіч Горбунов") <= 0.9


def test_look_alike_letters_do_not_hide_a_name(reader):
    assert reader.compare("Вiктар ГАРБУНОЎ", "Віктар Гарбуноў") == 1.0


def test_hyphens_and_names_run_together_are_parted(reader):
    assert reader.compare("Анна Зубко-Лесная", "Ганна Зубко Лясная") >= 0.9
    assert reader.compare("АлегВіктаравіч ГАРБУНОЎ", "Алег Віктаравіч Гарбуноў") == 1.0


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_compare_within_bounds_and_either_way_round(a, b):
    reader = NameReader()
    score = reader.compare(a, b)
    assert 0.0 <= score <= 1.0
    assert abs(score - reader.compare(b, a)) < 1e-9


def test_nothing_is_like_nothing(reader):
    assert reader.compare("", "Алег Гарбуноў") == 0.0
    assert reader.compare("123 ---", "!!") == 0.0


@pytest.fixture
def names(reader):
    names = Names(reader)
    for number, spellings in enumerate((SPELLINGS, CHIEF, JUDGE)):
        names.add(str(number), spellings[0])
    names.add("3", "Алег Віктаравіч Гарбуноў")
    names.add("3", "«Шурын»")
    names.add("4", "В. Гарбуноў")
    return names


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_person_is_found_under_every_spelling(names, number):
    for spelling in (SPELLINGS, CHIEF, JUDGE)[number]:
        assert names.find(spelling)[0][0] == str(number)


def test_a_person_is_found_by_a_surname_in_a_sentence(names):
    assert [id_ for id_, _ in names.find("Щербаковым")] == ["1"]


def test_a_person_is_found_under_each_name_recorded(names):
    assert names.find("Шурын") == [("3", 1.0)]


def test_namesakes_come_best_first(names):
    assert [id_ for id_, _ in names.find("Олег Горбунов")] == ["3"]
    assert [id_ for id_, _ in names.find("Горбунов")] == ["3", "4"]


def test_a_stranger_is_not_found(names):
    assert names.find("Павел Кузнечык") == []


def test_initials_alone_find_nobody(names):
    assert names.find("О. В.") == []


def test_every_row_of_given_names_has_translations_that_share_a_key(reader):
    table = (files("search.names_data") / "given.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in table]
    assert rows[0] == ["be", "ru", "uk", "pl", "other"]
    assert len(rows) > 200
    for row in rows[1:]:
        assert len(row) == 5
        keys = [set(reader.name_keys(name)) for column in row for name in column.split()]
        assert len(keys) >= 2
        assert set.intersection(*keys), row
