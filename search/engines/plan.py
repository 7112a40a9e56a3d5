"""From a query as people write it to one over index terms, the same for both engines.

A leaf of the query holds words; a leaf of the plan holds the terms that stand for them in this index: the
stems of every language, the keys of a name, the terms a wildcard stands for. A leaf without any word (a lone
dash) is neutral: it neither matches nor excludes.
"""

import re
from itertools import combinations
from typing import Protocol

from whoosh import query as whoosh

from archive.errors import SearchError
from search.engines.fields import (
    DEFAULT,
    MAX_SLOP,
    MENTIONS,
    NAMED,
    STEMMED,
    UNSCORED,
    WILDCARD_FIELDS,
    clamp,
    pair,
)
from search.engines.nodes import AllOf, AnyOf, Dates, Every, Maybe, Not, Phrase, Plan, Word, scored_terms
from search.engines.port import Analysis, Node

MAX_GAPS = 16
MAX_NAME_WORDS = 8
MAX_EXPANSION = 256
MAX_SCAN = 20_000
MAX_LIMIT = 1_000
MAX_OFFSET = 10_000


class Lexicon(Protocol):
    """What a plan needs to know of an index."""

    def frequency(self, field: str, term: str) -> int:
        """Return how many documents hold the term, deleted ones perhaps included."""
        ...

    def beginning(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return up to `limit` terms that begin so."""
        ...


class Planner:
    """Plans queries for one index."""

    def __init__(self, analysis: Analysis, lexicon: Lexicon) -> None:
        self._analysis = analysis
        self._lexicon = lexicon

    def plan(self, query: Node) -> Plan:
        """Return the plan; raises S01 where nothing is left to look for."""
        found = self._plan(query, 1.0)
        if found is None:
            raise SearchError("S01", "nothing to look for", expected="at least one word")
        return found

    def _plan(self, node: Node, boost: float) -> Plan | None:
        boost *= getattr(node, "boost", 1.0)
        match node:
            case whoosh.Every():
                return Every()
            case whoosh.And() | whoosh.Or():
                parts = tuple(part for child in node if (part := self._plan(child, boost)) is not None)
                if len(parts) < 2:
                    return parts[0] if parts else None
                return AllOf(parts) if isinstance(node, whoosh.And) else AnyOf(parts)
            case whoosh.Not():
                inside = self._plan(node.query, boost)
                return None if inside is None else Not(inside)
            case whoosh.AndMaybe():
                part, bonus = self._plan(node.a, boost), self._plan(node.b, boost)
                return Maybe(part, bonus) if part and bonus else part or bonus
            case whoosh.NumericRange():
                return Dates(clamp(node.start), clamp(node.end))
            case _:
                return self._leaf(node, boost)

    def _leaf(self, node: Node, boost: float) -> Plan | None:
        match node:
            case whoosh.Phrase():
                return self._words(node.fieldname, " ".join(node.words), node.slop, boost)
            case whoosh.Prefix():
                return self._wildcard(node.fieldname, node.text, "*", "", boost)
            case whoosh.Wildcard():
                head, sign, tail = re.split(r"([*?])", node.text, maxsplit=1)
                return self._wildcard(node.fieldname, head, sign, tail, boost)
            case whoosh.Term():
                return self._words(node.fieldname, node.text, 1, boost)
            case _:
                raise SearchError("S20", "this kind of query is not offered", found=type(node).__name__)

    def _words(self, field: str, text: str, slop: int, boost: float) -> Plan | None:
        if field in UNSCORED:
            return self._known(field, [text.lower()], 0.0)
        if field == "ref":
            return self._known(field, [text], boost)
        if field in NAMED:
            return self._name(field, text, boost)
        if field == "name":
            everywhere = [self._name(role, text, boost) for role in NAMED]
            return _any([*everywhere, self._mentioned(text, boost), self._spoken(text, boost)])
        if field == DEFAULT:
            return _any([self._stems(one, text, slop, boost) for one in ("text", "title")])
        return self._stems("institution" if field == "under" else field, text, slop, boost)

    def _stems(self, field: str, text: str, slop: int, boost: float) -> Plan | None:
        if field not in STEMMED:
            raise SearchError("S08", "unknown field")
        words = self._analysis.words(text)
        places = tuple(self._known(field, self._analysis.query_stems(word), boost) for word in words)
        if len(places) < 2:
            return places[0] if places else None
        if not 1 <= slop <= MAX_SLOP or slop ** (len(places) - 1) > MAX_GAPS:
            raise SearchError("S16", "a phrase too loose", expected=f"at most {MAX_GAPS} ways to fit it")
        if not all(place.terms for place in places):
            return AnyOf(())
        return Phrase(field, tuple(place.terms for place in places), slop, boost)

    def _name(self, field: str, text: str, boost: float) -> Plan | None:
        """Every two of the words must share one name, in any order and spelling."""
        keys = self._name_keys(text)
        if len(keys) == 1:
            return self._known(field, keys[0], boost)
        pairs = [sorted({pair(a, b) for a in one for b in other}) for one, other in combinations(keys, 2)]
        return _all([self._known(field, terms, boost) for terms in pairs])

    def _mentioned(self, text: str, boost: float) -> Plan | None:
        """Every word must be mentioned in the segment, in any spelling."""
        return _all([self._known(MENTIONS, keys, boost) for keys in self._name_keys(text)])

    def _spoken(self, text: str, boost: float) -> Plan | None:
        """Every word must stand in the segment in any of its forms: chats write names in small letters."""
        words = dict.fromkeys(self._analysis.words(text))
        return _all([self._known("text", self._analysis.query_stems(word), boost) for word in words])

    def _name_keys(self, text: str) -> list[tuple[str, ...]]:
        words = dict.fromkeys(self._analysis.words(text))
        if len(words) > MAX_NAME_WORDS:
            raise SearchError("S17", "too many words in one name", expected=MAX_NAME_WORDS, found=len(words))
        return [keys for word in words if (keys := tuple(self._analysis.name_keys(word)))]

    def _wildcard(self, field: str, head: str, sign: str, tail: str, boost: float) -> Plan | None:
        if field not in WILDCARD_FIELDS:
            raise SearchError("S21", "wildcards are not offered in this field")
        if field == DEFAULT:
            return _any([self._wildcard(one, head, sign, tail, boost) for one in ("text", "title")])
        heads, tails = self._analysis.words(head), self._analysis.words(tail)
        if len(heads) != 1 or len(tails) > 1 or not set("*?").isdisjoint(tail):
            raise SearchError("S14", "a wildcard stands inside or after a word, once")
        terms = self._expand(field, heads[0], sign, "".join(tails))
        return Word(field, terms, boost)

    def _expand(self, field: str, head: str, sign: str, tail: str) -> tuple[str, ...]:
        """Find the indexed stems that fit a pattern written for whole words.

        The pattern's own ending may have been cut from the stems, so its stems are tried as well.
        """
        found = self._lexicon.beginning(field, head, MAX_SCAN)
        if sign == "*" and not tail:
            whole = self._known(field, self._analysis.query_stems(head), 1.0).terms
            terms = tuple(dict.fromkeys((*found, *whole)))
        else:
            stand_in = head + head[-1]
            stems = {
                stem for stem in self._analysis.query_stems(stand_in + tail) if stem.startswith(stand_in)
            }
            tails = {tail, *(stem[len(stand_in) :] for stem in stems)}
            filling = "." if sign == "?" else ".*"
            fits = re.compile("|".join(re.escape(head) + filling + re.escape(end) for end in sorted(tails)))
            terms = tuple(term for term in found if fits.fullmatch(term))
        if len(found) >= MAX_SCAN or len(terms) > MAX_EXPANSION:
            raise SearchError("S18", "a wildcard stands for too many words", expected=MAX_EXPANSION)
        return terms

    def _known(self, field: str, terms: tuple[str, ...] | list[str], boost: float) -> Word:
        """Leave out terms the index does not hold: fewer alternatives, shorter queries."""
        known = tuple(term for term in dict.fromkeys(terms) if self._lexicon.frequency(field, term))
        return Word(field, known, boost)


def _any(parts: list[Plan | None]) -> Plan | None:
    kept = tuple(part for part in parts if part is not None)
    return AnyOf(kept) if len(kept) > 1 else kept[0] if kept else None


def _all(parts: list[Plan | None] | list[Word]) -> Plan | None:
    kept = tuple(part for part in parts if part is not None)
    return AllOf(kept) if len(kept) > 1 else kept[0] if kept else None


def check_cost(plan: Plan, lexicon: Lexicon, postings: int) -> None:
    """Refuse (S19) a plan that would read more postings than allowed: engines cannot be interrupted."""
    cost = sum(lexicon.frequency(field, term) for field, term in scored_terms(plan))
    if cost > postings:
        raise SearchError(
            "S19", "the query is too broad", expected=f"at most {postings} postings", found=cost
        )


def check_page(limit: int, offset: int) -> None:
    """Refuse (S34) a page that no person reads to."""
    if not (0 <= limit <= MAX_LIMIT and 0 <= offset <= MAX_OFFSET):
        raise SearchError("S34", "the page is out of range", expected=f"at most {MAX_LIMIT} hits")
