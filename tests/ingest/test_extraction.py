"""Extraction through the real parser host, on files made here."""

import io
import os
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.extraction import OCR_LANGUAGES, Extractor, Limits, installed_languages

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TESSDATA = Path(os.environ.get("TESSDATA_PREFIX", "/usr/share/tesseract-ocr/5/tessdata"))
PICTURES = Path(__file__).parent / "pictures"
QUICK = Limits(wall_seconds=3.0, cpu_seconds=3)


@pytest.fixture(scope="module")
def extractor():
    with Extractor(limits=Limits(), tessdata=None) as made:
        yield made


def docx(body, **parts):
    """A Word file with this body and these other parts."""
    kept = io.BytesIO()
    spaces = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName='
            '"/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml'
            '.document.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
            'Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", f"<w:document {spaces}><w:body>{body}</w:body></w:document>")
        for name, inner in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:x {spaces}>{inner}</w:x>")
    return kept.getvalue()


def paragraph(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf(*pages):
    """A PDF with these pages of Latin text."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for text in pages:
        stream = f"BT /F 12 Tf 72 700 Td ({text}) Tj ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>"
    made, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj{body}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    rest = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>"
    return f"{made}{rest}\nstartxref\n{len(made)}\n%%EOF".encode("latin-1")


def said(found):
    return "\n".join(segment.text for segment in found.segments)


def test_plain_text_comes_back_by_paragraphs(extractor):
    found = extractor.extract("Пратакол.\n\nСведка пацвярджае.".encode(), media_type="text/plain")
    assert (found.outcome, found.detail) == ("success", "ok")
    assert [(s.locator, s.text) for s in found.segments] == [
        ("paragraph:1", "Пратакол.\n\nСведка пацвярджае.")
    ]


def test_long_texts_are_cut_into_segments_of_some_hundred_words_that_keep_their_place(extractor):
    text = "\n\n".join(f"{number} " + "word " * 99 for number in range(1, 13))
    found = extractor.extract(text.encode(), media_type="text/plain")
    assert [s.locator for s in found.segments] == [
        "paragraph:1",
        "paragraph:4",
        "paragraph:7",
        "paragraph:10",
    ]
    assert [s.text.split()[0] for s in found.segments] == ["1", "4", "7", "10"]


def test_a_text_without_a_break_is_cut_all_the_same(extractor):
    found = extractor.extract(b"word " * 1000, media_type="text/plain")
    assert [s.locator for s in found.segments][:2] == ["paragraph:1", "paragraph:1/part:2"]
    assert sum(len(s.text.split()) for s in found.segments) == 1000


def test_a_descriptor_is_read_from_its_start_and_stays_open(extractor):
    with tempfile.TemporaryFile() as kept:
        kept.write(b"The witness signed.")
        kept.flush()
        found = extractor.extract(kept.fileno(), media_type="text/plain")
        assert said(found) == "The witness signed."
        assert os.fstat(kept.fileno()).st_size == 19


def test_a_pdf_comes_back_by_pages(extractor):
    found = extractor.extract(pdf("First page", "Second page"), media_type="application/pdf")
    assert [(s.locator, s.text) for s in found.segments] == [
        ("page:1", "First page"),
        ("page:2", "Second page"),
    ]


def test_a_word_file_gives_its_body_header_footer_and_comments(extractor):
    data = docx(
        paragraph("Сведка пацвярджае"),
        header1=paragraph("Ленінскі РУУС"),
        footer1=paragraph("старонка"),
        comments=paragraph("зверыць"),
    )
    found = extractor.extract(data, media_type=WORD)
    assert [(s.locator, s.text) for s in found.segments] == [
        ("paragraph:1", "Сведка пацвярджае"),
        ("header:1", "Ленінскі РУУС"),
        ("footer:1", "старонка"),
        ("comment:1", "зверыць"),
    ]


def test_an_rtf_in_cyrillic_is_read(extractor):
    data = rb"{\rtf1\ansi\ansicpg1251 \'d1\'e2\'e5\'e4\'ea\'e0 \u1110?\par}"
    assert "Сведка і" in said(extractor.extract(data, media_type="application/rtf"))


def test_an_attachment_of_a_mail_is_read_in_its_own_place(extractor):
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Сведка <a@example.org>", "Пратакол"
    mail.set_content("Глядзі дадатак.")
    mail.add_attachment(
        docx(paragraph("Скарга")), maintype="application", subtype="octet-stream", filename="s.docx"
    )
    mail.add_attachment(pdf("Ruling"), maintype="application", subtype="pdf", filename="пастанова.pdf")
    found = extractor.extract(mail.as_bytes(), media_type="message/rfc822")
    assert [(s.locator, s.text) for s in found.segments] == [
        ("header:1", "From: Сведка <a@example.org>\nSubject: Пратакол"),
        ("paragraph:1", "Глядзі дадатак."),
        ("attachment:1", "s.docx"),
        ("attachment:1/paragraph:1", "Скарга"),
        ("attachment:2", "пастанова.pdf"),
        ("attachment:2/page:1", "Ruling"),
    ]
    assert found.metadata["subject"] == "Пратакол"


@pytest.mark.parametrize(
    "media_type", ["video/mp4", "audio/ogg", "application/octet-stream", "application/zip"]
)
def test_what_holds_no_text_says_so(extractor, media_type):
    assert extractor.extract(b"\0\1\2", media_type=media_type).outcome == "not-text"


def test_binary_bytes_under_the_name_of_text_are_not_text(extractor):
    assert extractor.extract(bytes(range(256)) * 40, media_type="text/plain").outcome == "not-text"


def test_a_picture_without_languages_for_it_is_not_text(extractor):
    found = extractor.extract((PICTURES / "statement.png").read_bytes(), media_type="image/png")
    assert (found.outcome, found.detail) == ("not-text", "no-ocr-languages")


def test_an_empty_file_succeeds_without_text(extractor):
    found = extractor.extract(b"", media_type="text/plain")
    assert (found.outcome, found.detail, found.segments) == ("success", "no-text", ())


def test_a_file_over_the_limit_is_too_large():
    with Extractor(limits=Limits(input_bytes=10), tessdata=None) as small:
        assert small.extract(b"x" * 11, media_type="text/plain").outcome == "too-large"


def test_more_text_than_the_limit_is_too_large_and_the_next_file_is_read():
    with Extractor(limits=Limits(output_bytes=1000), tessdata=None) as small:
        assert small.extract(b"word " * 1000, media_type="text/plain").outcome == "too-large"
        assert small.extract(b"word", media_type="text/plain").outcome == "success"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"%PDF-1.7\nnothing", "application/pdf"),
        (b"PK\x03\x04nothing", WORD),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/msword"),
    ],
)
def test_a_damaged_file_is_a_failure(extractor, data, media_type):
    assert extractor.extract(data, media_type=media_type).outcome == "failure"


def zip_bomb():
    """Two hundred megabytes of blanks in two hundred kilobytes."""
    return docx(paragraph("x" + " " * (200 << 20)))


def billion_laughs():
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f"<?xml version='1.0'?><!DOCTYPE x [{entities}]><x>&a9;</x>".encode()
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx(""))) as clean, zipfile.ZipFile(kept, "w") as made:
        for name in clean.namelist():
            made.writestr(name, bomb if name == "word/document.xml" else clean.read(name))
    return kept.getvalue()


HOSTILE = {
    "a zip bomb": (zip_bomb, WORD),
    "a billion laughs": (billion_laughs, WORD),
    "a billion laughs as a page": (
        lambda: b"<!DOCTYPE x [<!ENTITY a '&b;&b;'>]><x>&a;</x>",
        "application/xml",
    ),
    "deep brackets": (lambda: b"[" * 200_000, "application/json"),
    "deep braces": (lambda: b'{"a":' * 200_000, "application/json"),
    "deep tags": (lambda: b"<div>" * 200_000, "text/html"),
    "deep groups": (lambda: b"{\\rtf1" + b"{" * 200_000, "application/rtf"),
    "deep tables": (lambda: docx("<w:tbl><w:tr><w:tc>" * 20_000), WORD),
    "deep mail": (lambda: b"Content-Type: message/rfc822\n\n" * 5000, "message/rfc822"),
    "many parts": (
        lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000,
        "message/rfc822",
    ),
    "open tags": (lambda: b"<" * 500_000, "text/html"),
    "open comments": (lambda: b"<!--" * 100_000, "text/html"),
    "a huge picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff", "image/png"),
    "a loop of pages": (
        lambda: (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9>>"
            b"endobj\ntrailer<</Root 1 0 R>>"
        ),
        "application/pdf",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_an_outcome_and_does_not_stop_the_next(name):
    make, media_type = HOSTILE[name]
    began = time.monotonic()
    with Extractor(limits=QUICK, tessdata=None) as extractor:
        found = extractor.extract(make(), media_type=media_type)
        assert found.outcome in {"success", "failure", "timeout", "too-large", "not-text"}
        assert found.detail != "no-start"
        assert len(said(found)) < 1 << 20
        assert said(extractor.extract(b"next", media_type="text/plain")) == "next"
    assert time.monotonic() - began < 15


def test_a_file_that_takes_too_long_is_a_timeout():
    with Extractor(limits=Limits(wall_seconds=0.5), tessdata=None) as hasty:
        text = b"Content-Type: text/plain\n\n" + b"[01/01/20, 10:00] a: b\n" * 3_000_000
        found = hasty.extract(text, media_type="text/plain")
        assert (found.outcome, found.detail) == ("timeout", "wall-clock")
        assert hasty.extract(b"next", media_type="text/plain").outcome == "success"


def everything_under(*folders):
    return {path for folder in folders for path in Path(folder).rglob("*") if "pytest" not in str(path)}


def test_nothing_is_written_anywhere(tmp_path, monkeypatch):
    import kreuzberg

    places = {name: tmp_path / name.lower() for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    for name, place in places.items():
        place.mkdir()
        monkeypatch.setenv(name, str(place))
    monkeypatch.chdir(tmp_path)
    watched = (tmp_path, Path(kreuzberg.__file__).parent)
    before, shared = everything_under(*watched), set(Path("/dev/shm").glob("sviedka-host-*"))
    with Extractor(limits=Limits(), tessdata=None) as extractor:
        extractor.extract(pdf("First page"), media_type="application/pdf")
        extractor.extract(docx(paragraph("x")), media_type=WORD)
        extractor.extract(b"%PDF-1.7 broken", media_type="application/pdf")
        extractor.extract(b"plain", media_type="text/plain")
    assert everything_under(*watched) == before
    assert set(Path("/dev/shm").glob("sviedka-host-*")) <= shared


def test_several_threads_share_one_extractor(extractor):
    def one(number):
        kind = "application/pdf" if number % 4 == 0 else "text/plain"
        data = pdf(f"text {number}") if number % 4 == 0 else f"text {number}".encode()
        return said(extractor.extract(data, media_type=kind))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(24))) == [f"text {number}" for number in range(24)]


def test_small_texts_of_one_deposit_do_not_cost_a_process_each(extractor):
    began = time.monotonic()
    for number in range(500):
        extractor.extract(f"text {number}".encode(), media_type="text/plain")
    assert time.monotonic() - began < 5


@pytest.fixture
def reading():
    if set(installed_languages(TESSDATA)) != set(OCR_LANGUAGES):
        pytest.skip("Tesseract's files for bel, rus, ukr, pol and eng are not on this machine")
    with Extractor(limits=Limits(), tessdata=TESSDATA) as made:
        yield made


@pytest.mark.ocr
def test_the_text_of_a_picture_is_recognised_in_four_languages(reading):
    found = reading.extract((PICTURES / "statement.png").read_bytes(), media_type="image/png")
    assert [s.locator for s in found.segments] == ["page:1"]
    for words in (
        "Пратакол допыту",
        "Сведка пацвярджае",
        "Подпись следователя",
        "protokół",
        "The witness signed",
    ):
        assert words in said(found)


@pytest.mark.ocr
def test_a_page_without_text_is_recognised_and_the_others_are_not_touched(reading):
    found = reading.extract((PICTURES / "mixed.pdf").read_bytes(), media_type="application/pdf")
    assert [s.locator for s in found.segments] == ["page:1", "page:2"]
    assert found.segments[0].text == "First page, with text of its own"
    assert "Сведка пацвярджае" in found.segments[1].text
