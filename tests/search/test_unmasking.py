"""Unmasking: a right of its own, a reason, an event first; and nothing at all for everybody else."""

import pytest
from founded import audited, founded_house, refusal

from archive.access import preserving
from archive.access.disclosed import identity_disclosures
from archive.access.history import history
from archive.errors import SviedkaError
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Action, Role
from archive.uses import Use
from ingest.describe import describe
from ingest.withdrawal import withdraw
from search import unmasking
from search.unmasking import unmask

NAME = "Ганна Лапіцкая"
ABSENT = Id("a" * 26)


@pytest.fixture
def house(tmp_path):
    """`lena` reads `main` for courts, `inna` its companion too; the witness of `item` is recorded there."""
    with founded_house(tmp_path / "archive") as opened:
        opened.lawyer()
        opened.lawyer("inna")
        opened.grant("inna", Action.READ, label="main.identities")
        yield opened


@pytest.fixture
def item(house):
    return Id(house.deposit_one(house.anna, "Сведка Н. бачыла дубінкі.").item)


@pytest.fixture
def person(house, item):
    """Who the witness is, and a pseudonym in `main` that an identification connects with her."""
    names = [{"text": NAME, "language": "be", "kind": "official"}]
    testimony = {"source": "#w", "role": "witness", "items": [item]}
    records = [
        {"key": "#w", "type": "person", "data": {"names": names}},
        {"type": "testimony", "data": testimony},
        {"type": "person", "data": {"pseudonym": "somebody else"}},
    ]
    return describe(house.archive, house.anna, "main.identities", records)[0].record


def events_of(house, kind):
    checked = (house.archive.custody.checked(i) for i in range(house.archive.log.checkpoint().size))
    return [event for event in checked if event.kind is kind]


def test_whoever_may_read_the_companion_learns_who_the_witness_is(house, item, person):
    inna = house.sign_in("inna")
    [found] = unmask(house.archive, inna, item, "the court summons her")
    assert (found.record, found.label) == (person, "main.identities")
    assert found.data["names"][0]["text"] == NAME
    [event] = events_of(house, Kind.UNMASKING)
    assert (event.agent, event.data["record"], event.data["item"]) == (inna.id, person, item)
    assert event.data["purpose"] == "court"
    [again] = unmask(house.archive, inna, person, "the court summons her")
    assert again.data == found.data
    assert not audited(house.folder).faults


def test_a_pseudonym_is_unmasked_by_the_identification_that_the_companion_holds(house, item, person):
    [masked] = describe(
        house.archive, house.anna, "main", [{"type": "person", "data": {"pseudonym": "Ластаўка"}}]
    )
    said = {"described": masked.record, "person": person, "basis": "introduced"}
    said["assertion"] = {"asserted_by": "us", "source_item": item}
    describe(house.archive, house.anna, "main.identities", [{"type": "identification", "data": said}])
    [found] = unmask(house.archive, house.sign_in("inna"), masked.record, "she is in danger")
    assert found.record == person


def test_others_whom_an_account_identifies_are_not_its_witness(house, item, person):
    said = {"designation": "the tall one", "person": person, "basis": "voice"}
    other = house.deposit_one(house.anna, "Іншае сведчанне.").item
    said["assertion"] = {"asserted_by": "us", "source_item": other}
    describe(house.archive, house.anna, "main.identities", [{"type": "identification", "data": said}])
    with refusal("A62"):
        unmask(house.archive, house.sign_in("inna"), Id(other), "why")


def test_nothing_is_shown_that_was_not_logged_before(house, item, person, monkeypatch):
    opened = []
    true = unmasking.open_record

    def watched(archive, place, head):
        opened.append((head.record, len(events_of(house, Kind.UNMASKING))))
        return true(archive, place, head)

    monkeypatch.setattr(unmasking, "open_record", watched)
    unmask(house.archive, house.sign_in("inna"), item, "why")
    assert opened[-1] == (person, 1)

    def broken(*_signed, **_rows):
        raise RuntimeError("the log is out of order")

    monkeypatch.setattr(type(house.archive.custody), "record", broken)
    with pytest.raises(RuntimeError):
        unmask(house.archive, house.sign_in("inna"), item, "why")


def test_the_reason_is_sealed_and_nowhere_in_clear(house, item, person):
    unmask(house.archive, house.sign_in("inna"), item, "вельмі асаблівая прычына")
    for path in house.folder.rglob("*"):
        if path.is_file():
            assert "асаблівая".encode() not in path.read_bytes()
    assert "асаблівая" not in str(events_of(house, Kind.UNMASKING))


def test_without_the_companions_grant_nothing_exists(house, item, person):
    vera = house.documenter("vera")
    house.enrol("ivan", Role.LAWYER)
    house.grant("ivan", Action.CONTRIBUTE, label="main.identities", purposes=())
    [other] = describe(house.archive, house.anna, "main", [{"type": "person", "data": {"pseudonym": "Н."}}])

    def told(who, subject):
        with pytest.raises(SviedkaError) as caught:
            unmask(house.archive, who, subject, "curiosity")
        return caught.value.code, str(caught.value)

    for who in (house.sign_in("lena"), vera, house.sign_in("ivan"), house.sign_in("inna", Use.RESEARCH)):
        answers = {told(who, subject) for subject in (item, person, other.record, ABSENT)}
        assert len(answers) == 1
        assert answers.pop()[0] == "A20"
    assert not events_of(house, Kind.UNMASKING)


def test_where_nobody_is_recorded_only_those_who_know_the_item_are_told_so(house, item):
    inna = house.sign_in("inna")
    with refusal("A62"):
        unmask(house.archive, inna, item, "why")
    house.lawyer("ida", label="main.identities")
    with refusal("A20"):
        unmask(house.archive, house.sign_in("ida"), item, "why")
    assert not events_of(house, Kind.UNMASKING)


def test_whoever_withdrew_is_not_looked_up_for_what_she_withdrew(house, item, person):
    withdraw(house.archive, house.anna, item)
    with refusal("A20"):
        unmask(house.archive, house.sign_in("inna"), item, "why")
    assert not events_of(house, Kind.UNMASKING)


def test_history_shows_it_to_those_who_read_the_companion_and_the_fact_to_the_overseers(house, item, person):
    inna = house.sign_in("inna")
    unmask(house.archive, inna, item, "why")
    house.documenter("boris")
    house.grant("boris", Action.READ)

    def seen(handle):
        return [one.event.data for one in history(house.archive, house.sign_in(handle), item)
                if one.event.kind is Kind.UNMASKING]  # fmt: skip

    assert seen("inna")[0]["record"] == person
    assert seen("anna")[0]["record"] == person
    assert seen("lena") == seen("boris") == []
    house.grant("lena", Action.RELEASE)
    assert seen("lena") == [{"item": item, "purpose": "court"}]


def test_whoever_may_destroy_is_shown_who_learned_the_identity(house, item, person):
    inna = house.sign_in("inna")
    unmask(house.archive, inna, item, "why")
    with refusal("A07"):
        identity_disclosures(house.archive, house.anna, item)
    house.grant("anna", Action.DESTROY, purposes=())
    [known] = identity_disclosures(house.archive, house.anna, item)
    assert (known.handle, known.purpose) == ("inna", "court")
    assert not preserving.taken(house.archive, house.anna, item)
    with refusal("A20"):
        identity_disclosures(house.archive, house.documenter("vera"), item)
