"""The one way out: decide, log, open, in this order; the gate of consent is never stale."""

import threading

import pytest
from founded import founded_house

from archive.access import compartments
from archive.errors import AccessError, FixityError, SearchError, SviedkaError
from archive.ids import Id
from archive.kinds import Kind, RenditionKind
from archive.nouns import Action, Role
from archive.uses import Use
from ingest.describe import describe
from search.consent_gate import ConsentGate
from search.disclosure import read


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as opened:
        opened.documenter()
        opened.lawyer()
        yield opened


def last_event(house):
    return house.archive.custody.checked(house.archive.log.checkpoint().size - 1)


def withdraw(house, item):
    [(consent, _)] = house.archive.ledger().items[item].rights.consents
    data = {"given_by": "self", "uses": ["store"], "withdrawn_on": "2026-12-01"}
    describe(house.archive, house.anna, "main", [{"type": "consent", "id": consent, "data": data}])


def test_every_search_of_what_may_be_read_is_logged_with_what_it_showed_and_without_its_words(house):
    item = house.deposit_one(house.sign_in("vera"), "дубінка").item
    lena = house.sign_in("lena")
    for query, shown in (("дубінка", 1), ("нічога", 0)):
        house.find(lena, query)
        event = last_event(house)
        assert (event.kind, event.agent) == (Kind.SEARCH, lena.id)
        assert (event.data["count"], len(event.data["shown"])) == (shown, shown)
        assert query not in str(event.data)
    assert house.archive.catalogue.items.events(item)[-1] == house.archive.log.checkpoint().size - 2


def test_a_search_in_nothing_and_a_query_that_cannot_be_read_leave_no_trace(house):
    house.deposit_one(house.sign_in("vera"), "дубінка")
    lena, ivan = house.sign_in("lena"), house.enrol("ivan", Role.LAWYER)
    size = house.archive.log.checkpoint().size
    assert house.find(ivan, "дубінка").total == 0
    with pytest.raises(SearchError) as refused:
        house.find(lena, '"дубінка')
    assert "дубінка" not in str(refused.value)
    assert house.archive.log.checkpoint().size == size


def test_a_label_that_is_not_hers_is_not_known(house):
    compartments.found(house.archive, house.anna, "minsk")
    lena = house.sign_in("lena")
    for label in ("minsk", "unheard-of"):
        with pytest.raises(AccessError) as refused:
            house.find(lena, "дубінка", labels=[label])
        assert str(refused.value) == "no compartment of that label is known to you"


def test_what_is_in_other_compartments_changes_no_count_facet_or_score(house):
    compartments.found(house.archive, house.anna, "minsk")
    vera, lena = house.sign_in("vera"), house.sign_in("lena")
    house.grant("vera", Action.CONTRIBUTE, label="minsk", purposes=())
    house.deposit_one(vera, "дубінка і яшчэ словы", perpetrators=["Пятроўскі"])
    before = house.find(lena, "дубінка", facets=("perpetrator", "language"))
    for number in range(5):
        house.deposit_one(vera, f"дубінка {number}", label="minsk", perpetrators=["Схаваны"])
    # The custodian's process opens the other index too.
    custodian = house.sign_in("anna", Use.COURT)
    assert house.find(custodian, "дубінка").total == 6
    after = house.find(lena, "дубінка", facets=("perpetrator", "language"))
    assert (after.total, after.facets) == (before.total, before.facets)
    assert [hit.score for hit in after.hits] == [hit.score for hit in before.hits]


def test_what_is_missing_and_what_is_not_hers_are_refused_in_the_same_words(house):
    item = house.deposit_one(house.sign_in("vera"), "дубінка").item
    ivan = house.enrol("ivan", Role.LAWYER)
    told = set()
    for wanted in (item, Id("b" * 25 + "a")):
        with pytest.raises(AccessError) as refused:
            read(house.archive, ivan, wanted)
        told.add(str(refused.value))
    assert len(told) == 1


def test_a_rendition_that_is_not_there_is_refused(house):
    item = house.deposit_one(house.sign_in("vera"), "дубінка").item
    with pytest.raises(AccessError, match="no such rendition"):
        read(house.archive, house.sign_in("lena"), item, RenditionKind.REDACTION)


def test_an_item_deposited_while_a_search_waits_is_held_against_its_own_consent(house):
    """The gate is asked after the indexes are open: what came in meanwhile is judged too."""
    vera, lena = house.sign_in("vera"), house.sign_in("lena")
    house.deposit_one(vera, "дубінка адкрытая")
    house.find(lena, "дубінка")
    stop, seen = threading.Event(), set()

    def searching():
        while not stop.is_set():
            seen.update(hit.item for hit in house.find(lena, "дубінка", limit=100).hits)

    searcher = threading.Thread(target=searching)
    searcher.start()
    kept = {
        house.deposit_one(vera, f"дубінка {n}", consent={"given_by": "self", "uses": ["store"]}).item
        for n in range(25)
    }
    stop.set()
    searcher.join()
    assert seen
    assert not seen & kept


def test_the_gate_is_not_taken_in_by_a_ledger_that_was_read_afresh(house):
    """Two ledgers may count as many changes of rights and not mean the same."""
    vera = house.sign_in("vera")
    item = house.deposit_one(vera, "дубінка").item
    gate, before = ConsentGate(), house.archive.custody.follow()
    assert gate.shut(before, Use.COURT) == {}
    withdraw(house, item)
    after = house.archive.custody.follow()
    changes = after.rights_changes
    stale = type(before)(before.origin)
    stale.rights_changes = changes
    assert gate.shut(stale, Use.COURT) == {}
    assert gate.shut(after, Use.COURT) == {after.items[item].compartment: frozenset({item})}


def test_an_original_is_held_against_its_commitment_when_it_was_read_to_the_end(house):
    item = house.deposit_one(house.sign_in("vera"), "дубінка").item
    lena = house.sign_in("lena")
    rendition = next(iter(house.archive.ledger().items[item].renditions.values()))
    body = rendition.sealed.body
    path = house.folder / "headers" / body[:2] / body
    path.chmod(0o600)
    header = path.read_bytes()
    path.write_bytes(header.replace(b"v1", b"v2"))
    with pytest.raises(FixityError, match="header differs"):
        house.read_original(lena, item)
    path.write_bytes(header)
    assert house.read_original(lena, item) == "дубінка".encode()


def test_an_item_is_not_described_anew_nor_a_record_from_another_compartment(house):
    compartments.found(house.archive, house.anna, "minsk")
    vera = house.sign_in("vera")
    eve = house.enrol("eve", Role.DOCUMENTER)
    house.grant("eve", Action.CONTRIBUTE, label="minsk", purposes=())
    item = house.deposit_one(vera, "дубінка").item
    [person] = describe(house.archive, house.anna, "main", [{"type": "person", "data": {"pseudonym": "Вяз"}}])
    for type, record in (("item", item), ("event", item), ("person", person.record)):
        data = {"event": {"title": "x"}, "person": {"pseudonym": "x"}, "item": {"title": "x"}}[type]
        with pytest.raises(SviedkaError) as refused:
            describe(house.archive, eve, "minsk", [{"type": type, "id": record, "data": data}])
        assert refused.value.code in ("I69", "A12")
    assert house.read_original(house.sign_in("lena"), item) == "дубінка".encode()
