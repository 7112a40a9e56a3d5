"""Who may do what: each right with how it stands at this moment."""

from datetime import UTC, datetime, timedelta

import pytest
from founded import founded_house

from archive.access import suspension
from archive.access.overview import own_rights, rights
from archive.events import format_moment
from archive.nouns import Action, Role


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(tmp_path, clock):
    with founded_house(tmp_path / "archive", clock=clock) as opened:
        yield opened


def states(house):
    return {one.handle: one.state for one in rights(house.archive, house.anna, "main")}


def test_an_expired_right_and_those_of_the_suspended_are_marked_as_such(house, clock):
    for handle in ("lena", "ivan", "olga"):
        house.enrol(handle, Role.LAWYER)
    house.grant("lena", Action.READ, ends=format_moment(clock.now + timedelta(days=1)))
    house.grant("ivan", Action.READ)
    house.grant("olga", Action.READ)
    assert states(house) == {"anna": "in force", "lena": "in force", "ivan": "in force", "olga": "in force"}
    clock.now += timedelta(days=2)
    suspension.suspend(house.archive, house.anna, "ivan")
    house.revoke("olga")
    assert states(house) == {"anna": "in force", "lena": "expired", "ivan": "suspended"}
    assert [one.state for one in own_rights(house.archive, house.sign_in("lena"))] == ["expired"]
