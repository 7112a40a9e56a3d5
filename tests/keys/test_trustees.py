"""Trustees' shares: split, combine, mistyped words, and the SLIP-39 vectors through our own path."""

import itertools
import json

import pytest

from archive.errors import KeysError
from keys.identities import Identity
from keys.trustees import combine, combine_secret, split_identity

IDENTITY = Identity(bytes(range(32)))
VECTORS = 45


@pytest.fixture(scope="module")
def sheets():
    return split_identity(IDENTITY, 2, 3)


def test_any_two_of_three_sheets_give_the_identity_back(sheets):
    assert all(len(sheet.split()) == 33 for sheet in sheets)
    for pair in itertools.permutations(sheets, 2):
        assert combine(pair).text == IDENTITY.text


def test_all_sheets_together_give_it_too(sheets):
    assert combine(sheets).text == IDENTITY.text
    assert combine([*sheets, sheets[0]]).text == IDENTITY.text


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (2, 2), (3, 5), (16, 16)])
def test_other_thresholds_work(threshold, count):
    shares = split_identity(IDENTITY, threshold, count)
    assert len(shares) == count
    assert combine(shares[-threshold:]).text == IDENTITY.text


def test_one_sheet_less_gets_nothing(sheets):
    for too_few in ([], sheets[:1], [sheets[0], sheets[0]]):
        with pytest.raises(KeysError) as caught:
            combine(too_few)
        assert caught.value.code == "K26"


@pytest.mark.parametrize(("threshold", "count"), [(0, 1), (3, 2), (1, 2), (2, 17), (-1, 3)])
def test_thresholds_that_make_no_sense_are_refused(threshold, count):
    with pytest.raises(KeysError) as caught:
        split_identity(IDENTITY, threshold, count)
    assert caught.value.code == "K27"


def test_sheets_typed_in_capitals_and_over_several_lines_are_read(sheets):
    untidy = [sheet.upper().replace(" ", "\n  ", 3) for sheet in sheets[:2]]
    assert combine(untidy).text == IDENTITY.text


def test_a_word_that_does_not_exist_is_named_with_its_place(sheets):
    words = sheets[1].split()
    right, words[13] = words[13], "smok"
    with pytest.raises(KeysError, match=r"word 14 of share 2.*'smok'") as caught:
        combine([sheets[0], " ".join(words)])
    assert caught.value.code == "K25"
    assert not set(str(caught.value).split()) & set(sheets[0].split())
    assert right not in str(caught.value).split()


def test_one_word_taken_for_another_is_placed_and_not_corrected(sheets):
    words = sheets[1].split()
    right = words[20]
    words[20] = "zero" if right != "zero" else "academic"
    with pytest.raises(KeysError, match="word 21 of share 2 is probably mistyped") as caught:
        combine([sheets[0], " ".join(words)])
    assert caught.value.code == "K25"
    assert right not in str(caught.value).split()


def test_a_word_left_out_is_counted(sheets):
    with pytest.raises(KeysError, match="share 1 is incomplete; expected 33 words; found 32"):
        combine([sheets[0].rpartition(" ")[0], sheets[1]])


def test_sheets_of_two_splits_do_not_mix(sheets):
    foreign = split_identity(IDENTITY, 2, 3)
    for mixed in ([sheets[0], foreign[1]], [*sheets[:2], foreign[2]]):
        with pytest.raises(KeysError, match="different splits"):
            combine(mixed)


def test_an_overlong_share_is_refused():
    with pytest.raises(KeysError, match="too long"):
        combine(["academic " * 65])


def vectors(corpus):
    return json.loads((corpus / "slip39" / "vectors.json").read_bytes())


@pytest.mark.corpus
@pytest.mark.parametrize("number", range(1, VECTORS + 1))
def test_slip39_vector_gives_its_expected_secret(corpus, number):
    description, mnemonics, secret, _ = vectors(corpus)[number - 1]
    assert description.startswith(f"{number}. ")
    if secret:
        assert combine_secret(mnemonics, b"TREZOR").hex() == secret
        return
    with pytest.raises(KeysError) as caught:
        combine_secret(mnemonics, b"TREZOR")
    assert caught.value.code in ("K25", "K26")


@pytest.mark.corpus
def test_all_slip39_vectors_are_there(corpus):
    assert len(vectors(corpus)) == VECTORS


@pytest.mark.corpus
def test_a_secret_that_is_no_identity_is_not_taken_for_one(corpus):
    with pytest.raises(KeysError, match="not of an identity"):
        combine(vectors(corpus)[3][1])
