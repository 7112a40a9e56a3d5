"""Searching several sealed indexes: one ranking, honest counts, the gate of consent, commits in between."""

import pytest
from founded import FOR_COURT, founded_house

from archive.access import compartments
from archive.errors import AccessError, SearchError
from archive.kinds import Kind, RenditionKind
from archive.nouns import Action
from archive.uses import Use
from search.disclosure import find
from search.engines.tantivy_engine import TantivyEngine
from search.engines.whoosh_engine import WhooshEngine
from search.retrieval import Page

ONLY_STORED = {
    "rights_basis": "consent",
    "consent": {"given_by": "self", "uses": ["store"], "given_on": "2026-11-20"},
}
ACCOUNTS = {
    "one.txt": "The guard struck him twice. The guard was never asked his name.",
    "two.txt": "A guard stood by the door.",
    "three.txt": "They were driven through the town at night.",
}


@pytest.fixture(scope="module", params=[TantivyEngine, WhooshEngine], ids=["tantivy", "whoosh"])
def house(request, tmp_path_factory):
    """Two compartments, `main` and `vilnia`; three accounts and one shut out in `main`, one in `vilnia`."""
    with founded_house(tmp_path_factory.mktemp("found") / "archive", engine=request.param) as opened:
        vera = opened.documenter()
        lena = opened.lawyer()
        compartments.found(opened.archive, opened.anna, "vilnia")
        opened.grant("vera", Action.CONTRIBUTE, label="vilnia", purposes=())
        opened.grant("lena", Action.READ, label="vilnia")
        opened.deposit(vera, ACCOUNTS, {**FOR_COURT, "language": "en", "perpetrators": ["Ryhor Zubar"]})
        opened.deposit_one(vera, "A guard, known only to the store.", language="en", **ONLY_STORED)
        opened.deposit_one(vera, "Another guard, in another town.", "vilnia", language="en")
        assert lena.purpose is Use.COURT
        yield opened


@pytest.fixture
def lena(house):
    return house.sign_in("lena")


def shown(found):
    return [(hit.compartment, "".join(text for text, _ in hit.snippet.parts)) for hit in found.hits]


def test_hits_of_all_compartments_come_in_one_ranking_and_count_together(house, lena):
    found = house.find(lena, "guard")
    assert found.total == len(found.hits) == 3
    assert {label for label, _ in shown(found)} == {"main", "vilnia"}
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)


def test_what_consent_shuts_out_is_in_no_hit_and_no_count(house, lena):
    found = house.find(lena, "store", facets=("language", "item"))
    assert (found.total, found.hits, found.facets) == (0, (), {"language": {}, "item": {}})


def test_facets_count_segments_of_every_compartment(house, lena):
    found = house.find(lena, "guard", facets=("language", "perpetrator"))
    assert found.facets == {"language": {"en": 3}, "perpetrator": {"Ryhor Zubar": 2}}


def test_pages_follow_each_other_without_gap_or_repetition(house, lena):
    whole = house.find(lena, "guard OR town")
    pages = [house.find(lena, "guard OR town", limit=1, offset=number) for number in range(whole.total)]
    assert [hit for page in pages for hit in page.hits] == list(whole.hits)
    assert {page.total for page in pages} == {whole.total}
    assert house.find(lena, "guard OR town", offset=whole.total).hits == ()


def test_a_label_narrows_the_search_to_its_compartment(house, lena):
    assert {label for label, _ in shown(house.find(lena, "guard", labels=["vilnia"]))} == {"vilnia"}
    with pytest.raises(AccessError) as refused:
        house.find(lena, "guard", labels=["minsk"])
    assert refused.value.code == "A02"


def test_a_snippet_marks_every_form_of_the_word_asked_for(house, lena):
    [hit] = house.find(lena, "drive OR driven").hits
    assert ("driven", True) in hit.snippet.parts
    assert hit.locator


def test_the_event_of_a_search_names_just_what_was_shown(house, lena):
    found = house.find(lena, "guard", limit=2)
    event = house.archive.custody.checked(house.archive.ledger().size - 1)
    assert event.kind is Kind.SEARCH
    assert event.data["shown"] == sorted({hit.rendition for hit in found.hits})
    assert event.data["count"] == 2


def test_who_may_read_nothing_finds_nothing_and_leaves_no_event(house):
    before = house.archive.ledger().size
    found = find(house.library, house.sign_in("vera"), "guard", page=Page(facets=("language",)))
    assert (found.total, found.hits, found.facets) == (0, (), {})
    assert house.archive.ledger().size == before


def test_a_query_that_cannot_be_understood_is_refused_before_anything_is_logged(house, lena):
    before = house.archive.ledger().size
    with pytest.raises(SearchError):
        house.find(lena, '"guard')
    assert house.archive.ledger().size == before


def test_what_is_deposited_between_two_searches_is_in_the_second(house, lena):
    assert house.found_items(lena, "lighthouse") == set()
    deposited = house.deposit_one(house.sign_in("vera"), "Near the lighthouse.", "vilnia", language="en")
    assert house.found_items(lena, "lighthouse") == {deposited.item}
    assert house.read_original(lena, deposited.item) == b"Near the lighthouse."
    renditions = house.archive.ledger().items[deposited.item].renditions.values()
    assert {one.kind for one in renditions} == {RenditionKind.ORIGINAL.value, RenditionKind.TEXT.value}


def test_an_index_opened_again_from_what_is_sealed_answers_the_same(house, lena):
    before = house.find(lena, "guard")
    house.library.shelf.close()
    again = house.find(lena, "guard")
    assert (again.total, again.hits) == (before.total, before.hits)
