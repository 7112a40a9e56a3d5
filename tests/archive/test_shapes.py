"""The one spelling of every value in an event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import shapes
from archive.codec import b64
from archive.errors import CustodyError, IntakeError
from archive.shapes import check_shape, object_of, optional

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
SHAPE = {"count": shapes.count, "word": shapes.one_of(["a", "b"])}


def refuses(check, value):
    with pytest.raises((IntakeError, CustodyError, TypeError, ValueError, AttributeError)):
        check(value)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (shapes.identifier, ["a" * 26], ["a" * 25, "A" * 26, "a" * 25 + "b", 1, None]),
        (shapes.digest, ["0" * 64], ["0" * 63, "F" * 64, "0" * 65, 1]),
        (shapes.count, [0, 1, 2**53], [-1, True, 1.0, "1", None]),
        (shapes.positive, [1], [0, -1, True]),
        (shapes.flag, [True, False], [0, 1, None, "true"]),
        (
            shapes.moment,
            ["2026-11-20T08:05:00Z"],
            ["2026-11-20T08:05:00", "2026-13-20T08:05:00Z", "2026-11-20T24:00:00Z", "2026-11-20T08:05:00Z\n"],
        ),
        (shapes.base64_of(2), [b64(b"ab")], [b64(b"a"), "YWI", "YWI=\n", "YWJ=", None]),
        (shapes.text_of("[ab]+"), ["ab"], ["", "abc", "ab\n", 1]),
        (shapes.one_of(["a"]), ["a"], ["b", None, ["a"], {}]),
        (shapes.set_of(shapes.one_of("abc")), [[], ["a", "c"]], [["c", "a"], ["a", "a"], "ab", ["d"], [[]]]),
        (shapes.list_of(shapes.one_of("ab")), [[], ["b", "a", "a"]], ["ab", ["c"], ("a",)]),
        (optional(shapes.flag), [None, True], [0]),
        (object_of(SHAPE), [{"count": 1, "word": "a"}], [{"count": 1}, {"count": 1, "word": "c"}, None]),
    ],
)
def test_a_check_takes_the_one_spelling_and_no_other(check, good, bad):
    for value in good:
        assert check(value) is None
    for value in bad:
        refuses(check, value)


@pytest.mark.parametrize(
    "value", [{}, {"count": 1}, {"count": 1, "word": "a", "more": 1}, {"count": -1, "word": "a"}, [], None]
)
def test_a_shape_has_exactly_its_fields(value):
    with pytest.raises(CustodyError) as raised:
        check_shape(value, SHAPE, "thing")
    assert raised.value.code == "C50"
    assert "thing" in str(raised.value)


def outcome(value):
    nested = {"one": object_of(SHAPE), "set": shapes.set_of(shapes.identifier), "at": shapes.moment}
    try:
        check_shape(value, nested, "thing")
    except CustodyError as refusal:
        return refusal.code
    return "taken"


@given(JSON)
def test_whatever_json_comes_is_refused_with_the_same_code(value):
    assert outcome(value) == "C50"
    assert outcome({"one": value, "set": value, "at": value}) == "C50"
