"""The audit of dates: the log's order is known, and what events say of when they were made must fit it.

Nobody signs the time at which an entry is logged, so an agent can date an event as she likes. Out of order
are the fewest entries that have to be set aside for the others to be in order. A wrong clock does that too:
it is a warning, and a fault (C05) where a right or a term of the same agent ends in between.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from archive.events import CustodyEvent, format_moment
from archive.findings import Findings
from archive.ids import Id
from archive.kinds import Kind
from archive.ledger import Ledger

#: Clocks of several machines differ, and long work is logged at its end.
TOLERATED_SECONDS: Final = 3600
_NO_DATE: Final = -(1 << 62)


@dataclass(slots=True)
class Dates:
    """When each entry says that it was made, in 12 bytes each, and by whom."""

    _seconds: "array[int]" = field(default_factory=lambda: array("q"))
    _agents: "array[int]" = field(default_factory=lambda: array("I"))
    _numbers: dict[Id, int] = field(default_factory=dict)
    #: By entry: the moment before or after which it would not have been lawful.
    _terms: dict[int, int] = field(default_factory=dict)
    _latest: int = 0
    _in_order: bool = True

    def add(self, event: CustodyEvent, term: str | None, findings: Findings) -> None:
        """Note the next entry. `term` is what `term_of` said of it before it was applied."""
        index, seconds = len(self._seconds), _seconds_of(event.at)
        if seconds is None:
            findings.fault("C06", f"entry {index}", "an event of no day in the calendar", found=event.at)
            self.skip()
            return
        self._in_order = self._in_order and seconds >= self._latest - TOLERATED_SECONDS
        self._latest = max(self._latest, seconds)
        self._seconds.append(seconds)
        self._agents.append(self._numbers.setdefault(event.agent, len(self._numbers) + 1))
        bound = _seconds_of(term or "")
        if bound is not None:
            self._terms[index] = bound

    def skip(self) -> None:
        """Note that the next entry cannot be read, or has no effect: its date is nothing to the others."""
        self._seconds.append(_NO_DATE)
        self._agents.append(0)

    def check(self, ledger: Ledger, findings: Findings, now: str | None = None) -> None:
        """Name the entries that are dated out of the order of the log, or later than `now`."""
        limit = _seconds_of(now or "")
        if self._in_order and (limit is None or self._latest <= limit + TOLERATED_SECONDS):
            return
        ends = self._ends(ledger)
        for index, line in self._misdated(limit):
            found = self._seconds[index]
            first, last = sorted((found, line))
            terms = [*ends.get(self._agents[index], ()), *self._terms_of(index)]
            name, dated = f"entry {index}", f"dated {_moment(found)}, beside {_moment(line)}"
            if any(first <= term <= last for term in terms):
                message = "an event is dated out of the order of the log, across the end of a right or a term"
                findings.fault("C05", name, message, expected=_moment(line), found=_moment(found))
            else:
                findings.warn("C05", name, f"{dated}: out of the order of the log, or a wrong clock")

    def _misdated(self, limit: int | None) -> Iterator[tuple[int, int]]:
        """Yield entries that are out of order by more than is tolerated, and the nearest date that fits."""
        kept = self._longest_in_order(limit)
        later, after = limit, {}
        for index in range(len(self._seconds) - 1, -1, -1):
            if kept[index]:
                later = self._seconds[index]
            else:
                after[index] = later
        earlier = _NO_DATE
        for index, seconds in enumerate(self._seconds):
            if kept[index]:
                earlier = seconds
            if kept[index] or seconds == _NO_DATE:
                continue
            bound = after[index]
            if seconds < earlier - TOLERATED_SECONDS:
                yield index, earlier
            elif bound is not None and seconds > bound + TOLERATED_SECONDS:
                yield index, bound

    def _longest_in_order(self, limit: int | None) -> bytearray:
        """Mark the largest set of entries whose dates never go back (patience sorting, O(n log n))."""
        ends, at_ends, before = list[int](), list[int](), array("q")
        for index, seconds in enumerate(self._seconds):
            if seconds == _NO_DATE or (limit is not None and seconds > limit + TOLERATED_SECONDS):
                before.append(-1)
                continue
            place = bisect_right(ends, seconds)
            before.append(at_ends[place - 1] if place else -1)
            ends[place : place + 1], at_ends[place : place + 1] = [seconds], [index]
        kept, index = bytearray(len(self._seconds)), at_ends[-1] if at_ends else -1
        while index >= 0:
            kept[index] = 1
            index = before[index]
        return kept

    def _terms_of(self, index: int) -> tuple[int, ...]:
        return (self._terms[index],) if index in self._terms else ()

    def _ends(self, ledger: Ledger) -> dict[int, list[int]]:
        """Return, by the number of an agent, when grants of hers end, and begin if that is later."""
        found: dict[int, list[int]] = {}
        for grant in ledger.grants.values():
            given = self._seconds[grant.index] + TOLERATED_SECONDS
            starts, ends = _seconds_of(grant.starts), _seconds_of(grant.ends or "")
            terms = [one for one in (starts if starts and starts > given else None, ends) if one is not None]
            found.setdefault(self._numbers.get(grant.agent, 0), []).extend(terms)
        return found


def term_of(event: CustodyEvent, ledger: Ledger) -> str | None:
    """Return the moment on which it depends whether an event is lawful, other than what grants say."""
    if event.kind is Kind.DESTRUCTION:
        order = ledger.orders.get(Id(event.data["item"]))
        return order.due if order else None
    named = event.data.get("proposal")
    proposal = ledger.proposals.get(Id(named)) if named is not None else None
    return proposal.until if proposal else None


def _seconds_of(moment: str) -> int | None:
    try:
        return int(datetime.fromisoformat(moment).timestamp())
    except (ValueError, OverflowError):
        return None


def _moment(seconds: int) -> str:
    return format_moment(datetime.fromtimestamp(seconds, UTC))
