"""Values in records have one spelling each."""

import json

import pytest

from archive.ids import new_id
from archive.records import FaultyRecord, load_record

ONE, TWO = (str(new_id(lambda size, n=n: n.to_bytes(size, "big"))) for n in (1, 2))


def faults_of(type_name, data):
    with pytest.raises(FaultyRecord) as refused:
        load_record(type_name, data)
    return {fault.path for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [("  Крушынка ", "Крушынка"), ("у\u0306", "ў"), ("и\u0306", "й")],
)
def test_text_is_normalised(given_name, kept):
    assert load_record("event", {"title": given_name})["title"] == kept


@pytest.mark.parametrize("title", ["", "  ", "a\nb", "a\x00b", "\ud800", "x" * 501, None, 5, ["x"]])
def test_a_title_is_one_line_of_real_text(title):
    assert "title" in faults_of("event", {"title": title})


@pytest.mark.parametrize("tag", ["be", "ru", "be-Latn", "be-tarask", "be-1959acad", "mis", "en-GB"])
def test_language_tags_are_accepted(tag):
    assert load_record("item", {"language": tag})["language"] == tag


@pytest.mark.parametrize("tag", ["by", "by-Latn", "BE", "belarusian", "be_BY", ""])
def test_a_country_code_is_not_a_language(tag):
    assert "language" in faults_of("item", {"language": tag})


def test_one_spelling_per_value():
    short = load_record(
        "item", {"date": "1937~", "victims": ["Крушынка"], "acts": ["by-stun-gun"], "uses": []}
    )
    assert short == {
        "acts": [{"code": "by-stun-gun"}],
        "date": {"edtf": "1937~"},
        "victims": [{"name": "Крушынка"}],
    }
    sets = load_record("consent", {"given_by": "self", "uses": ["store", "court", "store"]})
    assert sets["uses"] == ["court", "store"]


def test_a_date_keeps_the_wording_of_its_source():
    date = {"edtf": "1937~", "as_written": "у 1937 г."}
    assert load_record("measure", {"person": ONE, "kind": "labour-camp", "since": date})["since"] == date


def test_a_bare_text_is_an_identifier_a_code_or_a_name():
    loaded = load_record(
        "item", {"institutions": [ONE, "by-gubop", "шосты аддзел", {"name": "ГУБОП", "record": TWO}]}
    )
    assert loaded["institutions"] == [
        {"record": ONE},
        {"code": "by-gubop"},
        {"name": "шосты аддзел"},
        {"name": "ГУБОП", "record": TWO},
    ]
    assert "victims[0]" in faults_of("item", {"victims": [{"code": "by-kgb"}]})


def test_an_unresolved_key_does_not_pass_for_a_name():
    assert "victims[0]" in faults_of("item", {"victims": ["#ivan"]})


def test_a_list_has_a_limit():
    assert "victims" in faults_of("item", {"victims": ["x"] * 1001})


def test_a_very_deep_value_is_refused():
    deep = json.loads("[" * 500 + "]" * 500)
    assert set(faults_of("person", {"pseudonym": deep, "surplus": deep})) == {"pseudonym", "surplus"}


@pytest.mark.parametrize("page", [True, -1, 1.0, "3", 1_000_000_001, None])
def test_a_page_is_a_whole_number_and_true_is_none(page):
    event = {"title": "Допыт", "assertion": {"asserted_by": "Група «Сведка»", "locator": {"page": page}}}
    assert "assertion.locator.page" in faults_of("event", event)


@pytest.mark.parametrize("latitude", ["181", "-180.5", "53,9", "053.9", "1e2", "+5", 53.9])
def test_degrees_are_plain_decimal_text_within_the_circle(latitude):
    place = {
        "names": [{"text": "Мінск", "language": "be", "kind": "official"}],
        "coordinates": {"latitude": latitude, "longitude": "27.5615"},
    }
    assert "coordinates.latitude" in faults_of("place", place)
    place["coordinates"]["latitude"] = "53.9006"
    assert load_record("place", place)["coordinates"] == {"latitude": "53.9006", "longitude": "27.5615"}
