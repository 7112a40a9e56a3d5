"""Compile a plan to a tantivy query."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from itertools import accumulate, product

import tantivy
from tantivy import FieldType, Occur, Query

from search.engines.fields import DAYS
from search.engines.nodes import AllOf, AnyOf, Dates, Every, Maybe, Not, Phrase, Plan, Word
from search.engines.port import Bounds

Weight = Callable[[str, str], float]
Places = list[str | tuple[int, str]]


class Compiler:
    """Compiles for one schema; `weight(field, term)` multiplies the score of each term."""

    def __init__(self, schema: tantivy.Schema, weight: Weight) -> None:
        self._schema = schema
        self._weight = weight
        self._range = partial(Query.range_query, schema, field_type=FieldType.Integer)

    def bounded(self, query: Query, bounds: Bounds) -> Query:
        """Shut items out, or restrict the query to some, without touching the scores."""
        clauses = [(Occur.Must, query)]
        if bounds.only_items is not None:
            clauses.append((Occur.Must, _filter(self._items(bounds.only_items))))
        if bounds.excluded_items:
            clauses.append((Occur.MustNot, self._items(bounds.excluded_items)))
        return Query.boolean_query(clauses) if len(clauses) > 1 else query

    def compile(self, plan: Plan) -> Query:
        """Return the query that matches exactly the plan's documents."""
        match plan:
            case Word():
                return _should(self._term(plan.field, term, plan.boost) for term in plan.terms)
            case Phrase():
                return self._phrase(plan)
            case Dates():
                return self._dates(plan)
            case Every():
                return _every()
            case Not():
                return self._all((plan,))
            case AllOf(parts):
                return self._all(parts)
            case AnyOf(parts):
                return _should(self.compile(part) for part in parts)
            case Maybe(part, bonus):
                return Query.boolean_query(
                    [(Occur.Must, self.compile(part)), (Occur.Should, self.compile(bonus))]
                )

    def _all(self, parts: tuple[Plan, ...]) -> Query:
        """tantivy subtracts only from something, so negatives alone are subtracted from everything."""
        negatives = [(Occur.MustNot, self.compile(part.part)) for part in parts if isinstance(part, Not)]
        positives = [(Occur.Must, self.compile(part)) for part in parts if not isinstance(part, Not)]
        return Query.boolean_query([*(positives or [(Occur.Must, _every())]), *negatives])

    def _term(self, field: str, term: str, boost: float) -> Query:
        query = Query.term_query(self._schema, field, term)
        weight = boost * self._weight(field, term)
        return query if weight == 1.0 else Query.boost_query(query, weight)

    def _phrase(self, plan: Phrase) -> Query:
        """Filter by the exact places, score by the words; each way to fit the gaps is one exact phrase."""
        steps = product(range(1, plan.slop + 1), repeat=len(plan.places) - 1)
        fits = _should(self._exact(plan, accumulate(gaps, initial=0)) for gaps in steps)
        terms = {term for place in plan.places for term in place}
        words = [(Occur.Should, self._term(plan.field, term, plan.boost)) for term in sorted(terms)]
        return Query.boolean_query([(Occur.Must, _filter(fits)), *words])

    def _exact(self, plan: Phrase, offsets: Iterable[int]) -> Query:
        if all(len(place) == 1 for place in plan.places):
            plain: Places = [(offset, place[0]) for offset, place in zip(offsets, plan.places, strict=True)]
            return Query.phrase_query(self._schema, plan.field, plain)
        # No other query of tantivy takes alternatives at one place.
        patterns: Places = [
            (offset, "|".join(map(re.escape, place)))
            for offset, place in zip(offsets, plan.places, strict=True)
        ]
        return Query.regex_phrase_query(self._schema, plan.field, patterns)

    def _dates(self, plan: Dates) -> Query:
        begun = self._range(field_name="first", lower_bound=-DAYS, upper_bound=plan.last)
        not_over = self._range(field_name="last", lower_bound=plan.first, upper_bound=DAYS)
        return _filter(Query.boolean_query([(Occur.Must, begun), (Occur.Must, not_over)]))

    def _items(self, items: Iterable[str]) -> Query:
        return Query.term_set_query(self._schema, "item", sorted(items))


def _should(parts: Iterable[Query]) -> Query:
    queries = list(parts)
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _every() -> Query:
    return _filter(Query.all_query())


def _filter(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
