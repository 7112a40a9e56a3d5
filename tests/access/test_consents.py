"""What was agreed to: person by person and use by use, and what is left of it after a withdrawal."""

import pytest
from founded import audited, founded_house, refusal

from archive.access.consents import agreed, told_of
from archive.nouns import Action
from archive.uses import STORE_ONLY, Use
from ingest.describe import describe
from ingest.withdrawal import withdraw


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as house:
        house.vera = house.documenter()
        house.lena = house.lawyer()
        given = {"given_by": "self", "uses": ["store", "court"], "given_on": "2026-11-20"}
        house.item = house.deposit_one(
            house.vera, "Засталася дубінка.", consent={**given, "conditions": "Без фота."}
        ).item
        yield house


def consent_of(house, person, *items, uses=("store", "court", "research"), **more):
    data = {"person": person, "given_by": "self", "uses": list(uses), "items": list(items), **more}
    [done] = describe(house.archive, house.anna, "main", [{"type": "consent", "data": data}])
    return done.record


def person(house, **data):
    return describe(house.archive, house.anna, "main", [{"type": "person", "data": data}])[0].record


def test_each_consent_is_shown_by_pseudonym_with_its_uses_conditions_and_who_gave_it(house):
    name = {"text": "Ганна Рабіна", "language": "be", "kind": "official"}
    rabina = person(house, names=[name], pseudonym="Рабіна")
    consent_of(house, rabina, house.item, uses=["store", "court", "commission"], given_by="guardian")
    found = agreed(house.archive, house.lena, house.item)
    first, second = found.consents
    assert first.state.uses == {Use.STORE, Use.COURT}
    assert first.terms["conditions"] == "Без фота."
    assert first.terms["given_by"] == "self"
    assert (second.person, second.terms["given_by"]) == ("Рабіна", "guardian")
    assert (first.since.handle, second.since.handle) == ("vera", "anna")
    assert "Ганна" not in str(found)
    # The strictest wins.
    assert found.uses == {Use.STORE, Use.COURT}


def test_without_any_consent_it_adds_up_to_storage_only(house):
    item = house.deposit(house.vera, {"b.txt": "Нічога не сказана."}, {})[0].item
    found = agreed(house.archive, house.anna, item)
    assert (found.consents, found.uses) == ((), STORE_ONLY)


def test_a_withdrawal_shows_when_by_whom_and_to_whom_it_opens_why(house):
    withdraw(house.archive, house.vera, house.item, "яна баіцца")
    [one] = agreed(house.archive, house.anna, house.item).consents
    assert (one.withdrawn.handle, one.withdrawn.reason) == ("vera", "яна баіцца")
    [seen] = agreed(house.archive, house.vera, house.item).consents
    assert (seen.withdrawn.reason, seen.terms, seen.person) == (None, None, None)
    [shut] = agreed(house.archive, house.lena, house.item).consents
    assert shut.terms is None
    assert audited(house.folder).outcome == "verified"


def test_a_reason_is_sealed(house):
    withdraw(house.archive, house.vera, house.item, "яна баіцца")
    for path in house.folder.rglob("*"):
        if path.is_file():
            assert "баіцца".encode() not in path.read_bytes()


def test_who_may_not_know_of_the_item_is_told_that_there_is_none(house):
    stranger = house.enrol("leu", house.lena.agent.role)
    another = house.documenter("wanda")
    for who in (stranger, another):
        with refusal("A20"):
            agreed(house.archive, who, house.item)


def test_a_minors_own_consent_is_pointed_out(house):
    item = house.deposit_one(house.vera, "Школа.", minors=True).item
    [one] = agreed(house.archive, house.lena, item).consents
    assert agreed(house.archive, house.lena, item).minor_alone == (one.record,)
    guarded = {"given_by": "guardian", "uses": ["store", "court"]}
    item = house.deposit_one(house.vera, "Другая школа.", minors=True, consent=guarded).item
    assert agreed(house.archive, house.lena, item).minor_alone == ()


def test_all_of_a_persons_consents_go_at_once_also_where_one_record_stands_for_two_items(house):
    other = house.deposit_one(house.vera, "Другая дубінка.").item
    rabina = person(house, pseudonym="Рабіна")
    record = consent_of(house, rabina, house.item, other)
    assert sorted(withdraw(house.archive, house.anna, rabina)) == sorted([house.item, other])
    assert house.archive.ledger().records[record].version == 2
    assert house.found_items(house.lena, "дубінка") == set()
    assert audited(house.folder).outcome == "verified"


def test_where_one_of_a_persons_items_is_not_hers_to_withdraw_nothing_is_and_it_is_named(house):
    rabina = person(house, pseudonym="Рабіна")
    house.grant("lena", Action.CONTRIBUTE, purposes=())
    lena = house.sign_in("lena")
    own = house.deposit_one(lena, "Яе ўласная дубінка.").item
    consent_of(house, rabina, house.item, own)
    before = house.archive.log.checkpoint().size
    with pytest.raises(Exception, match=house.item) as caught:
        withdraw(house.archive, lena, rabina)
    assert caught.value.code == "A58"
    assert own not in str(caught.value)
    assert house.archive.log.checkpoint().size == before
    assert house.found_items(house.lena, "дубінка") == {house.item, own}


def test_whoever_manages_learns_from_the_log_entry_what_is_asked_about_and_nobody_else(house):
    first = {"given_by": "self", "uses": ["store"], "contact_first": True}
    item = house.deposit_one(house.vera, "Чырвоны грузавік.", consent=first).item
    [told] = house.find(house.lena, "грузавік").told
    assert told_of(house.archive, house.anna, told.entry) == [item]
    for who, entry in ((house.lena, told.entry), (house.anna, 0), (house.anna, 10_000)):
        with refusal("A59"):
            told_of(house.archive, who, entry)
