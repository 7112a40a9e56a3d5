"""The lists of words for passphrases: what makes them easy to hear, to spell, to type and to tell apart."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import KeysError
from keys.passphrases import LANGUAGES, check_own, generate, normalise, words

ALPHABETS = {
    "be": "абвгдежзійклмнопрстуфхцчшыьэюя",
    "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
}
TYPED_IN_LATIN = str.maketrans("асеіорху", "aceiopxy")
each_language = pytest.mark.parametrize("language", LANGUAGES)


def phrases(language):
    return st.lists(st.sampled_from(words(language)), min_size=6, max_size=6).map(" ".join)


def one_letter_away(word):
    """Return patterns of which two words share one if they differ by one letter changed, added or left out."""
    changed = {f"{word[:at]}?{word[at + 1 :]}" for at in range(len(word))}
    added = {f"{word[:at]}?{word[at:]}" for at in range(len(word) + 1)}
    return changed | added


@each_language
def test_a_list_has_2048_words_in_order_without_repetition(language):
    listed = words(language)
    assert len(listed) == 2048
    assert all(first < second for first, second in pairwise(listed))


@each_language
def test_words_are_written_in_the_letters_of_their_language_only(language):
    assert set("".join(words(language))) <= set(ALPHABETS[language])


@each_language
def test_words_have_four_to_nine_letters(language):
    assert {len(word) for word in words(language)} <= set(range(4, 10))


@each_language
def test_the_first_four_letters_tell_which_word_is_meant(language):
    assert len({word[:4] for word in words(language)}) == 2048


@each_language
def test_one_wrong_missing_or_added_letter_makes_no_other_word(language):
    seen = {}
    for word in words(language):
        for pattern in one_letter_away(word):
            assert seen.setdefault(pattern, word) == word


def test_no_word_is_both_belarusian_and_russian():
    assert not set(words("be")) & set(words("ru"))


def test_no_belarusian_word_begins_with_a_letter_that_the_word_before_changes():
    assert not [word for word in words("be") if word.startswith("у")]


@each_language
def test_every_word_is_its_own_normal_form_and_stays_itself_among_the_others(language):
    assert [normalise(word) for word in words(language)] == list(words(language))


@each_language
def test_a_passphrase_is_drawn_from_the_list_of_its_language(language):
    for _ in range(20):
        passphrase = generate(language=language)
        assert check_own(passphrase) == passphrase
        assert len(passphrase.split(" ")) == 6
        assert set(passphrase.split(" ")) <= set(words(language))


def test_a_language_without_a_list_is_refused():
    with pytest.raises(KeysError) as caught:
        generate(language="../en")
    assert caught.value.code == "K32"


@pytest.mark.parametrize("language", ["be", "ru"])
@given(data=st.data())
def test_latin_letters_of_the_same_look_mean_the_cyrillic_ones(language, data):
    phrase = data.draw(phrases(language))
    typed = " ".join(
        latin if any(char in ALPHABETS[language] for char in latin) else word
        for word in phrase.split()
        for latin in [word.translate(data.draw(st.sampled_from([TYPED_IN_LATIN, {ord("і"): "i"}, {}])))]
    )
    assert normalise(typed) == phrase
    assert normalise(typed.title()) == phrase


@each_language
@given(data=st.data())
def test_capitals_and_spaces_do_not_matter(language, data):
    phrase = data.draw(phrases(language))
    gap = data.draw(st.sampled_from([" ", "  ", "\t", "\u00a0", " \n"]))
    for typed in (phrase.upper(), phrase.title(), phrase.capitalize()):
        assert normalise(gap + typed.replace(" ", gap)) == phrase


@given(phrases("ru"), st.sampled_from(["ё", "е\u0308", "Ё", "e\u0308"]))
def test_yo_for_ye_means_the_same(phrase, typed):
    assert normalise(phrase.replace("е", typed)) == phrase


@given(phrases("be"), st.sampled_from(["ў", "у\u0306", "Ў", "y\u0306"]))
def test_short_u_for_u_means_the_same(phrase, typed):
    assert normalise(phrase.replace("у", typed)) == phrase
