"""EDTF dates and their bounds."""

from datetime import date

import pytest
from edtf import parse_edtf
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import IntakeError
from archive.records import date_bounds


def days(edtf):
    return tuple(day and date.fromordinal(day).isoformat() for day in date_bounds(edtf))


@pytest.mark.parametrize(
    ("edtf", "first", "last"),
    [
        ("2020-08-12", "2020-08-12", "2020-08-12"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("1937", "1937-01-01", "1937-12-31"),
        ("1937~", "1937-01-01", "1937-12-31"),
        ("1937-11?", "1937-11-01", "1937-11-30"),
        ("2020-08-09/2020-08-12", "2020-08-09", "2020-08-12"),
        ("1984~/2004-06", "1984-01-01", "2004-06-30"),
        ("2020-08-12T03:30:00+03:00", "2020-08-12", "2020-08-12"),
        ("2020-08-XX", "2020-08-01", "2020-08-31"),
        ("2020-XX-XX", "2020-01-01", "2020-12-31"),
        ("193X", "1930-01-01", "1939-12-31"),
        ("2020-1X-1X", "2020-10-10", "2020-12-19"),
        ("2020-08-1X", "2020-08-10", "2020-08-19"),
        ("201X-02-29", "2012-02-29", "2016-02-29"),
        ("2020-21", "2020-03-01", "2020-05-31"),
        ("2020-24", "2020-01-01", "2021-02-28"),
        ("2020-33", "2020-01-01", "2020-03-31"),
        ("2020-41", "2020-07-01", "2020-12-31"),
        ("1950S2", "1900-01-01", "1999-12-31"),
        ("2020-08-~12", "2020-08-12", "2020-08-12"),
        ("[2020-08-10,2020-08-12]", "2020-08-10", "2020-08-12"),
        ("{1960,1961-12}", "1960-01-01", "1961-12-31"),
        ("[1937,1938..1940]", "1937-01-01", "1940-12-31"),
        ("2020-08-12/..", "2020-08-12", None),
        ("2020-08-12/", "2020-08-12", None),
        ("/2020-08-12", None, "2020-08-12"),
        ("../2020-08-12", None, "2020-08-12"),
        ("[..2020-08-10]", None, "2020-08-10"),
        ("[2020-08-10..]", "2020-08-10", None),
        ("XXXX-08-12", None, None),
    ],
)
def test_bounds_are_the_earliest_and_latest_day_meant(edtf, first, last):
    assert days(edtf) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        *("", " 2020", "2020 ", "2020-13", "2020-99", "2021-02-30", "2021-02-3X", "2020-8-1", "12.08.2020"),
        *(
            "2020-08-12/2020-08-01",
            "[1672..1670]",
            "0000",
            "-0500",
            "Y170000002",
            "/",
            "unknown",
            "2001-21^x",
        ),
        *("२०२०", "2020\n", "[" * 30, "2020," * 20, "2020-08-12/2020-08-13/2020-08-14", "2020/2019"),
    ],
)
def test_what_is_not_a_date_is_refused_without_repeating_it(text):
    with pytest.raises(IntakeError) as refused:
        date_bounds(text)
    assert refused.value.code == "I11"
    assert len(text) < 6 or text not in str(refused.value)


@given(st.text(alphabet="0123456789X-/~?%.,[]{}TSZ:+", max_size=14))
def test_any_text_gives_ordered_bounds_or_a_refusal(text):
    try:
        first, last = date_bounds(text)
    except IntakeError:
        return
    assert first is None or last is None or first <= last


@given(st.dates(), st.sampled_from([4, 7, 10]), st.sampled_from(["", "~", "?", "%"]))
def test_plain_dates_agree_with_the_library(day, width, qualifier):
    text = day.isoformat()[:width]
    parsed = parse_edtf(text)
    assert date_bounds(text + qualifier) == tuple(
        date(*bound[:3]).toordinal() for bound in (parsed.lower_strict(), parsed.upper_strict())
    )


@given(st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}[?~%]?", fullmatch=True))
def test_a_plain_date_is_taken_exactly_when_the_library_takes_it(text):
    try:
        parse_edtf(text)
        expected = not text.startswith("0000")
    except Exception:
        expected = False
    try:
        date_bounds(text)
        taken = True
    except IntakeError:
        taken = False
    assert taken == expected


def test_a_date_has_a_greatest_length():
    years = ",".join(str(year) for year in range(1930, 1945))
    assert date_bounds(f"[{years[:59]}]")
    with pytest.raises(IntakeError):
        date_bounds(f"[{years}]")
