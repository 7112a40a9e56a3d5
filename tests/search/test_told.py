"""Whoever may be told that something is there, and is to ask first, learns that and nothing else."""

import json
from dataclasses import asdict

import pytest
from founded import audited, founded_house

from archive.access.history import history
from archive.kinds import Kind
from archive.nouns import Action
from ingest.withdrawal import withdraw

ASK_FIRST = {
    "title": "Загаловак",
    "consent": {"given_by": "self", "uses": ["store"], "contact_first": True},
    "perpetrators": [{"name": "Сяргей Пятроўскі"}],
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with founded_house(tmp_path_factory.mktemp("told") / "archive") as house:
        house.vera = house.documenter()
        house.lena = house.lawyer()
        house.open = house.deposit_one(house.vera, "Мяне білі дубінкай на калідоры.").item
        house.shut = house.deposit_one(
            house.vera, "Яго білі дубінкай у сутарэнні, пад лямпай.", **ASK_FIRST
        ).item
        house.silent = house.deposit_one(
            house.vera, "Іх білі дубінкай у гаражы.", consent={"given_by": "self", "uses": ["store"]}
        ).item
        yield house


def told(house, query, **page):
    return house.find(house.lena, query, **page).told


def test_what_may_not_be_shown_is_told_of_where_its_people_want_to_be_asked_first(house):
    found = house.find(house.lena, "дубінкай", facets=("perpetrator", "language"))
    assert {hit.item for hit in found.hits} == {house.open}
    [one] = found.told
    assert (one.compartment, one.ask) == ("main", ("anna",))
    assert told(house, 'perpetrator:"Siarhiej Piatrouski"')
    assert told(house, "Piatrouski")


def test_nothing_of_it_is_told_and_it_counts_in_no_total_and_no_facet(house):
    found = house.find(house.lena, "дубінкай", facets=("perpetrator", "language", "place", "institution"))
    assert found.total == 1
    assert found.facets["language"] == {"be": 1}
    assert found.facets["perpetrator"] == {}
    said = json.dumps(asdict(found), default=str, ensure_ascii=False)
    for secret in (house.shut, "Загаловак", "сутарэнн", "лямп", "Пятроўскі", "account.txt"):
        assert secret not in said


@pytest.mark.parametrize(
    "query",
    [
        '"дубінкай у сутарэнні"',
        "дубінкай-у-сутарэнні",
        "text:дубінкай/у/сутарэнні",
        '"у сутарэнні пад лямпай"~2',
    ],
)
def test_the_order_of_its_words_cannot_be_asked_for(house, query):
    found = told(house, query)
    turned = {
        '"дубінкай у сутарэнні"': '"сутарэнні дубінкай у"',
        "дубінкай-у-сутарэнні": "сутарэнні-дубінкай-у",
        "text:дубінкай/у/сутарэнні": "text:сутарэнні/у/дубінкай",
        '"у сутарэнні пад лямпай"~2': '"лямпай пад сутарэнні у"~2',
    }[query]
    assert bool(found) == bool(told(house, turned)) is True


@pytest.mark.parametrize(
    "query", ["сутарэ*", "су?арэнні", "date:2020", "language:be", "title:Загаловак", "NOT date:2020", "*"]
)
def test_beginnings_of_words_periods_titles_and_ids_tell_nothing(house, query):
    assert told(house, query) == ()


def test_its_id_tells_nothing(house):
    assert told(house, f"item:{house.shut}") == ()


def test_it_is_told_once_and_not_page_by_page(house):
    assert told(house, "дубінкай", offset=1) == ()


def test_who_may_not_search_the_compartment_is_told_nothing(house):
    olha = house.enrol("olha", house.lena.agent.role)
    assert house.find(olha, "дубінкай").told == ()
    house.grant("olha", Action.READ, label="main", purposes=("research",))
    assert house.find(house.sign_in("olha"), "дубінкай").told == ()


def test_the_search_is_logged_with_what_it_told_of_and_its_history_names_no_other_item(house):
    told(house, "дубінкай")
    last = [one for one in history(house.archive, house.anna, house.shut) if one.event.kind is Kind.SEARCH][
        -1
    ]
    assert last.event.data["told"] == [house.shut]
    assert last.event.data["shown"] == []
    other = [one for one in history(house.archive, house.anna, house.open) if one.event.kind is Kind.SEARCH][
        -1
    ]
    assert other.event.data["told"] == []
    assert audited(house.folder).outcome == "verified"


def test_where_one_of_several_does_not_want_it_or_withdrew_nothing_is_told(house):
    item = house.deposit_one(house.vera, "Яе білі шлангам.", **ASK_FIRST).item
    assert told(house, "шлангам")
    withdraw(house.archive, house.vera, item)
    assert told(house, "шлангам") == ()
