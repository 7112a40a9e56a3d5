"""SubRip and WebVTT subtitles: segments of about a minute, located by the time they begin."""

import re
from collections.abc import Iterator

from ingest.formats.parts import Parsed, Segment, tidy

_CUE = re.compile(
    r"^(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[,.]\d{1,3}[ \t]*-->[ \t]*(?:\d{1,4}:)?\d{1,2}:\d{2}[,.]\d{1,3}",
    re.MULTILINE,
)
_TAGS = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
_NEXT_NUMBER = re.compile(r"\n[ \t]*\d{1,6}[ \t]*\n?$")
_SEGMENT_SECONDS = 60


def looks_like_subtitles(text: str) -> bool:
    """Whether the text begins as subtitles do."""
    return text.startswith("WEBVTT") or _CUE.search(text[:500]) is not None


def read_subtitles(text: str, encoding: str) -> Parsed:
    """Read cues, joined to pieces of about a minute."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    return Parsed(tuple(_minutes(_cues(unix))), {"encoding": encoding})


def _cues(text: str) -> Iterator[tuple[int, str]]:
    marks = list(_CUE.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        hours, minutes, seconds = (int(part or 0) for part in mark.groups())
        block = _TAGS.sub("", text[mark.end() : end]).partition("\n")[2]
        said = _NEXT_NUMBER.sub("", re.split(r"\n[ \t]*\n", block, maxsplit=1)[0])
        yield hours * 3600 + minutes * 60 + seconds, tidy(said)


def _minutes(cues: Iterator[tuple[int, str]]) -> Iterator[Segment]:
    held: list[str] = []
    began = 0
    for at, said in cues:
        if held and at - began >= _SEGMENT_SECONDS:
            yield Segment(_time(began), "\n".join(held))
            held = []
        if said:
            began = began if held else at
            held.append(said)
    if held:
        yield Segment(_time(began), "\n".join(held))


def _time(seconds: int) -> str:
    return f"time:{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
