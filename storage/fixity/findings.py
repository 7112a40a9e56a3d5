"""What a check of the stores finds, and how much it compared."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from archive.digests import Digest
from archive.ids import Id

#: So many are named for each store; all are counted.
MOST_NAMED: Final = 1000

#: A store, "body" or "header", and the digest of the body.
Where = tuple[Id | None, str, Digest]


@dataclass(slots=True)
class Shortfall:
    """One body or header that is not as logged in one store: F40 to F43, F53 unreadable, F56 destroyed."""

    copy: Id | None
    part: str
    body: Digest
    code: str
    expected: str | None = None
    found: str | None = None
    repaired: bool = False

    @property
    def where(self) -> Where:
        """What it is about."""
        return self.copy, self.part, self.body


@dataclass(slots=True)
class Tally:
    """What was compared in one store. `after` is the last body; `unnamed` faults are only counted."""

    copy: Id | None
    after: str = ""
    done: bool = False
    bodies: int = 0
    headers: int = 0
    unnamed: int = 0
    unnamed_repaired: int = 0
    surplus: int = 0


@dataclass(slots=True)
class Findings:
    """What one run found so far, in every store; `begun` is when it began, which a resumed one did
    earlier."""

    begun: str = ""
    tallies: dict[Id | None, Tally] = field(default_factory=dict)
    shortfalls: dict[Where, Shortfall] = field(default_factory=dict)
    unreached: list[Id] = field(default_factory=list)
    _named: Counter[Id | None] = field(default_factory=Counter)

    def takes(self, shortfall: Shortfall) -> bool:
        """Say whether one more is named for its store, or only counted."""
        return shortfall.where in self.shortfalls or self._named[shortfall.copy] < MOST_NAMED

    def add(self, shortfall: Shortfall) -> None:
        """Take one in, or the newer state of one."""
        self._named[shortfall.copy] += shortfall.where not in self.shortfalls
        self.shortfalls[shortfall.where] = shortfall

    def tally(self, copy: Id | None) -> Tally:
        """Return what is counted for a store."""
        return self.tallies.setdefault(copy, Tally(copy))

    def faults(self, copy: Id | None) -> int:
        """Return how many faults a store had."""
        return self.tally(copy).unnamed + self._named[copy]

    def repaired(self, copy: Id | None) -> int:
        """Return how many of them were put right."""
        named = sum(one.copy == copy and one.repaired for one in self.shortfalls.values())
        return self.tally(copy).unnamed_repaired + named

    @property
    def found(self) -> int:
        """How many faults there were in all stores."""
        return sum(map(self.faults, self.tallies))

    @property
    def left(self) -> int:
        """How many of them are still there."""
        return self.found - sum(map(self.repaired, self.tallies))
