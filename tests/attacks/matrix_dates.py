"""Mutations of the log by truly signed entries that are dated otherwise than when they were logged."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from matrix_archive import Kept
from matrix_copies import Copy
from matrix_events import Pens, appended
from matrix_mutations import ANYTHING, Mutation, codes

from archive.events import format_moment
from archive.kinds import Kind

#: Fewer seconds than the clocks of two machines may differ, and more.
LITTLE, MUCH = timedelta(minutes=50), timedelta(minutes=70)


def of_dates(kept: Kept, whole: Copy) -> Iterator[Mutation]:
    pens, size = Pens(kept, whole), 0
    entries, now = pens.entries, datetime.fromisoformat(pens.events[-1].at)
    size = len(entries)

    def dated(who: str, kind: Kind, data: dict, at: str, *after: bytes, **said: object) -> Mutation:
        author = replace(pens.pen(who), clock=lambda: datetime.fromisoformat(at))
        entry = author.write(kind, data).entry
        change = appended(kept, entries, entry, *after)
        return Mutation(f"dates: {kind.value}", f"{who} {at}", change, alone=True, **said)

    named, noted = {f"entry {size}": codes("C05")}, {f"entry {size}": "C05"}
    # Her right ended; dated back, every rule is kept.
    reading = pens.reading("dina", "held")
    for days in (1, 5, 19):
        at = format_moment(datetime.fromisoformat(kept.ends) - timedelta(days=days))
        yield dated("dina", Kind.READING, reading, at, expected=named, also=frozenset({"item_events "}))
    # Approved too late, and dated within the term.
    waiting = next(one for one in pens.ledger.proposals.values() if one.approver is None and one.used is None)
    at = format_moment(datetime.fromisoformat(waiting.until) - timedelta(days=1))
    yield dated("anna", Kind.APPROVAL, {"proposal": waiting.proposal, "approved": True}, at, expected=named)
    # Destroyed before it was due, dated ahead; what came after tells, or the auditor's own time.
    audit = pens.data(Kind.AUDIT)
    later = pens.pen("olga").write(Kind.AUDIT, audit).entry
    ordered = {"item": kept.items["ordered"]}
    due = format_moment(
        datetime.fromisoformat(pens.ledger.orders[kept.items["ordered"]].due) + timedelta(days=1)
    )
    yield dated("archive", Kind.DESTRUCTION, ordered, due, later, expected=named, also=ANYTHING)
    options = {"now": format_moment(now + timedelta(days=1))}
    yield dated("archive", Kind.DESTRUCTION, ordered, due, expected=named, also=ANYTHING, options=options)
    # Otherwise it may be the clock: it is said, and no fault.
    for days in (3, 30):
        for who in ("olga", "anna"):
            kind, data = (
                (Kind.AUDIT, audit) if who == "olga" else (Kind.SUSPENSION, {"agent": kept.agents["dina"]})
            )
            at = format_moment(now - timedelta(days=days))
            yield dated(who, kind, data, at, expected={}, noted=noted)
    yield dated(
        "olga", Kind.AUDIT, audit, format_moment(now + timedelta(days=9)), later, expected={}, noted=noted
    )
    yield dated("olga", Kind.AUDIT, audit, format_moment(now - MUCH), expected={}, noted=noted)
    yield dated("olga", Kind.AUDIT, audit, format_moment(now - LITTLE), expected={})
    # Of no day at all.
    for at in ("2026-02-30T08:00:00Z", "2026-00-10T08:00:00Z", "2026-11-00T08:00:00Z"):
        yield _impossible(kept, pens, at)


def _impossible(kept: Kept, pens: Pens, at: str) -> Mutation:
    class Moment(datetime):
        def astimezone(self, _zone=None):
            return self

        def strftime(self, _form):
            return at

    author = replace(pens.pen("olga"), clock=lambda: Moment(2026, 11, 20))
    entry = author.write(Kind.AUDIT, pens.data(Kind.AUDIT)).entry
    size = len(pens.entries)
    said = {f"entry {size}": codes("C06")}
    return Mutation("dates: of no day", at, appended(kept, pens.entries, entry), said, alone=True)
