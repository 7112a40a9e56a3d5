"""The rule for failed attempts to sign in."""

from founded import refusal
from ledger_builder import Builder

from archive.kinds import Kind


def test_only_the_archive_counts_each_day_once_and_when_it_is_over():
    builder = Builder()
    builder.at = "2026-11-22T08:00:00Z"
    with refusal("C63"):
        builder.do(builder.anna, Kind.FAILURES, day="2026-11-20", count=1)
    builder.do(builder.archive, Kind.FAILURES, day="2026-11-20", count=1)
    for day in ("2026-11-20", "2026-11-19", "2026-11-22", "2026-11-23"):
        with refusal("C64"):
            builder.do(builder.archive, Kind.FAILURES, day=day, count=1)
    for wrong in ({"day": "20 November", "count": 1}, {"day": "2026-11-21", "count": 0}):
        with refusal("C50"):
            builder.do(builder.archive, Kind.FAILURES, **wrong)
