"""What an order of destruction takes with it is looked at before: and just that is gone afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from founded import audited, founded_house, refusal

from archive.access import compartments, deeds, preserving
from archive.access.deeds import Deed
from archive.access.ending import ending
from archive.nouns import Action, Role
from ingest.describe import describe
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
        house.kept = house.deposit_one(house.vera, "Засталася дубінка.").item
        house.item = house.deposit_one(house.vera, "Знікне дубінка.").item
        yield house


def told(house, kind, **data):
    return describe(house.archive, house.anna, "main", [{"type": kind, "data": data}])[0].record


def says(item):
    return {"assertion": {"asserted_by": {"name": "мы"}, "source_item": item}}


def name(text):
    return {"names": [{"text": text, "language": "be", "kind": "official"}]}


def lonely(house):
    return {one.record for one in ending(house.archive, house.anna, house.item).records}


def test_records_that_tell_of_it_alone_are_listed_and_go_with_it(house, clock):
    account = told(house, "testimony", role="witness", items=[house.item])
    act = told(house, "act", type="by-forced-confession-video", **says(account))
    other = told(house, "act", type="by-forced-confession-video", **says(house.kept))
    both = told(house, "testimony", role="witness", items=[house.item, house.kept])
    assert lonely(house) == {account, act}
    preserving.order(house.archive, house.anna, house.item, "she asks", delay_days=1, records=[account, act])
    clock.now += timedelta(days=1)
    preserving.carry_out(house.archive)
    assert not {account, act} & house.archive.ledger().records.keys()
    assert {other, both} <= house.archive.ledger().records.keys()
    assert audited(house.folder).outcome == "verified"


def test_what_another_record_refers_to_stays_with_all_that_rests_on_it(house):
    person = told(house, "person", **name("Сяргей Крумкач"), **says(house.item))
    account = told(house, "testimony", role="witness", items=[house.item])
    resting = told(house, "act", type="by-forced-confession-video", **says(account))
    assert lonely(house) == {person, account, resting}
    told(house, "post", person=person, institution=told(house, "institution", **name("РУУС")))
    told(house, "act", type="by-forced-confession-video", **says(account))
    assert person not in lonely(house)
    told(house, "testimony", role="witness", source=person, items=[house.kept], event=account)
    assert lonely(house) == set()


def test_it_says_who_read_it_who_has_the_key_what_holds_it_and_whether_a_backup_opens_it(house):
    house.read_original(house.lena, house.item)
    compartments.disclose(house.archive, house.anna, "main")
    preserving.hold(house.archive, house.lena, house.item, "суд просіць")
    found = ending(house.archive, house.anna, house.item)
    assert [one.handle for one in found.taken] == ["lena"]
    assert [one.handle for one in found.disclosed] == ["anna"]
    assert [(one.handle, one.reason) for one in found.holds] == [("lena", "суд просіць")]
    assert (found.backup_until, found.looked, found.forms) == (None, True, ("original", "text"))


def test_only_who_may_destroy_looks_at_it(house):
    stranger = house.enrol("leu", Role.LAWYER)
    for who, code in ((house.vera, "A07"), (house.lena, "A07"), (stranger, "A20")):
        with refusal(code):
            ending(house.archive, who, house.item)


def test_without_the_key_no_record_is_looked_for_and_that_is_said(house):
    house.enrol("boris", Role.CUSTODIAN)
    house.grant("boris", Action.DESTROY, purposes=())
    told(house, "testimony", role="witness", items=[house.item])
    found = ending(house.archive, house.sign_in("boris"), house.item)
    assert (found.records, found.looked) == ((), False)


# What may be done


def test_everybody_is_offered_what_would_not_be_refused(house):
    offered = {
        who: deeds.possible(house.archive, house.sign_in(who), house.item) for who in ("vera", "lena", "anna")
    }
    assert offered == {
        "vera": {Deed.WITHDRAW},
        "lena": {Deed.HOLD},
        "anna": {Deed.WITHDRAW, Deed.HOLD, Deed.DESTROY},
    }
    preserving.hold(house.archive, house.lena, house.item, "суд просіць")
    withdraw(house.archive, house.vera, house.item)
    assert deeds.possible(house.archive, house.vera, house.item) == set()
    assert deeds.possible(house.archive, house.lena, house.item) == {Deed.HOLD, Deed.LIFT}
    assert deeds.possible(house.archive, house.anna, house.item) == {Deed.HOLD, Deed.LIFT}
    preserving.lift(house.archive, house.lena, house.item, "суд скончыў")
    preserving.order(house.archive, house.anna, house.item, "she asks")
    assert deeds.possible(house.archive, house.anna, house.item) == {Deed.HOLD, Deed.CANCEL}
    assert deeds.ordered(house.archive, house.anna, house.item).reason == "she asks"


def test_holds_are_lifted_all_or_none(house):
    house.enrol("leu", Role.LAWYER)
    house.grant("leu", Action.READ)
    preserving.hold(house.archive, house.lena, house.item, "суд просіць")
    preserving.hold(house.archive, house.sign_in("leu"), house.item, "іншы суд")
    before = house.archive.log.checkpoint().size
    with refusal("A57"):
        preserving.lift(house.archive, house.lena, house.item, "суд скончыў")
    assert house.archive.log.checkpoint().size == before
    assert preserving.lift(house.archive, house.anna, house.item, "суды скончылі") == 2
    assert deeds.holds(house.archive, house.anna, house.item) == []
