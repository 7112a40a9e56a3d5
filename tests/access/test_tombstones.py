"""What is left of an item that was destroyed: a tombstone, for whoever was allowed to know of it."""

from datetime import UTC, datetime, timedelta

import pytest
from founded import founded_house, refusal

from archive.access import preserving, proposals
from archive.access.history import history, tombstone
from archive.access.knowing import known_item
from archive.kinds import Act, Kind
from archive.nouns import Action, Role
from ingest.withdrawal import withdraw


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
    with founded_house(tmp_path / "archive", clock=clock) as house:
        house.vera, house.lena = house.documenter(), house.lawyer()
        house.grant("anna", Action.DESTROY, purposes=())
        house.item = house.deposit_one(house.vera, "Знікне дубінка.", title="Знікомае").item
        yield house


def destroy(house, clock, **how):
    preserving.order(house.archive, house.anna, house.item, "яна просіць", **how)
    clock.now += timedelta(days=30)
    assert preserving.carry_out(house.archive).items == (house.item,)


def test_who_knew_of_it_sees_when_by_whose_order_and_on_which_ground(house, clock):
    withdraw(house.archive, house.vera, house.item)
    destroy(house, clock)
    olga = house.enrol("olga", Role.AUDITOR)
    for who in (house.vera, house.lena, house.anna, olga):
        gone = tombstone(house.archive, who, house.item)
        assert (gone.at, gone.ordered_at) == ("2026-12-20T08:00:00Z", "2026-11-20T08:00:00Z")
        assert (gone.ordered_by, gone.approved_by, gone.withdrawn) == ("anna", None, True)


def test_its_depositor_still_sees_no_looks(house, clock):
    house.read_original(house.lena, house.item)
    destroy(house, clock)
    assert Kind.READING not in {one.event.kind for one in history(house.archive, house.vera, house.item)}
    assert Kind.READING in {one.event.kind for one in history(house.archive, house.lena, house.item)}


def test_for_everybody_else_there_is_no_such_item_still(house, clock):
    stranger, other = house.enrol("leu", Role.LAWYER), house.documenter("wanda")
    destroy(house, clock)
    for who in (stranger, other):
        for ask in (history, tombstone):
            with refusal("A20"):
                ask(house.archive, who, house.item)


def test_it_is_known_of_nowhere_else(house, clock):
    destroy(house, clock)
    for ask in (known_item, preserving.taken):
        with refusal("A20"):
            ask(house.archive, house.anna, house.item)


def test_what_is_there_has_no_tombstone(house):
    assert tombstone(house.archive, house.anna, house.item) is None


def test_where_it_took_two_both_are_named(house, clock):
    house.enrol("boris", Role.CUSTODIAN)
    house.grant("boris", Action.MANAGE, Action.DESTROY, purposes=())
    house.grant("boris", Action.MANAGE, label="main.identities", purposes=())
    proposals.set_two_person(house.archive, house.anna, "main")
    wish = proposals.wish(Act.DESTROY, "яна просіць", item=house.item)
    proposal = proposals.propose(house.archive, house.anna, "main", wish)
    proposals.approve(house.archive, house.sign_in("boris"), proposal)
    destroy(house, clock, proposal=proposal)
    gone = tombstone(house.archive, house.anna, house.item)
    assert (gone.ordered_by, gone.approved_by, gone.withdrawn) == ("anna", "boris", False)
