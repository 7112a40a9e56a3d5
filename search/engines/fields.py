"""The fields of an index: which a query may name, how each is matched, and how a document fills them.

Both engines hold the same terms, made here. A field of names holds, for each name as written, the phonetic
keys of its words and every pair of those keys, so that two words of a query can be asked for within one name
without positions: keys have several values at one place, which neither engine's positions can express.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import combinations_with_replacement

from archive.errors import SearchError
from search.engines.port import Analysis, Document

DEFAULT = "any"
STEMMED = ("text", "title", "institution", "place", "act")
NAMED = ("perpetrator", "victim")
# Keywords that narrow a search without saying how well a document answers it.
UNSCORED = frozenset({"language", "item", "kind"})
MENTIONS = "mention"
FACETS = ("language", "kind", "item", "perpetrator", "institution", "place", "act", "ref")

# What people may write before a colon; the rest is for our own nodes.
QUERY_FIELDS = frozenset((*STEMMED, *NAMED, "language", "item", "date", "name", "under"))
WILDCARD_FIELDS = frozenset((DEFAULT, *STEMMED))

MAX_SLOP = 16
# Between two values of one field stand more empty places than any phrase may span.
_GAP = " " + " ".join(["¶"] * MAX_SLOP) + " "
# The letter first, then the look behind it: twice as fast as the other way round.
_CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-ÞĀĄĆČĎĒĖĘĚĢĪĮĶĹĻŁŃŅŇŘŚŠŤŪŬŮŲŹŻŽЀ-ЯҐ](?<!\w.)[\w'’ʼ`]*")
_WORDS_REMEMBERED = 50_000


def pair(one: str, other: str) -> str:
    """Return the term that says: these two keys stand in one name."""
    return f"{one}+{other}" if one <= other else f"{other}+{one}"


class TermMaker:
    """Turns documents into the terms of each field, separated by spaces."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._mention_keys: Callable[[str], tuple[str, ...]] = lru_cache(_WORDS_REMEMBERED)(self._keys)

    def terms(self, document: Document) -> Iterator[tuple[str, str]]:
        """Yield (field, terms) for each field of the document that holds any."""
        language = document.language or None
        values = {
            "text": (document.text,),
            "title": (document.title,),
            "institution": document.institutions,
            "place": document.places,
            "act": document.acts,
        }
        for name, texts in values.items():
            yield name, _GAP.join(" ".join(self._analysis.analyse(text, language)) for text in texts if text)
        yield "perpetrator", self._names(document.perpetrators)
        yield "victim", self._names(document.victims)
        yield MENTIONS, self._mentions(document.text)

    def _names(self, names: Iterable[str]) -> str:
        found: set[str] = set()
        for name in names:
            keys = self._keys(name)
            found.update(keys)
            found.update(pair(*two) for two in combinations_with_replacement(keys, 2))
        return " ".join(sorted(found))

    def _mentions(self, text: str) -> str:
        # Only capitalised words can be names; all others would double the index.
        words = set(_CAPITALISED.findall(text))
        return " ".join(sorted(set().union(*map(self._mention_keys, words))))

    def _keys(self, name: str) -> tuple[str, ...]:
        words = self._analysis.words(name)
        return tuple(sorted({key for word in words for key in self._analysis.name_keys(word)}))


def facet_values(document: Document, name: str) -> tuple[str, ...]:
    """Return a document's values of one facet, as written."""
    if name in ("language", "kind", "item"):
        values: tuple[str, ...] = (getattr(document, name),)
    else:
        values = getattr(document, name + "s")
    return tuple(value for value in dict.fromkeys(values) if value)


def check_facet(name: str) -> None:
    """Raise S33 where there is no such facet."""
    if name not in FACETS:
        raise SearchError("S33", "no such facet", expected=", ".join(FACETS))


def period(document: Document) -> tuple[int, int] | None:
    """Return the first and last day a document covers, or None if it has no date."""
    first, last = document.date_from, document.date_to
    if first is None and last is None:
        return None
    return (clamp(first) if first is not None else -DAYS, clamp(last) if last is not None else DAYS)


DAYS = 2**40


def clamp(day: int) -> int:
    """Keep a day within what every engine can hold."""
    return max(-DAYS, min(DAYS, day))
