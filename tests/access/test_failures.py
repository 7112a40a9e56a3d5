"""Attempts to sign in that failed, counted by day and logged as one number."""

from datetime import UTC, datetime, timedelta

import pytest
from founded import founded_house, refusal

from archive.access import signin
from archive.access.failures import keep_failures, log_failures, note_failure
from archive.events import parse_entry
from archive.kinds import Kind


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(tmp_path, clock):
    with founded_house(tmp_path / "archive", clock=clock) as opened:
        yield opened


def fail(house, handle="anna"):
    with refusal("K10"):
        signin.sign_in(house.archive, handle, "quite another passphrase")


def logged(house):
    entries = [parse_entry(one).event for one in house.archive.log.entries(0)]
    return [(one.data["day"], one.data["count"]) for one in entries if one.kind is Kind.FAILURES]


def test_a_day_of_failures_is_one_entry_and_names_nobody(house, clock):
    size = house.archive.log.checkpoint().size
    for handle in ("anna", "anna", "nobody"):
        fail(house, handle)
    house.sign_in("anna")
    assert house.archive.log.checkpoint().size == size
    clock.now += timedelta(hours=2)
    fail(house)
    assert logged(house) == []
    house.sign_in("anna")
    assert logged(house) == [("2026-11-20", 3)]
    event = parse_entry(house.archive.log.entry(size)).event
    assert event.data.keys() == {"day", "count"}
    assert event.agent == house.archive.ledger().archive_agent
    house.sign_in("anna")
    clock.now += timedelta(days=3)
    assert log_failures(house.archive) == 1
    assert logged(house) == [("2026-11-20", 3), ("2026-11-21", 1)]
    assert house.archive.ledger().failures == {"2026-11-20": 3, "2026-11-21": 1}


def test_what_was_counted_is_logged_once(house, clock):
    note_failure(house.archive)
    clock.now += timedelta(days=1)
    assert log_failures(house.archive) == 1
    assert log_failures(house.archive) == 0


def test_what_a_crash_left_is_not_counted_twice(house, clock):
    fail(house)
    keep_failures(house.archive)
    kept = house.archive.catalogue.settings.get("failed-sign-ins")
    clock.now += timedelta(days=1)
    assert log_failures(house.archive) == 1
    # The crash: logged, and not yet forgotten.
    house.archive.catalogue.settings.set("failed-sign-ins", kept)
    assert log_failures(house.archive) == 0
    assert logged(house) == [("2026-11-20", 1)]
    assert house.archive.catalogue.settings.get("failed-sign-ins") == "{}"


def test_what_was_counted_in_memory_is_kept_once(house, clock):
    fail(house)
    keep_failures(house.archive)
    assert house.archive.catalogue.settings.get("failed-sign-ins") == '{"2026-11-20": 1}'
    fail(house)
    keep_failures(house.archive)
    keep_failures(house.archive)
    assert house.archive.catalogue.settings.get("failed-sign-ins") == '{"2026-11-20": 2}'
