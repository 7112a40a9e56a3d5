"""Canonical JSON, beside a slow and literal reading of RFC 8785."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.canonical import DEEPEST, LARGEST_INTEGER, format_json, parse_json
from archive.errors import IntakeError

#: Texts in which the order of code points and that of UTF-16 differ are among them.
TEXTS = st.text(max_size=6) | st.sampled_from(["\ue000", "\uffff", "\U00010000", "\U0010ffff", "\ud7ff", "ў"])
WHOLE = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def literally(value):
    """Write a value as RFC 8785 says, one piece after the other."""
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{literally(key)}:{literally(part)}" for key, part in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(literally, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@given(value=VALUES)
def test_it_is_what_the_rfc_says_and_read_back(value):
    data = format_json(value)
    assert data == literally(value).encode()
    assert parse_json(data) == value


@given(value=VALUES, data=st.data())
def test_every_other_spelling_is_refused(value, data):
    written = format_json(value)
    spaced = json.dumps(value, ensure_ascii=False).encode()
    escaped = json.dumps(value, separators=(",", ":")).encode()
    for other in (spaced, escaped, written + b" ", written + b"\n"):
        if other != written:
            with pytest.raises(IntakeError) as raised:
                parse_json(other)
            assert raised.value.code == "I03"


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        '{"\ue000":1,"\U00010000":2}'.encode(),
        b"1.0",
        b"1e3",
        b"-0",
        b"NaN",
        b"Infinity",
        b"01",
        str(LARGEST_INTEGER + 1).encode(),
        b"9" * 5000,
        b'"\\ud800"',
        b'{"\\ud800":1}',
        b"\xff",
        b"",
        b"[" * 2000,
        b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2),
    ],
)
def test_what_is_not_canonical_is_refused(data):
    with pytest.raises(IntakeError) as raised:
        parse_json(data)
    assert raised.value.code == "I03"


@pytest.mark.parametrize(
    "value", [1.0, {1: 2}, {"a": b"b"}, LARGEST_INTEGER + 1, "\ud800", {"\udfff": 1}, {None: 1}]
)
def test_what_has_no_encoding_is_refused(value):
    with pytest.raises(IntakeError) as raised:
        format_json({"deeper": [value]})
    assert raised.value.code == "I03"


@pytest.mark.parametrize("inside", ["", "1", '""', "null"])
@pytest.mark.parametrize("depth", [DEEPEST - 1, DEEPEST, DEEPEST + 1, DEEPEST + 2])
def test_reading_and_writing_agree_on_what_is_too_deep(depth, inside):
    data = b"[" * depth + inside.encode() + b"]" * depth
    try:
        written = format_json(json.loads(data))
    except IntakeError:
        with pytest.raises(IntakeError):
            parse_json(data)
    else:
        assert written == data
        assert parse_json(data) == json.loads(data)
