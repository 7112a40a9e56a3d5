"""Records in bulk refer to each other by keys that become identifiers."""

import itertools

import pytest

from archive.ids import Id
from archive.records import FaultyRecord, load_record, references, resolve_local

SAYS = {"asserted_by": "Група «Сведка»"}
PERSON = {"type": "person", "key": "#крушынка", "data": {"pseudonym": "С-12"}}
OFFICER = {"type": "person", "key": "#barsuk", "data": {"description": "У балаклаве"}}
ACT = {"type": "act", "key": "#act", "data": {"type": "mt4-02011111", "victims": ["#крушынка"]}}
INVOLVEMENT = {
    "type": "involvement",
    "data": {"act": "#act", "perpetrator": "#barsuk", "mode": "direct", "assertion": SAYS},
}


def counting():
    numbers = itertools.count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


def faults_of(records):
    with pytest.raises(FaultyRecord) as refused:
        resolve_local(records, counting())
    assert refused.value.code == "I12"
    return {fault.path: fault for fault in refused.value.faults}


def test_keys_become_identifiers_whatever_the_order():
    resolved = resolve_local([INVOLVEMENT, ACT, PERSON, OFFICER], counting())
    ids = [Id(record["id"]) for record in resolved]
    assert len(set(ids)) == 4
    involvement, act, person, officer = resolved
    for record in resolved:
        record["data"] = load_record(record["type"], record["data"])
    assert references("involvement", involvement["data"]) == (
        ("act", act["id"]),
        ("perpetrator", officer["id"]),
    )
    assert references("act", act["data"]) == (("victims", person["id"]),)


def test_an_existing_identifier_is_kept():
    existing = "a" * 26
    resolved = resolve_local([PERSON | {"id": existing}, ACT], counting())
    assert resolved[0]["id"] == existing
    assert resolved[1]["data"]["victims"] == [existing]


def test_keys_are_resolved_within_lists_objects_and_mentions():
    records = [
        PERSON,
        {
            "type": "item",
            "key": "#note",
            "data": {"victim": "#крушынка", "perpetrators": [{"record": "#крушынка"}]},
        },
        {
            "type": "event",
            "data": {"title": "Допыт", "items": ["#note"], "assertion": SAYS | {"subject": "#note"}},
        },
    ]
    person, item, event = resolve_local(records, counting())
    assert load_record("item", item["data"])["victims"] == [{"record": person["id"]}]
    assert item["data"]["perpetrators"] == [{"record": person["id"]}]
    assert event["data"]["items"] == [item["id"]]
    assert event["data"]["assertion"]["subject"] == item["id"]


def test_prose_that_begins_with_a_hash_is_left_alone():
    (resolved,) = resolve_local([{"type": "event", "data": {"title": "#крушынка"}}], counting())
    assert resolved["data"] == {"title": "#крушынка"}


def test_the_given_records_are_not_changed():
    act = {"type": "act", "data": {"type": "mt4-02011111", "victims": ["#крушынка"]}}
    resolve_local([PERSON, act], counting())
    assert act["data"]["victims"] == ["#крушынка"]


def test_unknown_keys_are_refused_all_at_once_without_showing_them():
    faults = faults_of([ACT, INVOLVEMENT])
    assert set(faults) == {"[0].data.victims[0]", "[1].data.perpetrator"}
    assert "крушынка" not in repr(faults)


def test_a_key_of_the_wrong_type_is_refused():
    wrong = {"type": "act", "data": {"type": "mt4-02011111", "place": "#крушынка"}}
    assert faults_of([PERSON, wrong])["[1].data.place"].expected == "a record of type place"


def test_a_key_may_be_used_once():
    assert "[1].key" in faults_of([PERSON, PERSON])


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ("text", "[0]"),
        ({"type": "rumour", "data": {}}, "[0].type"),
        ({"type": ["person"], "data": {}}, "[0].type"),
        ({"type": "person"}, "[0].data"),
        ({"type": "person", "data": {}, "key": "ivan"}, "[0].key"),
        ({"type": "person", "data": {}, "id": "ivan"}, "[0].id"),
        ({"type": "person", "data": {}, "extra": 1}, "[0].extra"),
        ({"type": "person", "data": {}, 7: 1}, "[0][7]"),
    ],
)
def test_a_malformed_entry_is_refused(record, path):
    assert set(faults_of([record])) == {path}


def test_a_file_that_is_no_list_is_refused():
    assert faults_of({"type": "person"})[""].expected == "a list of records"
