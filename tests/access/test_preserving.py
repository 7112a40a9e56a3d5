"""Holds, destruction and the withdrawal of consent, on a real archive."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from founded import audited, founded_house, opened_house

from archive.access import preserving
from archive.errors import AccessError, CustodyError, SviedkaError
from archive.kinds import Kind
from archive.nouns import Action
from ingest.withdrawal import withdraw
from search.disclosure import read


class Clock:
    """A clock that tests turn."""

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
        house.vera = house.documenter()
        house.lena = house.lawyer()
        house.grant("anna", Action.DESTROY, purposes=())
        house.kept = house.deposit_one(house.vera, "Засталася дубінка.", title="Kept").item
        house.item = house.deposit_one(house.vera, "Знікне дубінка.", title="Doomed").item
        assert house.found_items(house.lena, "дубінка") == {house.kept, house.item}
        yield house


def bodies(house, item):
    return [one.sealed.body for one in house.archive.ledger().items[item].renditions.values()]


def destroy(house, clock, item, days=30):
    preserving.order(house.archive, house.anna, item, "she asks for it", delay_days=days)
    clock.now += timedelta(days=days)
    return preserving.carry_out(house.archive)


def test_what_is_destroyed_is_gone_from_stores_rows_index_and_search(house, clock):
    doomed = bodies(house, house.item)
    assert destroy(house, clock, house.item).items == (house.item,)
    assert not [body for body in doomed if house.archive.objects.has(body)]
    assert not set(doomed) & set(house.archive.headers.bodies())
    assert house.archive.catalogue.items.get(house.item) is None
    assert house.archive.catalogue.sealed.latest("receipt", house.item) is None
    assert house.archive.catalogue.sealed.latest("record", house.item) is None
    assert house.found_items(house.sign_in("lena"), "дубінка") == {house.kept}
    with pytest.raises(AccessError):
        read(house.archive, house.lena, house.item)
    assert audited(house.folder).outcome == "verified"


def test_a_destroyed_body_put_back_by_hand_is_named_or_swept(house, clock):
    [body, *_] = bodies(house, house.item)
    header = house.archive.headers.get(body)
    destroy(house, clock, house.item)
    house.archive.headers.put(body, header)
    assert [one for one in audited(house.folder).faults if body in one.object]


def test_nothing_is_destroyed_before_its_time_or_after_it_was_cancelled(house, clock):
    preserving.order(house.archive, house.anna, house.item, "she asks for it")
    clock.now += timedelta(days=29)
    assert preserving.carry_out(house.archive).items == ()
    preserving.cancel(house.archive, house.anna, house.item, "she changed her mind")
    clock.now += timedelta(days=9)
    assert preserving.carry_out(house.archive).items == ()
    assert house.item in house.archive.ledger().items


def test_a_hold_refuses_the_order_and_stops_one_that_is_due(house, clock):
    preserving.hold(house.archive, house.lena, house.item, "a court asks for it")
    with pytest.raises(CustodyError) as raised:
        preserving.order(house.archive, house.anna, house.item, "she asks for it")
    assert raised.value.code == "C58"
    assert preserving.lift(house.archive, house.anna, house.item, "the court is done") == 1
    preserving.order(house.archive, house.anna, house.item, "she asks for it", delay_days=1)
    preserving.hold(house.archive, house.lena, house.item, "another court asks for it")
    clock.now += timedelta(days=2)
    assert preserving.carry_out(house.archive).items == ()
    assert audited(house.folder).outcome == "verified"


def test_only_who_may_destroy_orders_it(house):
    for who in (house.vera, house.lena):
        with pytest.raises(CustodyError):
            preserving.order(house.archive, who, house.item, "out of spite")


def test_a_stranger_is_told_of_no_item(house):
    stranger = house.enrol("leu", house.lena.agent.role)
    for act in (preserving.hold, preserving.order, preserving.lift, preserving.cancel):
        with pytest.raises(AccessError) as raised:
            act(house.archive, stranger, house.item, "curious")
        assert raised.value.code == "A20"


def test_a_crash_after_the_log_is_finished_when_the_archive_is_next_opened(house, clock, tmp_path):
    doomed = bodies(house, house.item)
    preserving.order(house.archive, house.anna, house.item, "she asks for it", delay_days=0)
    # What a process that dies just after logging leaves: its mark, and the bytes.
    author = house.archive.archive_author
    destroyed = author.write(Kind.DESTRUCTION, {"item": house.item})
    with suppress(KeyboardInterrupt), house.archive.custody.writing():
        house.archive.custody.record([destroyed])
        raise KeyboardInterrupt
    assert house.archive.objects.has(doomed[0])
    with opened_house(house.folder, clock=clock) as again:
        assert not again.archive.objects.has(doomed[0])
    assert audited(house.folder).outcome == "verified"


def test_who_read_it_before_is_told_to_whoever_orders(house):
    house.read_original(house.lena, house.item)
    assert [one.handle for one in preserving.taken(house.archive, house.anna, house.item)] == ["lena"]


def test_who_read_it_is_told_to_nobody_who_may_not_destroy_it(house):
    house.read_original(house.lena, house.item)
    stranger = house.enrol("leu", house.lena.agent.role)
    for who, code in ((house.vera, "A07"), (house.lena, "A07"), (stranger, "A20")):
        with pytest.raises(AccessError) as raised:
            preserving.taken(house.archive, who, house.item)
        assert raised.value.code == code


# Withdrawal


def test_a_withdrawal_by_its_depositor_shuts_the_gate_at_once_in_every_process(house, clock):
    with opened_house(house.folder, clock=clock) as elsewhere:
        lena = elsewhere.sign_in("lena")
        assert house.item in elsewhere.found_items(lena, "дубінка")
        assert withdraw(house.archive, house.vera, house.item) == [house.item]
        assert elsewhere.found_items(lena, "дубінка") == {house.kept}
        with pytest.raises(AccessError):
            read(elsewhere.archive, lena, house.item)
    assert audited(house.folder).outcome == "verified"


def test_a_withdrawal_by_who_can_open_the_consent_is_written_into_its_record_too(house):
    [(record, _)] = house.archive.ledger().items[house.item].rights.consents
    assert withdraw(house.archive, house.anna, house.item) == [house.item]
    assert house.archive.ledger().records[record].version == 2
    assert audited(house.folder).outcome == "verified"


def test_nothing_is_withdrawn_twice_or_by_a_stranger(house):
    withdraw(house.archive, house.vera, house.item)
    with pytest.raises(AccessError, match="nothing is left"):
        withdraw(house.archive, house.vera, house.item)
    with pytest.raises(SviedkaError):
        withdraw(house.archive, house.enrol("leu", house.lena.agent.role), house.kept)


def test_a_reader_without_the_right_to_describe_withdraws_nothing(house):
    with pytest.raises(CustodyError):
        withdraw(house.archive, house.lena, house.item)
    assert house.item in house.found_items(house.lena, "дубінка")
