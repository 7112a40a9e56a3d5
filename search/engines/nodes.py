"""The plan of a query over index terms: a closed set of nodes that every engine compiles."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Word:
    """Any of these terms."""

    field: str
    terms: tuple[str, ...]
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """One of the terms of each place, in order, each place one to `slop` after the one before.

    Phrases score as their words do, in both engines.
    """

    field: str
    places: tuple[tuple[str, ...], ...]
    slop: int = 1
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Dates:
    """A period that overlaps the document's."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Every:
    """All documents."""


@dataclass(frozen=True, slots=True)
class Not:
    """All documents but these."""

    part: "Plan"


@dataclass(frozen=True, slots=True)
class AllOf:
    """What is in every part."""

    parts: tuple["Plan", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What is in some part; nothing, if there are no parts."""

    parts: tuple["Plan", ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    """What is in the first part; the second only adds to the score."""

    part: "Plan"
    bonus: "Plan"


Plan: TypeAlias = Word | Phrase | Dates | Every | Not | AllOf | AnyOf | Maybe


def scored_terms(plan: Plan) -> set[tuple[str, str]]:
    """Return every (field, term) a plan scores."""
    match plan:
        case Word(field, terms, boost):
            return {(field, term) for term in terms if boost}
        case Phrase(field, places):
            return {(field, term) for place in places for term in place}
        case AllOf(parts) | AnyOf(parts):
            return set().union(*(scored_terms(part) for part in parts))
        case Not(part):
            return scored_terms(part)
        case Maybe(part, bonus):
            return scored_terms(part) | scored_terms(bonus)
        case _:
            return set()
