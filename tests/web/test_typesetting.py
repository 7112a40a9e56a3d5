"""Setting documents as PDF: data is never markup, and the same data is the same file."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from kreuzberg import extract_bytes_sync

from archive.web.prints.typesetting import Attached, Document, Fact, Listing, Part, Step, typeset

PLAIN = Document(
    title="Title",
    author="An archive",
    language="be",
    at=datetime(2026, 11, 20, 8, tzinfo=UTC),
    lead=("A lead.",),
    parts=(
        Part(
            "A part",
            ("Words.",),
            (Fact("label", "0f" * 32, code=True),),
            (Step("Do it:", "python3"),),
            Listing(("what", "when"), (("this", "then"),), (1, 1)),
            ("After.",),
        ),
    ),
    foot="foot",
)


def words(pdf):
    return " ".join(extract_bytes_sync(pdf, "application/pdf").content.split())


def test_the_same_document_is_the_same_file_to_the_byte():
    assert typeset(PLAIN) == typeset(PLAIN)
    assert typeset(replace(PLAIN, at=datetime(2026, 11, 21, tzinfo=UTC))) != typeset(PLAIN)


def test_what_is_said_is_never_read_as_markup():
    evil = '#panic("x") *strong* $x$ #include "/etc/passwd" = heading // gone \\ <label> @ref `raw`'
    pdf = typeset(replace(PLAIN, title=evil, lead=(evil,), foot=evil))
    assert '#include "/etc/passwd" = heading // gone' in words(pdf)


def test_signs_that_no_font_has_become_question_marks():
    text = words(typeset(replace(PLAIN, lead=("Ў і ґ Ł “x” 漢字 \u202eabc\x07 😀.",))))
    assert "Ў і ґ Ł “x” ?? ?abc? ?." in text


def test_a_file_goes_along_unchanged():
    text = "first line\n— second 漢\n"
    assert b"/EmbeddedFile" in typeset(replace(PLAIN, attached=Attached("r.txt", text, "a receipt")))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_set(text):
    part = replace(PLAIN.parts[0], facts=(Fact(text, text, code=True),), steps=(Step(text, text),))
    assert typeset(replace(PLAIN, title=f"T{text}", author=text, lead=(text,), parts=(part,), foot=text))
