"""Dates out of the order of the log: just those entries are named that do not fit the others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_builder import Builder

from archive.audit_dates import Dates
from archive.events import format_moment, parse_entry
from archive.findings import Findings
from archive.ledger import Ledger

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def event():
    return parse_entry(Builder().genesis).event


def named(event, hours, now=None):
    """Return which entries, dated so many hours after the first day, are said to be out of order."""
    dates, findings = Dates(), Findings()
    for one in hours:
        at = format_moment(START + timedelta(hours=one))
        dates.add(replace(event, at=at), None, findings)
    dates.check(
        Ledger(""), findings, format_moment(START + timedelta(hours=now)) if now is not None else None
    )
    assert not findings.faults
    return [int(one.object.removeprefix("entry ")) for one in findings.warnings if one.code == "C05"]


def test_dates_in_order_or_nearly_so_are_not_mentioned(event):
    assert named(event, [0, 0, 5, 4.1, 6, 900, 899.5, 901]) == []


def test_one_that_is_dated_back_is_named_and_none_beside_it(event):
    assert named(event, [0, 10, 20, 30, 3, 40, 50]) == [4]


def test_one_that_is_dated_ahead_is_named_and_none_of_those_after_it(event):
    assert named(event, [0, 10, 20, 5000, 30, 40, 50]) == [3]


def test_a_clock_that_was_wrong_for_a_while_is_what_is_named(event):
    assert named(event, [0, 10, 20, 25, -900, -890, -880, 30, 40, 50]) == [4, 5, 6]


def test_only_the_present_tells_that_the_last_one_is_dated_ahead(event):
    assert named(event, [0, 10, 20, 5000]) == []
    assert named(event, [0, 10, 20, 5000], now=30) == [3]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=8, max_size=40), st.data())
def test_whichever_single_entry_is_far_out_of_order_is_the_one_named(event, steps, data):
    hours = [2 * sum(steps[:n]) for n in range(len(steps))]
    at = data.draw(st.integers(3, len(hours) - 4))
    hours[at] = data.draw(st.sampled_from([-9000, 10**6]))
    assert named(event, hours) == [at]
