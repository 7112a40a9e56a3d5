"""What Word and OpenDocument files say beside their body: headers, footers, comments. kreuzberg skips them.

Letterheads and marginal notes are evidence. Read with expressions, not with an XML parser: nothing expands.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator

from ingest.formats.parts import Segment, grouped, tidy

_PART = re.compile(r"word/(header|footer|comment)s?[0-9]*\.xml")
_STYLES = "styles.xml"
_PART_BYTES = 4 * 1024 * 1024
_PARTS = 100
_WORD_BREAK = re.compile(r"</w:p>|<w:br\b|<w:tab\b")
_ODF_UNIT = re.compile(r"<style:(header|footer)\b[^>]*(?<!/)>(.*?)</style:\1>", re.DOTALL)
_ODF_BREAK = re.compile(r"</text:[ph]>")
_TAG = re.compile(r"<[^<>]*>")


def beside_body(data: bytes) -> Iterator[Segment]:
    """Give the headers, footers and comments of a DOCX or ODT; nothing of any other file."""
    if not data.startswith(b"PK"):
        return
    said: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for unit, text in _units(archive):
                if text and text not in said.setdefault(unit, []):
                    said[unit].append(text)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return
    for unit, texts in said.items():
        yield from grouped(texts, unit=unit)


def _units(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    for name in archive.namelist()[: 100 * _PARTS]:
        part = _PART.fullmatch(name)
        if part:
            yield part.group(1), _text(_read(archive, name), _WORD_BREAK)
        elif name == _STYLES:
            for unit, inner in _ODF_UNIT.findall(_read(archive, name)):
                yield unit, _text(inner, _ODF_BREAK)


def _read(archive: zipfile.ZipFile, name: str) -> str:
    """Read at most 4 MiB of a part, whatever its header promises."""
    with archive.open(name) as part:
        return part.read(_PART_BYTES).decode("utf-8", "replace")


def _text(markup: str, breaks: re.Pattern[str]) -> str:
    return tidy(html.unescape(_TAG.sub("", breaks.sub(lambda found: "\n" + found.group(), markup))))
