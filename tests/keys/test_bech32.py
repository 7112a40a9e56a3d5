"""Bech32: published examples, and one spelling per value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import KeysError
from keys import bech32

PREFIXES = st.sampled_from(["age", "age1pq", "AGE-SECRET-KEY-", "AGE-SECRET-KEY-PQ-"])


@given(prefix=PREFIXES, data=st.binary(max_size=1300))
def test_what_is_encoded_decodes_to_itself(prefix, data):
    assert bech32.decode(prefix, bech32.encode(prefix, data)) == data


def test_the_checksum_is_that_of_bip_173():
    assert bech32.encode("a", b"") == "a12uel5l"
    assert bech32.decode("a", "A12UEL5L") == b""
    with pytest.raises(KeysError):
        bech32.decode("a", "a1lqfn3a")  # Bech32m, BIP 350


@given(
    data=st.binary(min_size=32, max_size=32), at=st.integers(4, 61), char=st.sampled_from("qpzry9x8gf2tvdw0")
)
def test_one_wrong_character_is_refused_and_never_repeated(data, at, char):
    text = bech32.encode("age", data)
    wrong = text[:at] + char + text[at + 1 :]
    if wrong == text:
        return
    with pytest.raises(KeysError) as caught:
        bech32.decode("age", wrong)
    assert caught.value.code == "K18"
    assert wrong not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "1", "age1", "age", "age12UEL5L", "Age1", "age1b", "age1ää", "\x00", "age1qqqqqq"],
)
def test_what_is_no_bech32_is_refused(text):
    with pytest.raises(KeysError):
        bech32.decode("age", text)


def test_another_prefix_is_refused():
    with pytest.raises(KeysError, match="another kind"):
        bech32.decode("age", bech32.encode("age1pq", bytes(32)))


def test_stray_bits_at_the_end_are_refused():
    values = [0, 1]  # ten bits: one byte, and two bits that are not zero
    residue = bech32._polymod([*bech32._expanded("age"), *values, *bytes(6)]) ^ 1
    checksum = [residue >> 5 * (5 - i) & 31 for i in range(6)]
    text = "age1" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[value] for value in [*values, *checksum])
    with pytest.raises(KeysError, match="stray bits"):
        bech32.decode("age", text)
