"""The gate refuses what Whoosh's parser would swallow, at the right column, quickly, and without quoting it."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import SearchError
from search.query.gate import admit
from search.query.parse import parse

SECRET = "Каралькевіч"

BROKEN = [
    ("", "S01", None),
    (" \n ", "S01", None),
    ("а" * 2001, "S02", None),
    ("а " * 65, "S03", 129),
    ('"' + "а " * 65 + '"', "S03", 1),
    ("(" * 17 + "а" + ")" * 17, "S04", 17),
    (f"суд {'а' * 65}", "S05", 5),
    (f'"суд {"а" * 65}"', "S05", 1),
    ('суд "турма', "S06", 5),
    ('"суд" турма"', "S06", 12),
    ("(суд", "S07", 1),
    ("суд)", "S07", 4),
    ("((суд) турма", "S07", 1),
    ("date:[2020 TO 2021", "S07", 6),
    ("суд]", "S07", 4),
    (f"cud:{SECRET}", "S08", 1),
    ("суд ref:x", "S08", 5),
    ("any:суд", "S08", 1),
    ("at 12:30", "S08", 4),
    ("AND суд", "S09", 1),
    ("суд AND", "S09", 5),
    ("суд OR", "S09", 5),
    ("NOT", "S09", 1),
    ("суд NOT", "S09", 5),
    ("суд AND OR турма", "S09", 9),
    ("суд NOT NOT турма", "S09", 9),
    ("суд NOT AND турма", "S09", 9),
    ("суд ANDNOT", "S09", 5),
    ("ANDMAYBE суд", "S09", 1),
    ("суд REQUIRE REQUIRE турма", "S09", 13),
    ("(суд AND) турма", "S09", 6),
    ("(OR суд)", "S09", 2),
    ("суд (AND турма)", "S09", 6),
    ("суд~", "S10", 1),
    ("суд~2 турма", "S10", 1),
    ("/су.*д/", "S10", 1),
    ("-суд", "S10", 1),
    ("турма +суд", "S10", 7),
    ("{суд TO турма}", "S10", 1),
    ("су\\д", "S10", 1),
    ('perpetrator:~"Іван"', "S10", 1),
    ("text:[суд TO турма]", "S10", 6),
    ("[2020 TO 2021]", "S10", 1),
    ("date:учора", "S11", 6),
    ("date:2020-13", "S11", 6),
    ("date:2020-02-30", "S11", 6),
    ("date:0000", "S11", 6),
    ("date:[2021 TO 2020]", "S11", 6),
    ("date:[ TO ]", "S11", 6),
    ("date:[2020 2021]", "S11", 6),
    ('date:"2020"', "S11", 6),
    ("date:(2020 OR суд)", "S11", 15),
    ("date:2020^2", "S11", 6),
    ("date:19X7", "S11", 6),
    ("суд^", "S12", 1),
    ("суд^0", "S12", 1),
    ("суд^-1", "S12", 1),
    ("суд^2^3", "S12", 1),
    ("суд ^2", "S12", 5),
    ('"суд"^x', "S12", 1),
    ("(суд)^1000", "S12", 5),
    ('"суд турма"~0', "S13", 1),
    ('"суд турма"~17', "S13", 1),
    ('"суд турма"~x', "S13", 1),
    ('"суд турма"~', "S13", 1),
    ("*суд", "S14", 1),
    ("?уд", "S14", 1),
    ("с*у*д", "S14", 1),
    ("с??д", "S14", 1),
    ('"су* турма"', "S14", 1),
    ("title:*", "S14", 7),
    ("суд perpetrator:", "S15", 5),
    ("perpetrator: AND суд", "S15", 1),
    ("(perpetrator:) суд", "S15", 2),
    ("perpetrator:place:суд", "S15", 1),
    ('суд ""', "S15", 5),
    ("суд ()", "S15", 6),
    ("perpetrator:Кар*", "S21", 13),
    ("victim:(суд Кар*)", "S21", 13),
    ("item:аб?", "S21", 6),
    ("language:*", "S14", 10),
]


@pytest.mark.parametrize(("query", "code", "column"), BROKEN)
def test_a_broken_query_is_refused_at_its_column(query, code, column):
    with pytest.raises(SearchError) as refused:
        parse(query)
    assert refused.value.code == code
    assert column is None or f"column {column}" in str(refused.value).split(";")[0]
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("query", "admitted"),
    [
        ("суд турма", "суд турма"),
        ("(суд)OR(турма)", "( суд ) OR ( турма )"),
        ("з'явіўся з’явіўся п\u02bcяць", "з'явіўся з’явіўся п\u02bcяць"),
        ("Карповіч-Зайцаў e-mail", "Карповіч-Зайцаў e-mail"),
        ("and or not", "and or not"),
        ("Мінск — Гродна", "Мінск — Гродна"),
        ("«у судзе»", '"у судзе"'),
        ("„у судзе”~3", '"у судзе"~3'),
        ('name:~"Іван  Карпаў"', 'name:"Іван Карпаў"'),
        ("*", "*:*"),
        ("* ANDNOT суд", "*:* ANDNOT суд"),
        ("NOT суд", "NOT суд"),
        ("perpetrator:(Карпаў OR Зайцаў)^2", "perpetrator:( Карпаў OR Зайцаў )^2.0"),
        ("суд\nтурма\u00a0допыт", "суд турма допыт"),
    ],
)
def test_a_sound_query_is_written_in_one_way(query, admitted):
    assert admit(query) == admitted


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("а OR б AND в", "((any:а OR (any:б AND any:в)))"),
        ("а б OR в", "(any:а AND (any:б OR any:в))"),
        ("а ANDNOT б", "((any:а AND NOT any:б))"),
        ("а AND NOT б", "((any:а AND NOT any:б))"),
        ("NOT (а OR б)", "(NOT ((any:а OR any:б)))"),
        ("а REQUIRE б", "((any:а AND any:б))"),
        ("place:(а OR title:б)", "(((place:а OR title:б)))"),
        ('name:~"а б"', '(name:"а б")'),
        ("пыт* к?б", "(any:пыт* AND any:к?б)"),
    ],
)
def test_operators_bind_as_in_whoosh(query, tree):
    assert str(parse(query)) == tree


def test_a_weight_reaches_its_word_its_phrase_and_its_group():
    word, phrase, group = parse('а^2 "б в"^0.5 (г OR д)^3')
    assert (word.boost, phrase.boost) == (2.0, 0.5)
    assert group.boost == 3.0 or group[0].boost == 3.0


PIECES = st.sampled_from(
    [
        *'()[]{}":^~*?/\\-+ ',
        " AND ",
        " OR ",
        " NOT ",
        " ANDNOT ",
        " ANDMAYBE ",
        " REQUIRE ",
        " TO ",
        "text:",
        "date:",
        *(
            "name:~",
            "суд",
            "п\u02bcяць",
            "^2",
            "~3",
            "2020-08",
            "а" * 60,
            "«",
            "'",
            "\u055e",
            "\x00",
            "\ud7ff",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=120).map("".join))
def test_anything_is_parsed_or_refused_within_a_second(query):
    started = time.process_time()
    with contextlib.suppress(SearchError):
        parse(query)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("nested", ["(" * 16 + "а" + ")" * 16, "NOT (" * 16 + "а" + ")" * 16])
def test_the_deepest_admitted_query_parses_within_a_second(nested):
    started = time.process_time()
    parse(" OR ".join([nested] * 9))
    parse("(" * 8 + " ".join(f"(а{n} OR NOT б{n})" for n in range(32)) + ")" * 8)
    assert time.process_time() - started < 1
