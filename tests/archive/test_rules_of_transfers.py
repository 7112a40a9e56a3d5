"""The rules for handing originals on."""

import pytest
from every_kind import offer, retract, rotate, submit, take
from founded import refusal
from ledger_builder import Builder

from archive.kinds import Kind, Medium
from archive.vocabulary import vocabulary


@pytest.fixture
def house():
    """`vera` handed an item in; `anna` manages the compartment; `lena` and `olga` have no rights there."""
    builder = Builder()
    builder.vera = builder.enrol("vera", "documenter")
    builder.lena = builder.enrol("lena", "lawyer")
    builder.olga = builder.enrol("olga", "auditor")
    builder.grant(builder.vera, "main", ["contribute"], [])
    builder.item, _ = builder.accession(builder.vera, "main")
    return builder


def holder(house):
    return house.ledger.holder(house.ledger.items[house.item])


def test_an_original_goes_from_hand_to_hand(house):
    assert holder(house) == house.vera.agent
    first = offer(house, house.vera, house.item, house.lena)
    assert holder(house) == house.vera.agent
    take(house, house.lena, first, house.item)
    assert holder(house) == house.lena.agent
    take(house, house.anna, offer(house, house.lena, house.item, house.anna), house.item, "warning")
    assert holder(house) == house.anna.agent
    assert house.ledger.transfers[first].outcome == "success"
    assert [one.giver for one in house.ledger.transfers_of(house.item)] == [
        house.vera.agent,
        house.lena.agent,
    ]


@pytest.mark.parametrize("who", ["anna", "lena"])
def test_only_who_holds_it_offers_it(house, who):
    with refusal("C69"):
        offer(house, getattr(house, who), house.item, house.lena if who == "anna" else house.anna)


def test_whoever_gave_it_away_does_not_offer_it_again(house):
    take(house, house.lena, offer(house, house.vera, house.item, house.lena), house.item)
    with refusal("C69"):
        offer(house, house.vera, house.item, house.anna)


def test_it_is_offered_to_one_at_a_time(house):
    first = offer(house, house.vera, house.item, house.lena)
    with refusal("C69"):
        offer(house, house.vera, house.item, house.anna)
    retract(house, house.vera, first, house.item)
    with refusal("C69"):
        offer(house, house.vera, house.item, house.anna, transfer=first)
    offer(house, house.vera, house.item, house.anna)


@pytest.mark.parametrize("who", ["vera", "anna"])
def test_only_whom_it_is_offered_to_takes_it(house, who):
    first = offer(house, house.vera, house.item, house.lena)
    with refusal("C69"):
        take(house, getattr(house, who), first, house.item)


def test_it_is_answered_once(house):
    first = offer(house, house.vera, house.item, house.lena)
    take(house, house.lena, first, house.item)
    with refusal("C69"):
        take(house, house.lena, first, house.item)
    with refusal("C69"):
        retract(house, house.lena, first, house.item)


def test_it_is_refused_by_whom_it_is_offered_to_and_withdrawn_by_who_offered_it(house):
    for who in (house.lena, house.vera):
        retract(house, who, offer(house, house.vera, house.item, house.lena), house.item)
    with refusal("C69"):
        retract(house, house.anna, offer(house, house.vera, house.item, house.lena), house.item)
    assert holder(house) == house.vera.agent


def test_it_is_not_offered_to_oneself_to_auditors_to_programs_or_to_the_suspended(house):
    house.do(house.anna, Kind.SUSPENSION, agent=house.lena.agent)
    for taker in (house.vera, house.olga, house.archive, house.trustees, house.lena):
        with refusal("C69"):
            offer(house, house.vera, house.item, taker)


def test_an_answer_names_the_item_that_was_offered(house):
    other, _ = house.accession(house.vera, "main")
    first = offer(house, house.vera, house.item, house.lena)
    with refusal("C69"):
        take(house, house.lena, first, other)
    with refusal("C69"):
        take(house, house.lena, house.id(), house.item)


def test_it_is_sealed_where_it_belongs(house):
    other = house.found("other")
    with refusal("C68"):
        offer(house, house.vera, house.item, house.lena, details=house.sealed(other))
    with refusal("C68"):
        offer(house, house.vera, house.item, house.lena, copy=house.sealed(house.anna.agent))
    lena = rotate(house, house.lena)
    with refusal("C68"):
        offer(house, house.vera, house.item, lena, copy=house.sealed(lena.agent, 1))
    offer(house, house.vera, house.item, lena)


def test_where_nobody_can_sign_who_manages_the_compartment_speaks_for_it(house):
    claimed, _ = submit(house)
    with refusal("C69"):
        offer(house, house.vera, claimed, house.lena)
    take(house, house.lena, offer(house, house.anna, claimed, house.lena), claimed)
    with refusal("C69"):
        offer(house, house.anna, claimed, house.vera)
    waiting = offer(house, house.lena, claimed, house.vera)
    house.do(house.anna, Kind.SUSPENSION, agent=house.lena.agent)
    retract(house, house.anna, waiting, claimed)
    take(house, house.vera, offer(house, house.anna, claimed, house.vera), claimed)


def test_what_is_destroyed_is_in_nobodys_hands(house):
    take(house, house.lena, offer(house, house.vera, house.item, house.lena), house.item)
    sealed = [house.ledger.transfers_of(house.item)[0].details.body]
    house.ledger.bury(house.item, 99)
    assert not house.ledger.transfers
    assert not house.ledger.takers
    assert set(sealed) <= set(house.ledger.gone)


def test_the_media_are_those_of_the_vocabulary():
    assert [medium.value for medium in Medium] == list(vocabulary("media"))
