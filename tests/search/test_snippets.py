"""The lines around a hit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import Analyser
from search.snippets import snippet

FILLER = "слова за словам ідзе далей, "
ANALYSER = Analyser()


def shown(text, *words, width=240, language="be"):
    stems = {stem for word in words for stem in ANALYSER.query_stems(word)}
    return snippet(text, stems, ANALYSER, language=language, width=width)


def text_of(found):
    return "".join(part for part, _ in found.parts)


def test_matches_are_marked_in_whatever_form_they_stand():
    found = shown("Следчы пісаў, а следчага не было.", "следчаму")
    assert found.parts == (
        ("Следчы", True), (" пісаў, а ", False), ("следчага", True), (" не было.", False),
    )  # fmt: skip
    assert not found.cut_before
    assert not found.cut_after


def test_the_window_is_where_most_of_the_words_are():
    text = FILLER * 30 + "турма. " + FILLER * 30 + "допыт у турме пра сведку " + FILLER * 30
    found = shown(text, "турма", "допыт", "сведка", width=100)
    assert [part for part, is_match in found.parts if is_match] == ["допыт", "турме", "сведку"]
    assert found.cut_before
    assert found.cut_after
    assert len(text_of(found)) <= 100


def test_a_snippet_begins_and_ends_at_whole_words():
    found = shown(FILLER * 30 + "турма " + FILLER * 30, "турма", width=61)
    words = set((FILLER + "турма").replace(",", "").split())
    assert set(text_of(found).replace(",", "").split()) <= words


def test_without_a_match_the_beginning_is_shown():
    found = shown(FILLER * 30, "турма", width=50)
    assert FILLER.startswith(text_of(found)[:20])
    assert not found.cut_before
    assert found.cut_after


def test_a_match_at_either_end_uses_the_whole_width():
    assert len(text_of(shown("турма " + FILLER * 30, "турма", width=100))) > 80
    assert len(text_of(shown(FILLER * 30 + "турма", "турма", width=100))) > 80


def test_a_word_longer_than_the_width_is_shown_whole():
    assert text_of(shown("а" * 300 + " турма", "турма", width=100)) == "турма"
    assert text_of(shown("я" * 300, "турма", width=100)) == "я" * 300


@pytest.mark.parametrize("text", ["", " ", "…!", "\n\n"])
def test_a_text_without_words_is_shown_as_it_is(text):
    assert text_of(shown(text, "турма")) == text


def test_a_snippet_does_not_print_itself():
    assert "следчы" not in repr(shown("следчы", "следчы"))


@given(
    st.lists(st.sampled_from(["турма", "допыт", "слова", "х" * 30, "—", "у"]), max_size=40),
    st.integers(min_value=1, max_value=120),
)
def test_every_snippet_is_a_piece_of_its_text(words, width):
    text = "  ".join(words)
    found = shown(text, "турма", "допыт", width=width)
    assert text_of(found) in text
    assert len(text_of(found)) <= max(width, 30)
    assert any(is_match for _, is_match in found.parts) == bool({"турма", "допыт"} & set(words))
