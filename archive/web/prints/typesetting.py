"""Setting a document as PDF/A-3, tagged for screen readers: the same document, the same bytes.

Typst sets it, with the fonts that it carries and nothing else: no font, package or file of the machine, no
network, no file written. What a document says reaches it as data, never as markup.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from typst import Compiler, Fonts

_STANDARDS: Final = ("a-3a", "ua-1")
#: Writing that the fonts have: Latin and Cyrillic, punctuation, №, €, −.
_SET: Final = ((0x20, 0x7E), (0xA0, 0x24F), (0x400, 0x4FF), (0x2010, 0x2026), (0x2030, 0x203A))
_SET_TOO: Final = "№€−"


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it is; `code` is set so that each sign can be compared, `apart` with room above."""

    label: str
    value: str
    code: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and the command that does it, if one does."""

    words: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A table; `widths` are the columns' shares."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and what stands under it, in the order of the fields."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = ()
    listing: Listing | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attached:
    """A text file that goes along inside the PDF."""

    name: str
    text: str
    description: str


@dataclass(frozen=True, slots=True)
class Document:
    """What is to be printed. `at` is the moment that the file says it is of."""

    title: str
    author: str
    language: str
    at: datetime
    lead: tuple[str, ...]
    parts: tuple[Part, ...]
    foot: str
    attached: Attached | None = None


def typeset(document: Document) -> bytes:
    """Return the document as PDF. Signs that the fonts lack become question marks."""
    told = {**_printable(asdict(document)), "at": None}
    # The file that goes along is handed over as it is.
    told["attached"] = asdict(document.attached) if document.attached else None
    compiler = Compiler(
        files("archive.web.prints").joinpath("page.typ").read_bytes(),
        font_paths=Fonts(include_system_fonts=False),
        ignore_system_fonts=True,
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
    )
    made = compiler.compile(
        format="pdf", pdf_standards=list(_STANDARDS), timestamp=document.at.replace(microsecond=0)
    )
    assert isinstance(made, bytes)
    return made


def _printable(value: Any) -> Any:
    """Return the same data with nothing in it that cannot be set."""
    if isinstance(value, str):
        return "".join(_signs(value))
    if isinstance(value, dict):
        return {name: _printable(part) for name, part in value.items()}
    if isinstance(value, Iterable):
        return [_printable(part) for part in value]
    return value


def _signs(text: str) -> Iterator[str]:
    for sign in unicodedata.normalize("NFC", text):
        known = sign in _SET_TOO or any(first <= ord(sign) <= last for first, last in _SET)
        yield sign if known else "?"
