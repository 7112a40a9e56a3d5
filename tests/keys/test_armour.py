"""Armour: there and back, and what the vectors do not show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.armour import armour, unarmour
from keys.errors import ArmourError

TEXT = armour(bytes(100))


@given(st.binary(min_size=1, max_size=300))
def test_armour_comes_off_as_it_went_on(data):
    text = armour(data)
    assert unarmour(text) == data
    assert unarmour(text.replace(b"\n", b"\r\n")) == data
    assert unarmour(b"\r\n \t" + text + b"\n\n") == data


@given(st.binary(max_size=300))
def test_noise_is_no_armour(data):
    with pytest.raises(ArmourError):
        unarmour(data)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace(b"\n", b"\r\r\n"),
        TEXT.replace(b"\n", b"\r"),
        TEXT.replace(b"AGE ENCRYPTED FILE", b"PRIVATE KEY"),
        TEXT + TEXT,
        TEXT.replace(b"-----END", b"\x00-----END"),
        TEXT[:-2],
    ],
    ids=["doubled CR", "only CR", "another label", "two of them", "NUL", "cut"],
)
def test_any_other_spelling_is_refused(text):
    with pytest.raises(ArmourError) as caught:
        unarmour(text)
    assert (caught.value.code, caught.value.exit_status) == ("K11", 4)
