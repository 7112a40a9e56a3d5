"""Passphrases: generated, typed on another keyboard, too short."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import KeysError
from keys.passphrases import check_own, generate, normalise, words


def test_six_words_come_from_the_randomness_given():
    assert generate(bytes) == " ".join(["abacus"] * 6)
    assert generate(lambda size: b"\xff" * size) == " ".join(["zucchini"] * 6)


@pytest.mark.parametrize("start", [0, 30 * 2048, 31 * 2048])
def test_every_word_is_as_likely_as_any_other(start):
    drawn = count(start)
    listed = words("en")
    for first in range(0, 2048 - 2048 % 6, 6):
        phrase = generate(lambda _size: next(drawn).to_bytes(2, "big"))
        assert phrase.split() == list(listed[first : first + 6])


def test_generated_passphrases_are_long_enough_and_in_normal_form():
    for _ in range(50):
        passphrase = generate()
        assert len(passphrase.split(" ")) == 6
        assert check_own(passphrase) == passphrase


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  Abacus   ACCENT\tacorn ", "abacus accent acorn"),
        ("сям\u2019я і дом", "сям'я і дом"),
        ("СЯМ\u02bcЯ І ДОМ", "сям'я і дом"),
        ("и\u0306е\u0308", "йе"),
        ("лiс iдзе ў Lisbon", "ліс ідзе у lisbon"),
        ("ｗｉｄｅ\u3000ｗｏｒｄｓ", "wide words"),
        ("зло\u00a0добро", "зло добро"),
    ],
)
def test_what_is_typed_on_another_keyboard_means_the_same(typed, meant):
    assert normalise(typed) == meant


@given(st.text(max_size=100).filter(lambda text: text.isprintable()))
def test_the_normal_form_is_its_own_normal_form(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text("абвгдеёжзійклмнопрстуўфхцчшыьэюя' abcdefghijklmnopqrstuvwxyz0123456789", max_size=50))
def test_case_and_spaces_around_never_matter(text):
    assert normalise(text.upper() + " ") == normalise(text)


@pytest.mark.parametrize("short", ["", "fourteen chars", " fourteen  chars   ", "a" + " " * 40])
def test_a_short_passphrase_of_ones_own_is_refused(short):
    with pytest.raises(KeysError) as caught:
        check_own(short)
    assert caught.value.code == "K23"


def test_fifteen_characters_are_enough():
    assert check_own("fifteen  charsss") == "fifteen charsss"


def test_what_is_no_text_or_endless_is_refused():
    with pytest.raises(KeysError, match="not text"):
        normalise("\ud800 and more of it")
    with pytest.raises(KeysError, match="too long"):
        normalise("a" * 1025)
