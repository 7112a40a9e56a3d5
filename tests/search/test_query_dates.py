"""What dates in queries mean, in days."""

from datetime import date

import pytest

from search.query.parse import parse

FIRST, LAST = date.min, date.max


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020-08-09", date(2020, 8, 9), date(2020, 8, 9)),
        ("[2020-08 TO 2020-09]", date(2020, 8, 1), date(2020, 9, 30)),
        ("2020-08-09/2020-08-12", date(2020, 8, 9), date(2020, 8, 12)),
        ("2020/..", date(2020, 1, 1), LAST),
        ("[2020 TO ]", date(2020, 1, 1), LAST),
        ("[TO 2020]", FIRST, date(2020, 12, 31)),
        ("[.. TO 1937~]", FIRST, date(1938, 12, 31)),
        ("1937~", date(1936, 1, 1), date(1938, 12, 31)),
        ("1937%", date(1936, 1, 1), date(1938, 12, 31)),
        ("1937?", date(1937, 1, 1), date(1937, 12, 31)),
        ("2020-12~", date(2020, 11, 1), date(2021, 1, 31)),
        ("2020-01-01~", date(2019, 12, 31), date(2020, 1, 2)),
        ("193X", date(1930, 1, 1), date(1939, 12, 31)),
        ("193X~", date(1920, 1, 1), date(1949, 12, 31)),
        ("19XX", date(1900, 1, 1), date(1999, 12, 31)),
        ("0001~", FIRST, date(2, 12, 31)),
        ("9999~", date(9998, 1, 1), LAST),
        ("00XX", FIRST, date(99, 12, 31)),
        ("0001-01~", FIRST, date(1, 2, 28)),
        ("9999-12~", date(9999, 11, 1), LAST),
        ("9999-12-31~", date(9999, 12, 30), LAST),
    ],
)
def test_a_date_stands_for_its_days(written, first, last):
    (node,) = parse(f"date:{written}")
    assert (date.fromordinal(node.start), date.fromordinal(node.end)) == (first, last)
