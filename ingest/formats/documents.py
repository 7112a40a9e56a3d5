"""PDF, Office, OpenDocument, RTF, Outlook messages and images, read by kreuzberg with its caches off.

Runs only inside the parser host. Tesseract is inside kreuzberg; no program is started. It keeps a language in
memory once read, so after `warm_up` neither it nor the PDF library opens a file again.
"""

import base64
import re
from collections.abc import Sequence
from typing import Any

import kreuzberg

from ingest.formats.parts import Escalate, Parsed, Segment, Unreadable, grouped, paragraphs, tidy

_PAGED = frozenset({"application/pdf"})
_SLIDES = re.compile(r"presentation|powerpoint")
# Stands before each page; the letters are of the private use area.
_MARK_FORMAT = "\n\ue0f0{page_num}\ue0f0\n"
_MARK = re.compile("\ue0f0([0-9]{1,6})\ue0f0\n")
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
        if media_type in _PAGED or _SLIDES.search(media_type):
            pages = {page["page_number"]: page["content"] for page in result.pages or ()}
            if media_type in _PAGED and languages:
                pages |= self._scanned(data, _scanned_pages(pages, result.metadata), languages)
            return Parsed(tuple(_paged(pages, result.content)), _metadata(result.metadata))
        return Parsed(
            tuple(grouped(paragraphs(result.content), unit="paragraph")), _metadata(result.metadata)
        )

    def _picture(self, data: bytes, media_type: str, languages: Sequence[str]) -> Parsed:
        if not languages:
            raise Unreadable("not-text", "no-ocr-languages")
        if not self._ocr:
            raise Escalate("ocr")
        result = _extract(data, media_type, _settings(languages))
        pages = {page["page_number"]: page["content"] for page in result.pages or ()}
        return Parsed(tuple(_paged(pages, result.content)), _metadata(result.metadata))

    def _scanned(self, data: bytes, scanned: list[int], languages: Sequence[str]) -> dict[int, str]:
        """Recognise the text of the pages that are pictures."""
        if not scanned:
            return {}
        if not self._ocr:
            raise Escalate("ocr")
        # Recognised text stands only in the whole content, not in kreuzberg's pages.
        whole = _extract(data, "application/pdf", _settings(languages, pages=scanned)).content
        marks = list(_MARK.finditer(whole))
        ends = [mark.start() for mark in marks[1:]] + [len(whole)]
        found = {int(m.group(1)): whole[m.end() : end] for m, end in zip(marks, ends, strict=True)}
        return {number: text for number, text in found.items() if number in scanned}

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
        pages=kreuzberg.PageConfig(
            extract_pages=True, insert_page_markers=bool(pages), marker_format=_MARK_FORMAT
        ),
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


def _scanned_pages(pages: dict[int, str], metadata: Any) -> list[int]:
    """Pages with hardly a letter; kreuzberg leaves out those that have none."""
    count = int(metadata.get("page_count") or 0)
    return [n for n in range(1, count + 1) if _letters(pages.get(n, "")) < _SCANNED_LETTERS]


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _paged(pages: dict[int, str], whole: str) -> list[Segment]:
    if not pages:
        return list(grouped([tidy(whole)], unit="page"))
    found: list[Segment] = []
    for number, text in sorted(pages.items()):
        for segment in grouped([tidy(text)], unit="page"):
            found.append(Segment(segment.locator.replace("page:1", f"page:{number}", 1), segment.text))
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
