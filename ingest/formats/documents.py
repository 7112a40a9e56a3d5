"""PDF, Office, OpenDocument, RTF, Outlook messages and images, read by kreuzberg with its caches off.

Runs only inside the parser host. Tesseract is inside kreuzberg; no program is started. It keeps a language in
memory once read, so after `warm_up` neither it nor the PDF library opens a file again.
"""

import base64
import re
from collections.abc import Sequence
from typing import Any

import kreuzberg

from ingest.formats.office import beside_body
from ingest.formats.parts import Escalate, Parsed, Segment, Unreadable, grouped, paragraphs, tidy

_SLIDES = re.compile(r"presentation|powerpoint")
# Stands before each page; the letters are of the private use area.
_MARK_FORMAT = "\n\ue0f0{page_num}\ue0f0\n"
_MARK = re.compile("\ue0f0([0-9]{1,6})\ue0f0")
# A page with fewer letters than this is taken for a picture of a page.
_SCANNED_LETTERS = 20
# A small white picture, and the least PDF that PDFium opens.
_PIXELS = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAADAAAAAwAQAAAAB/ecQqAAAAFUlEQVR42mP8z8DAwMDAxDBKUYUCAI4QAV/12NE0AAAAAElFTkSu"
    b"QmCC"
)
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n"
)
_METADATA = (
    "title",
    "subject",
    "authors",
    "created_by",
    "modified_by",
    "created_at",
    "modified_at",
    "producer",
)


class Documents:
    """kreuzberg behind one method. With `ocr`, pictures and scanned pages are read too."""

    def __init__(self, *, ocr: bool) -> None:
        self._ocr = ocr

    def warm_up(self, *, ocr: Sequence[str]) -> None:
        """Make the libraries load what they need from disk, on harmless bytes."""
        self._try(_PDF, "application/pdf", _settings())
        if ocr:
            self._try(_PIXELS, "image/png", _settings(ocr))

    def read(self, data: bytes, *, media_type: str, languages: Sequence[str]) -> Parsed:
        """Read one document; Escalate where its text is in pictures and this host does no OCR."""
        if media_type.startswith("image/"):
            return self._picture(data, media_type, languages)
        result = _extract(data, media_type, _settings())
        if media_type == "application/pdf" or _SLIDES.search(media_type):
            pages = _pages(result.content)
            if media_type == "application/pdf" and languages:
                pages |= self._scanned(data, _pictures(pages, result.metadata), languages)
            notes = [str(note.content) for note in result.annotations or () if note.content]
            segments = [*_paged(pages), *grouped(notes, unit="annotation")]
        else:
            segments = [*grouped(paragraphs(_pages(result.content)[0]), unit="paragraph"), *beside_body(data)]
        return Parsed(tuple(segments), _metadata(result.metadata))

    def _picture(self, data: bytes, media_type: str, languages: Sequence[str]) -> Parsed:
        if not languages:
            raise Unreadable("not-text", "no-ocr-languages")
        if not self._ocr:
            raise Escalate("ocr")
        result = _extract(data, media_type, _settings(languages))
        return Parsed(tuple(_paged(_pages(result.content))), _metadata(result.metadata))

    def _scanned(self, data: bytes, pictures: list[int], languages: Sequence[str]) -> dict[int, str]:
        """Recognise the text of the pages that are pictures."""
        if not pictures:
            return {}
        if not self._ocr:
            raise Escalate("ocr")
        found = _pages(_extract(data, "application/pdf", _settings(languages, pages=pictures)).content)
        return {number: text for number, text in found.items() if number in pictures}

    def _try(self, data: bytes, media_type: str, settings: Any) -> None:
        """Only the loading matters, not the result."""
        try:
            kreuzberg.extract_bytes_sync(data, media_type, config=settings)
        except Exception:
            return


def _settings(languages: Sequence[str] = (), *, pages: Sequence[int] = ()) -> Any:
    ocr = None
    if languages:
        joined = "+".join(languages)
        tesseract = kreuzberg.TesseractConfig(
            language=joined, use_cache=False, output_format="text", enable_table_detection=False
        )
        ocr = kreuzberg.OcrConfig(backend="tesseract", language=joined, tesseract_config=tesseract)
    return kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        ocr=ocr,
        force_ocr_pages=list(pages) or None,
        content_filter=kreuzberg.ContentFilterConfig(
            include_headers=True, include_footers=True, strip_repeating_text=False, include_watermarks=True
        ),
        pages=kreuzberg.PageConfig(extract_pages=True, insert_page_markers=True, marker_format=_MARK_FORMAT),
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
        email=kreuzberg.EmailConfig(msg_fallback_codepage=1251),
        pdf_options=kreuzberg.PdfConfig(extract_annotations=True),
    )


def _extract(data: bytes, media_type: str, settings: Any) -> Any:
    try:
        return kreuzberg.extract_bytes_sync(data, media_type, config=settings)
    except kreuzberg.KreuzbergError as error:
        raise Unreadable(*_refusal(str(error).lower())) from None


def _refusal(message: str) -> tuple[str, str]:
    """Which of our closed words the library's message means; the message itself may quote the file."""
    if "password" in message or "encrypt" in message:
        return "failure", "encrypted"
    if "unsupported" in message:
        return "not-text", "unsupported"
    if "too large" in message or "limit" in message or "bomb" in message:
        return "too-large", "document-limits"
    return "failure", "damaged"


def _pages(content: str) -> dict[int, str]:
    """Split at the marks; before the first is page 0. kreuzberg's own pages lack much of the text."""
    marks = list(_MARK.finditer(content))
    ends = [mark.start() for mark in marks] + [len(content)]
    pages = {0: content[: ends[0]]}
    for mark, end in zip(marks, ends[1:], strict=True):
        number = int(mark.group(1))
        pages[number] = pages.get(number, "") + content[mark.end() : end]
    return pages


def _pictures(pages: dict[int, str], metadata: Any) -> list[int]:
    """The numbers of pages with hardly a letter."""
    count = int(metadata.get("page_count") or 0)
    return [n for n in range(1, count + 1) if _letters(pages.get(n, "")) < _SCANNED_LETTERS]


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _paged(pages: dict[int, str]) -> list[Segment]:
    """Segments by page; text that no page claims is taken for the first page's."""
    found: list[Segment] = []
    for number, text in sorted(pages.items()):
        for segment in grouped([tidy(text)], unit="page"):
            found.append(Segment(segment.locator.replace("page:1", f"page:{number or 1}", 1), segment.text))
    return found


def _metadata(found: Any) -> dict[str, str]:
    kept: dict[str, str] = {}
    for key in _METADATA:
        value = found.get(key) if hasattr(found, "get") else None
        if isinstance(value, (list, tuple)):
            value = ", ".join(str(part) for part in value)
        if value:
            kept[key] = str(value)
    return kept
