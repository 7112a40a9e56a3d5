"""What a contributor, and a reader, may not know of: others' items, records and rights in her own compartment."""

from functools import partial

import pytest
from founded import refusal

from archive.access import preserving
from archive.access.overview import own_rights, rights
from archive.errors import SviedkaError
from archive.ids import Id
from archive.kinds import RenditionKind
from archive.nouns import Action, Role
from ingest.describe import describe
from ingest.withdrawal import withdraw
from search.disclosure import read

ABSENT = Id("a" * 26)
PERSON = {"type": "person", "data": {"pseudonym": "the tall one"}}


@pytest.fixture
def vera(house):
    """A contributor, beside another one, who handed something in."""
    return house.documenter()


@pytest.fixture
def others(house, vera):
    wanda = house.documenter("wanda")
    return Id(house.deposit_one(wanda, "Сведчанне").item)


def told(act, item):
    with pytest.raises(SviedkaError) as caught:
        act(item)
    return caught.value.code, str(caught.value).replace(item, "…")


def test_a_contributor_is_told_the_same_of_others_items_as_of_none(house, vera, others):
    acts = [
        partial(read, house.archive, vera),
        lambda item: read(house.archive, vera, item, RenditionKind.REDACTION),
        lambda item: preserving.hold(house.archive, vera, item, "why"),
        lambda item: preserving.lift(house.archive, vera, item, "why"),
        lambda item: preserving.order(house.archive, vera, item, "why"),
        lambda item: preserving.cancel(house.archive, vera, item, "why"),
        partial(withdraw, house.archive, vera),
        lambda item: describe(house.archive, vera, "main", [{**PERSON, "id": item}]),
        lambda item: describe(house.archive, vera, "main", [consent_to(item)]),
    ]
    for act in acts:
        assert told(act, others) == told(act, ABSENT)
    assert [told(act, others)[0] for act in acts] == [*["A20"] * 7, "A12", "A11"]


def consent_to(item):
    about = {"given_by": "self", "uses": ["store"], "items": [item], "given_on": "2026-11-20"}
    return {"type": "consent", "data": about}


def test_her_own_item_she_knows_and_is_told_why_she_may_not_read_it(house, vera):
    mine = Id(house.deposit_one(vera, "Сведчанне").item)
    with refusal("A20"):
        read(house.archive, vera, mine)
    assert "no-grant" in told(partial(read, house.archive, vera), mine)[1]


def test_a_contributor_corrects_her_own_records_and_nobody_elses(house, vera):
    [written] = describe(house.archive, vera, "main", [PERSON])
    [again] = describe(house.archive, vera, "main", [{**PERSON, "id": written.record}])
    assert again.version == 2
    wanda = house.documenter("wanda")
    with refusal("A12"):
        describe(house.archive, wanda, "main", [{**PERSON, "id": written.record}])
    [by_describer] = describe(house.archive, house.anna, "main", [{**PERSON, "id": written.record}])
    assert by_describer.version == 3


def test_a_contributor_chooses_no_ids_and_a_describer_may(house, vera):
    with refusal("A12"):
        describe(house.archive, vera, "main", [{**PERSON, "id": ABSENT}])
    assert describe(house.archive, house.anna, "main", [{**PERSON, "id": ABSENT}])[0].version == 1


def test_others_rights_are_for_whoever_manages_or_audits(house, vera):
    lena = house.lawyer()
    auditor = house.enrol("olga", Role.AUDITOR)
    house.grant("olga", Action.AUDIT, purposes=())
    seen = {who.handle: {one.handle for one in rights(house.archive, who, "main")}
            for who in (vera, lena, auditor, house.anna)}  # fmt: skip
    everybody = {"anna", "vera", "lena", "olga"}
    assert seen == {"vera": {"vera"}, "lena": {"lena"}, "olga": everybody, "anna": everybody}
    assert [one.reason for one in own_rights(house.archive, lena)] == ["because the work needs it"]
