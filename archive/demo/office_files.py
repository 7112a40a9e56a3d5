"""Writes the smallest DOCX, ODT and XLSX files that office programs accept: a few XML parts in a ZIP.

The bytes depend on the text alone: every part carries the same fixed date.
"""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_DATE = (2024, 3, 1, 12, 0, 0)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ODT = "application/vnd.oasis.opendocument.text"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"


def write_docx(text: str) -> bytes:
    """Return a Word document with one paragraph for each line of `text`."""
    lines = text.splitlines()
    paragraphs = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(n)}</w:t></w:r></w:p>' for n in lines)
    document = f'{_XML}<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}<w:sectPr/></w:body></w:document>'
    return _zip(
        [
            ("[Content_Types].xml", _content_types({"/word/document.xml": _DOCX})),
            ("_rels/.rels", _relations([("officeDocument", "word/document.xml")])),
            ("word/document.xml", document),
        ]
    )


def write_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a spreadsheet of one sheet; every cell is text."""
    cells = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    sheet = f'{_XML}<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData></worksheet>'
    book = (
        f'{_XML}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    types = {
        "/xl/workbook.xml": f"{_XLSX}.sheet.main+xml",
        "/xl/worksheets/sheet1.xml": f"{_XLSX}.worksheet+xml",
    }
    return _zip(
        [
            ("[Content_Types].xml", _content_types(types)),
            ("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])),
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", _relations([("worksheet", "worksheets/sheet1.xml")])),
            ("xl/worksheets/sheet1.xml", sheet),
        ]
    )


def write_odt(text: str) -> bytes:
    """Return an OpenDocument text with one paragraph for each line of `text`."""
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.splitlines())
    content = (
        f'{_XML}<office:document-content xmlns:office="{_OPEN}:office:1.0" xmlns:text="{_OPEN}:text:1.0" '
        f'office:version="1.2"><office:body><office:text>{paragraphs}</office:text></office:body>'
        "</office:document-content>"
    )
    manifest = (
        f'{_XML}<manifest:manifest xmlns:manifest="{_OPEN}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODT}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    return _zip([("mimetype", _ODT), ("content.xml", content), ("META-INF/manifest.xml", manifest)])


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _content_types(overrides: dict[str, str]) -> str:
    parts = "".join(f'<Override PartName="{p}" ContentType="{t}"/>' for p, t in overrides.items())
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    parts = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{parts}</Relationships>'


def _zip(parts: Sequence[tuple[str, str]]) -> bytes:
    """Pack the parts uncompressed, as OpenDocument wants of its first part; they are small."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, _DATE), content.encode())
    return packed.getvalue()
