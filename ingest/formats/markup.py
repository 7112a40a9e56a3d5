"""HTML to paragraphs of text, without following or running anything in it."""

import re
from html.parser import HTMLParser

from ingest.formats.encodings import decode
from ingest.formats.parts import Parsed, grouped, tidy

_HIDDEN = frozenset({"script", "style", "template", "noscript", "svg"})
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
    }
    | {
        "o:p",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    }
)
_CELLS = frozenset({"td", "th"})
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)


class _Text(HTMLParser):
    """Collects the text of the page, one piece per block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.title = ""
        self._held: list[str] = []
        self._hidden = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "title":
            self._in_title = True
        elif tag == "br":
            self._held.append("\n")
        elif tag in _CELLS:
            self._held.append(" ")
        elif tag not in _INLINE:
            self.flush()
        for name, value in attrs:
            if name in ("alt", "title") and value and tag not in _HIDDEN:
                self._held.append(f" {value} ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "title":
            self._in_title = False
        elif tag not in _INLINE and tag not in _CELLS:
            self.flush()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._hidden:
            self._held.append(re.sub(r"\s+", " ", data))

    def flush(self) -> None:
        text = tidy("".join(self._held))
        self._held.clear()
        if text:
            self.blocks.append(text)


def blocks_of(markup: str) -> tuple[list[str], str]:
    """Return the blocks of text of a page, and its title."""
    parser = _Text()
    parser.feed(markup)
    parser.close()
    parser.flush()
    return parser.blocks, tidy(parser.title).replace("\n", " ")


def decode_html(data: bytes) -> tuple[str, str]:
    """Decode a page by its mark, its own declaration, or its looks."""
    declared = _CHARSET.search(data[:4096])
    return decode(data, declared=declared.group(1).decode("ascii") if declared else None)


def read_html(markup: str, encoding: str) -> Parsed:
    """Read a page as paragraphs."""
    blocks, title = blocks_of(markup)
    metadata = {"encoding": encoding} | ({"title": title} if title else {})
    return Parsed(tuple(grouped(([title] if title else []) + blocks, unit="paragraph")), metadata)
