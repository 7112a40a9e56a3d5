"""Identification by bytes, beside the claim of the name."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from ingest.extraction import Extractor, Limits
from ingest.identify import identify

OFFICE = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


def zipped(**parts):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, inner in parts.items():
            archive.writestr(name, inner)
    return kept.getvalue()


FILES = {
    "ruling.pdf": (b"%PDF-1.7\n", "application/pdf"),
    "statement.docx": (zipped(**{"[Content_Types].xml": "<T/>", "_rels/.rels": "", "word/document.xml": ""}), OFFICE + "wordprocessingml.document"),
    "list.xlsx": (zipped(**{"[Content_Types].xml": "<T/>", "_rels/.rels": "", "xl/workbook.xml": ""}), OFFICE + "spreadsheetml.sheet"),
    "statement.odt": (zipped(mimetype=ODF + "text"), ODF + "text"),
    "book.epub": (zipped(mimetype="application/epub+zip"), "application/epub+zip"),
    "letter.rtf": (b"{\\rtf1 x}", "application/rtf"),
    "mail.eml": (b"From: a@example.org\nTo: b@example.org\nSubject: x\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nx\n", "message/rfc822"),
    "note.txt": ("Сведка".encode(), "text/plain"),
    "old.txt": ("Сведка пацвярджае".encode("cp1251"), "text/plain"),
    "wide.txt": ("Сведка пацвярджае".encode("utf-16"), "text/plain"),
    "film.srt": (b"1\n00:00:01,000 --> 00:00:02,000\nx\n", "application/x-subrip"),
    "chat.json": (b'{"messages": []}', "application/json"),
    "rows.csv": (b"a,b\n1,2\n", "text/csv"),
    "page.html": (b"<!DOCTYPE html><html><body>x</body></html>", "text/html"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_an_ordinary_file_is_what_its_name_says(name):
    data, expected = FILES[name]
    found = identify(data, name=name)
    assert (found.media_type, found.claimed_media_type, found.mismatch) == (expected, expected, False)


@pytest.mark.parametrize("name", FILES)
def test_the_parser_host_identifies_alike(name):
    with Extractor(limits=Limits(), tessdata=None) as extractor:
        assert extractor.identify(FILES[name][0], name=name) == identify(FILES[name][0], name=name)


@pytest.mark.parametrize(
    ("data", "name", "seen"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(60), "photo.jpg", "application/"),
        (b"%PDF-1.7\n", "statement.docx", "application/pdf"),
        (b"<!DOCTYPE html><html><script>x</script></html>", "photo.png", "text/html"),
        (b"plain words", "statement.docx", "text/plain"),
    ],
)
def test_a_name_that_lies_is_flagged_and_not_believed(data, name, seen):
    found = identify(data, name=name)
    assert found.mismatch
    assert found.media_type.startswith(seen)


def test_a_name_without_extension_claims_nothing():
    found = identify(b"%PDF-1.7\n", name="scan")
    assert (found.media_type, found.claimed_media_type, found.mismatch) == ("application/pdf", None, False)


def test_an_empty_file_is_of_no_known_type():
    assert identify(b"", name="scan").media_type == "application/octet-stream"


def test_many_threads_may_identify_at_once():
    with ThreadPoolExecutor(8) as pool:
        kinds = pool.map(lambda _: identify(b"%PDF-1.7\n", name="a.pdf").media_type, range(100))
    assert set(kinds) == {"application/pdf"}
