"""The few lines around a hit, as plain data: what shows them decides how a match looks.

The caller hands in one segment's text after the search event is logged; nothing here reads the archive.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from search.analysis import Analyser

Hit = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """Parts in order, each (text, is it a match), and whether the text goes on before and after them."""

    parts: tuple[tuple[str, bool], ...] = field(repr=False)
    cut_before: bool
    cut_after: bool


def snippet(
    text: str, stems: set[str], analyser: Analyser, *, language: str | None, width: int = 240
) -> Snippet:
    """Return the part of a text, of at most `width` characters, that holds most of the stems asked for.

    It begins and ends at whole words. Without a match it is the beginning of the text. Only a single word
    longer than `width` makes it longer.
    """
    spans = list(analyser.spans(text, language))
    hits = [span for span in spans if span[0] in stems]
    start, end = _around(_best_window(hits, width), spans, width, len(text))
    inside = [hit for hit in hits if start <= hit[1] and hit[2] <= end]
    return Snippet(_parts(text, start, end, inside), cut_before=start > 0, cut_after=end < len(text))


def _best_window(hits: Sequence[Hit], width: int) -> tuple[int, int]:
    """Return start and end of the hits within one width that hold most different stems, then most hits."""
    best, best_score = (0, 0), (0, 0)
    held = Counter[str]()
    first = 0
    for stem, _, end in hits:
        held[stem] += 1
        while end - hits[first][1] > width and hits[first][2] < end:
            held[hits[first][0]] -= 1
            first += 1
        score = (sum(count > 0 for count in held.values()), held.total())
        if score > best_score:
            best, best_score = (hits[first][1], end), score
    return best


def _around(window: tuple[int, int], spans: Sequence[Hit], width: int, length: int) -> tuple[int, int]:
    """Widen a window evenly to the width, then draw it back to whole words, never into the window."""
    start, end = window
    spare = max(0, width - (end - start))
    left = max(0, min(start - spare // 2, length - max(width, end - start)))
    right = min(length, max(end, left + width))
    if left > 0:
        left = next((begin for _, begin, _ in spans if begin >= left), left)
    if right < length:
        fitting = [finish for _, begin, finish in spans if begin >= left and finish <= right]
        if not fitting:
            return next(((begin, finish) for _, begin, finish in spans if finish > right), (left, right))
        right = fitting[-1]
    return left, right


def _parts(text: str, start: int, end: int, hits: Sequence[Hit]) -> tuple[tuple[str, bool], ...]:
    parts: list[tuple[str, bool]] = []
    for _, begin, finish in hits:
        if start < begin:
            parts.append((text[start:begin], False))
        parts.append((text[begin:finish], True))
        start = finish
    if start < end:
        parts.append((text[start:end], False))
    return tuple(parts)
