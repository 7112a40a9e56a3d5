"""What a mutation of the tamper matrix is: one change, and exactly what must be said of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from matrix_copies import Copy

from archive.audit import AuditReport

#: Any object may be named besides: after it the log tells another history.
ANYTHING = frozenset({""})


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a copy, of the class `kind`.

    `expected` says for each object that must be named with which codes it may be, and it is named with no
    other. `also` are beginnings of the names of what follows from the change and may be named too. `noted`
    are warnings, by object; `options` go to the audit. `place` is what is changed, where that is not named. One
    that is `alone` is not made together with others.
    """

    kind: str
    what: str
    change: Callable[[Copy], None]
    expected: Mapping[str, frozenset[str]]
    also: frozenset[str] = frozenset()
    noted: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    place: str = ""
    alone: bool = False

    @property
    def places(self) -> set[str]:
        """What no other mutation may be about that is made together with this one."""
        return {*self.expected, *self.noted, self.place}


def together(mutations: Iterable[Mutation], most: int) -> list[list[Mutation]]:
    """Put mutations together that do not get in each other's way, at most so many."""
    made = list(mutations)
    batches: list[tuple[set[str], list[Mutation]]] = []
    for one in made:
        if one.alone:
            continue
        fits = (pair for pair in batches[-50:] if len(pair[1]) < most and not pair[0] & (one.places - {""}))
        places, batch = next(fits, (set[str](), list[Mutation]()))
        if not batch:
            batches.append((places, batch))
        places |= one.places
        batch.append(one)
    return [[one] for one in made if one.alone] + [batch for _places, batch in batches]


def codes(*words: str) -> frozenset[str]:
    return frozenset(words)


def missed(mutations: Iterable[Mutation], report: AuditReport) -> list[str]:
    """Return what the audit should have said of these mutations, made together, and did not, or said wrongly."""
    wrong, made = [], list(mutations)
    expected: dict[str, frozenset[str]] = {}
    for one in made:
        for name, words in one.expected.items():
            expected[name] = expected.get(name, frozenset()) | words
    also = tuple(name for one in made for name in one.also)
    found: dict[str, set[str]] = {}
    for fault in report.faults:
        found.setdefault(fault.object, set()).add(fault.code)
    wrong += [f"not named: {name} {sorted(words)}" for name, words in expected.items() if name not in found]
    for name, words in found.items():
        if not words <= expected.get(name, frozenset()) and not name.startswith(also or ("\0",)):
            wrong.append(f"named: {name} {sorted(words)}, not {sorted(expected.get(name, ()))}")
    noted = {(warning.object, warning.code) for warning in report.warnings}
    wrong += [f"not noted: {pair}" for one in made for pair in one.noted.items() if pair not in noted]
    if (report.outcome == "failed") != bool(expected):
        wrong.append(f"the outcome is {report.outcome}")
    return wrong


def without_faults(what: str, report: AuditReport) -> list[str]:
    return [] if (report.outcome, report.faults) == ("verified", ()) else [f"{what}: {report.faults}"]


def by_class(mutations: Iterable[Mutation]) -> dict[str, list[Mutation]]:
    found: dict[str, list[Mutation]] = {}
    for one in mutations:
        found.setdefault(one.kind, []).append(one)
    return found


def table(mutations: Iterable[Mutation]) -> str:
    """Write the classes, how many mutations each has, and what is to be said of them."""
    lines = []
    for kind, made in by_class(mutations).items():
        words = sorted({word for one in made for codes in one.expected.values() for word in codes})
        words += sorted({f"({word})" for one in made for word in one.noted.values()})
        lines.append(f"{kind:<44} {len(made):>5}   {' '.join(words)}")
    return "\n".join(lines)
