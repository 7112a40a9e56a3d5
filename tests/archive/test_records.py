"""Records: what is accepted, how it is spelled afterwards, and how faults are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.canonical import format_json, parse_json
from archive.errors import IntakeError
from archive.ids import new_id
from archive.records import (
    FaultyRecord,
    describe_fields,
    load_record,
    mentions_of,
    names_of,
    record_types,
    references,
    title_of,
)
from archive.vocabulary import vocabulary


def identifier(number):
    return str(new_id(lambda size: number.to_bytes(size, "big")))


ONE, TWO, THREE = (identifier(n) for n in (1, 2, 3))
SAYS = {"asserted_by": "Група «Сведка»", "certainty": "likely", "bears": "for"}

SMALLEST = {
    "testimony": {"role": "victim"},
    "event": {"title": "Допыт у жніўні"},
    "person": {"names": [{"text": "Язэп Крушынка", "language": "be", "kind": "official"}]},
    "institution": {"code": "by-kgb"},
    "place": {"names": [{"text": "Камера 8", "language": "be", "kind": "official"}]},
    "post": {"person": ONE, "institution": TWO},
    "act": {"type": "mt4-02011111"},
    "involvement": {"act": ONE, "perpetrator": TWO, "mode": "direct", "assertion": SAYS},
    "identification": {"designation": "Барсук", "person": ONE, "basis": "photo", "assertion": SAYS},
    "medical-finding": {
        "person": ONE,
        "kind": "physical",
        "finding": "Гематомы на спіне.",
        "consistency": "highly-consistent",
    },
    "measure": {"person": ONE, "kind": "custody"},
    "status": {
        "person": ONE,
        "scheme": "pace-1900",
        "decision": "recognised",
        "organisation": "Група «Сведка»",
        "assertion": SAYS,
    },
    "relation": {"person": ONE, "other": TWO, "kind": "godparent"},
    "intervention": {"kind": "petition"},
    "consent": {"given_by": "self", "uses": ["store", "court"]},
    "item": {},
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def faults_of(type_name, data):
    with pytest.raises(FaultyRecord) as refused:
        load_record(type_name, data)
    assert refused.value.code == "I10"
    return {fault.path: fault for fault in refused.value.faults}


def test_there_is_a_smallest_example_of_every_type():
    assert set(SMALLEST) == set(record_types()) == set(vocabulary("record-types"))


@pytest.mark.parametrize("type_name", SMALLEST)
def test_the_smallest_record_loads_to_canonical_json_and_loads_again_unchanged(type_name):
    loaded = load_record(type_name, SMALLEST[type_name])
    assert parse_json(format_json(loaded)) == loaded
    assert load_record(type_name, loaded) == loaded


@pytest.mark.parametrize("type_name", SMALLEST)
def test_leaving_out_any_required_field_is_refused_and_named(type_name):
    for field in describe_fields(type_name, "en"):
        if field.required:
            rest = {name: value for name, value in SMALLEST[type_name].items() if name != field.name}
            assert faults_of(type_name, rest)[field.name].found == "nothing"


@pytest.mark.parametrize("type_name", SMALLEST)
@pytest.mark.parametrize("language", ["be", "ru", "en"])
def test_every_field_of_every_type_has_a_label(type_name, language):
    def check(fields):
        for field in fields:
            assert field.label
            assert all(text for _, text in field.choices)
            check(field.parts)

    check(describe_fields(type_name, language))


def test_forms_learn_kind_choices_and_parts():
    fields = {field.name: field for field in describe_fields("involvement", "en")}
    assert fields["act"].kind == "ref"
    assert fields["act"].required
    assert ("superior", "Failed to prevent or punish as a superior") in fields["mode"].choices
    assert {part.name for part in fields["assertion"].parts} >= {"asserted_by", "locator"}
    person = {field.name: field for field in describe_fields("person", "be")}
    assert person["names"].repeatable
    assert person["names"].label == "Імёны і назвы"


def test_an_unknown_record_type_is_refused():
    with pytest.raises(IntakeError) as refused:
        load_record("rumour", {})
    assert refused.value.code == "I13"


def test_all_faults_are_reported_at_once_with_their_paths():
    faults = faults_of(
        "act",
        {
            "type": "mt4-000",
            "methods": ["mt5-0301", 3],
            "vicitms": [],
            "victims": ["abc"],
            "date": {"edtf": "в августе"},
            "assertion": {"locator": {}},
            "external_ids": [{"scheme": "x"}, 4],
        },
    )
    assert set(faults) == {
        "type",
        "methods[1]",
        "vicitms",
        "victims[0]",
        "date",
        "assertion.asserted_by",
        "assertion.locator",
        "external_ids[0].value",
        "external_ids[1]",
    }
    assert faults["methods[1]"].found == "a number"
    assert faults["vicitms"].expected == "a known field (perhaps victims)"
    assert faults["type"].expected == "a code of the vocabulary acts"


def test_a_rule_across_fields_is_reported_beside_other_faults():
    faults = faults_of("person", {"born": "1937-13"})
    assert set(faults) == {"", "born"}
    assert faults[""].expected == "at least one of names, pseudonym, description"


def test_no_message_shows_a_value_or_an_odd_field_name():
    secret = "Язэп Крушынка"
    data = {
        secret: 1,
        "names": [{"text": 5, "language": secret, "kind": secret}],
        "born": secret,
        "sex": secret,
    }
    with pytest.raises(FaultyRecord) as refused:
        load_record("person", data)
    assert secret not in str(refused.value)
    assert secret not in repr(refused.value.faults)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@pytest.mark.parametrize("data", [None, [], "text", 3, True])
def test_what_is_no_object_is_refused(data):
    assert faults_of("person", data)[""].expected == "an object"


@given(st.sampled_from(list(SMALLEST)), JSON)
def test_random_json_is_either_refused_or_canonical(type_name, data):
    try:
        loaded = load_record(type_name, data)
    except FaultyRecord:
        return
    assert load_record(type_name, loaded) == loaded


@given(st.sampled_from(list(SMALLEST)), st.data())
def test_random_values_in_known_fields_are_either_refused_or_canonical(type_name, draw):
    names = [field.name for field in describe_fields(type_name, "en")]
    data = draw.draw(st.dictionaries(st.sampled_from(names), JSON, max_size=4))
    try:
        loaded = load_record(type_name, SMALLEST[type_name] | data)
    except FaultyRecord as error:
        refused = error
    else:
        assert parse_json(format_json(loaded)) == loaded
        return
    places = {fault.path.partition(".")[0].partition("[")[0] for fault in refused.faults}
    assert places
    assert places <= {*data, ""}


def test_guilt_is_never_stated_without_a_source():
    unsourced = {"pseudonym": "Барсук", "statuses": [{"status": "convicted"}]}
    assert "statuses[0].assertion" in faults_of("person", unsourced)
    sourced = {"pseudonym": "Барсук", "statuses": [{"status": "convicted", "assertion": SAYS}]}
    assert load_record("person", sourced)["statuses"][0]["status"] == "convicted"


def test_an_unknown_perpetrator_may_be_described():
    involvement = {
        "act": ONE,
        "perpetrator_description": "Высокі, у балаклаве",
        "mode": "direct",
        "assertion": SAYS,
    }
    assert load_record("involvement", involvement)
    del involvement["perpetrator_description"]
    assert "" in faults_of("involvement", involvement)


def test_references_tell_the_role_of_every_record():
    act = load_record(
        "act",
        {
            "type": "mt4-02011111",
            "victims": [ONE, TWO],
            "place": THREE,
            "assertion": SAYS | {"source_item": TWO, "asserted_by": THREE},
        },
    )
    assert set(references("act", act)) == {
        ("victims", ONE),
        ("victims", TWO),
        ("place", THREE),
        ("assertion.source_item", TWO),
        ("assertion.asserted_by", THREE),
    }
    involvement = load_record("involvement", SMALLEST["involvement"])
    assert references("involvement", involvement) == (("act", ONE), ("perpetrator", TWO))


def test_all_spellings_of_a_name_are_found():
    names = [
        {"text": "Язэп Крушынка", "language": "be", "kind": "official"},
        {"text": "Иосиф Крушинко", "language": "ru", "kind": "official"},
        {"text": "Барсук", "language": "be", "kind": "nickname"},
    ]
    person = load_record("person", {"names": names, "pseudonym": "С-12"})
    assert names_of("person", person) == ("Язэп Крушынка", "Иосиф Крушинко", "Барсук", "С-12")
    assert title_of("person", person, "ru") == "Иосиф Крушинко"
    assert "ГУБОПиК" in names_of("institution", {"code": "by-gubop"})


def test_mentions_give_institutions_under_every_name():
    item = load_record(
        "item", {"institutions": ["by-gubop"], "perpetrators": ["Барсук"], "acts": ["by-corridor"]}
    )
    mentioned = mentions_of("item", item)
    assert ("perpetrators", "Барсук") in mentioned
    assert {("institutions", "ГУБАЗіК"), ("institutions", "ГУБОПиК")} <= set(mentioned)
    assert ("acts", "«Калідор»: прагон праз строй") in mentioned


@pytest.mark.parametrize(
    ("type_name", "title"),
    [
        ("event", "Допыт у жніўні"),
        ("act", "Дзеянне: Катаванне"),
        ("institution", "Камітэт дзяржаўнай бяспекі Рэспублікі Беларусь"),
        ("identification", "Барсук"),
        ("item", "Апісанне матэрыялу"),
    ],
)
def test_every_record_has_a_title(type_name, title):
    assert title_of(type_name, load_record(type_name, SMALLEST[type_name]), "be") == title


def test_a_long_list_of_faults_is_counted_in_the_message_and_kept_whole():
    with pytest.raises(FaultyRecord) as refused:
        load_record("item", {"victims": [0] * 50})
    assert len(refused.value.faults) == 50
    assert str(refused.value).endswith("and 30 more")
