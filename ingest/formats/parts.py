"""What a reader of formats hands back: text in segments, each with the place where it stands."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_SEGMENT_WORDS = 300
_SPACES = re.compile(r"[ \t\xa0]+")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text and its locator: `page:3`, `paragraph:12`, `message:57`, `time:00:01:05`."""

    locator: str
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one file says, and what it says of itself."""

    segments: tuple[Segment, ...]
    metadata: dict[str, str] = field(default_factory=dict)


class Unreadable(Exception):
    """The file cannot be read; `detail` is a closed word, never anything out of the file."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail


class Escalate(Exception):
    """A reader with more libraries is needed: `documents` or `ocr`."""

    def __init__(self, tier: str) -> None:
        super().__init__(tier)
        self.tier = tier


def tidy(text: str) -> str:
    """Make runs of blanks one blank, line by line, and drop empty lines at both ends."""
    lines = (
        _SPACES.sub(" ", line).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    )
    return "\n".join(lines).strip("\n")


def grouped(pieces: Iterable[str], *, unit: str, prefix: str = "") -> Iterator[Segment]:
    """Join short pieces to segments of about 300 words; the locator counts the first piece, from 1.

    A single piece longer than twice that is cut between words, its later cuts as `paragraph:4/part:2`.
    """
    held: list[str] = []
    words = first = 0
    for number, piece in enumerate(pieces, start=1):
        count = piece.count(" ") + piece.count("\n") + 1
        if held and words + count > _SEGMENT_WORDS:
            yield from _segment(f"{prefix}{unit}:{first}", held)
            held, words = [], 0
        first = first if held else number
        held.append(piece)
        words += count
    if held:
        yield from _segment(f"{prefix}{unit}:{first}", held)


def _segment(locator: str, pieces: list[str]) -> Iterator[Segment]:
    text = "\n\n".join(pieces)
    for part, cut in enumerate(_cuts(text), start=1):
        yield Segment(locator if part == 1 else f"{locator}/part:{part}", cut)


def _cuts(text: str) -> Iterator[str]:
    words = list(re.finditer(r"\S+", text))
    size = len(words) if len(words) <= 2 * _SEGMENT_WORDS else _SEGMENT_WORDS
    for start in range(0, len(words), max(size, 1)):
        chunk = words[start : start + size]
        yield text[chunk[0].start() : chunk[-1].end()]


def paragraphs(text: str) -> list[str]:
    """Split at empty lines; where a text has none, at line ends."""
    clean = tidy(text)
    blocks = re.split(r"\n{2,}", clean)
    if len(blocks) == 1:
        blocks = clean.split("\n")
    return [block for block in blocks if block]
