"""The description file of a deposit."""

import pytest

from archive.records import Description, FaultyRecord, consent_state, load_description
from archive.uses import STORE_ONLY, ConsentState, RightsBasis, Use

CONSENT = {"given_by": "self", "uses": ["store", "court"], "given_on": "2026-11-20"}
SIMPLE = {"title": "Аповед", "language": "be", "rights_basis": "consent", "consent": CONSENT}
COURT = frozenset({Use.STORE, Use.COURT})


def faults_of(value, paths=("a.txt",)):
    with pytest.raises(FaultyRecord) as refused:
        load_description(value, paths)
    assert refused.value.code == "I14"
    return {fault.path: fault for fault in refused.value.faults}


def test_one_object_describes_all_paths():
    described = load_description(SIMPLE, ["a.txt", "b/c.txt"])
    assert set(described) == {"a.txt", "b/c.txt"}
    for description in described.values():
        assert description.data["title"] == "Аповед"
        assert description.basis is RightsBasis.CONSENT
        assert description.uses() == COURT


def test_a_list_describes_each_path_and_the_nearest_folder_wins():
    value = [{"path": "b", "title": "Folder"}, {"path": "b/c.txt", "title": "File"}, {"path": "a.txt"}]
    described = load_description(value, ["a.txt", "b/c.txt", "b/d.txt", "e.txt"])
    assert {path: d.data.get("title") for path, d in described.items()} == {
        "a.txt": None,
        "b/c.txt": "File",
        "b/d.txt": "Folder",
        "e.txt": None,
    }


def test_a_path_nobody_describes_may_only_be_stored():
    assert load_description([], ["a.txt"])["a.txt"] == Description({})
    assert Description({}).uses() == STORE_ONLY


def test_uses_follow_basis_declared_uses_and_later_consents():
    statute = load_description({"rights_basis": "statute", "uses": ["court", "research"]}, ["a"])["a"]
    assert statute.uses() == {Use.STORE, Use.COURT, Use.RESEARCH}
    assert statute.uses([ConsentState(frozenset({Use.COURT}))]) == COURT
    public = load_description({"rights_basis": "public"}, ["a"])["a"]
    assert public.uses() == frozenset(Use)
    assert public.uses([ConsentState(frozenset(Use), withdrawn=True)]) == STORE_ONLY


def test_a_consent_record_with_a_withdrawal_is_withdrawn():
    assert consent_state({"uses": ["court"]}) == ConsentState(frozenset({Use.COURT}))
    assert consent_state({"uses": ["court"], "withdrawn_on": {"edtf": "2026"}}).withdrawn


def test_everything_a_documenter_knows_has_a_place():
    full = SIMPLE | {
        "role": "victim",
        "date": {"edtf": "2020-08-09/2020-08-12", "as_written": "9–12 жніўня"},
        "place": "Акрэсціна",
        "institution": "by-okrestina-tsip",
        "perpetrators": ["Барсук", {"name": "Я. Крушынка"}],
        "victims": ["С-12"],
        "acts": ["mt4-02011111", "by-corridor", "білі ў калідоры"],
        "source": "Сама пацярпелая",
        "how_obtained": "Гутарка",
        "obtained_from": "Партнёрская арганізацыя",
        "graphic": True,
        "minors": False,
        "sexual_violence": False,
        "notes": "Другая частка пазней.",
    }
    data = load_description(full, ["a"])["a"].data
    assert data["places"] == [{"name": "Акрэсціна"}]
    assert data["institutions"] == [{"code": "by-okrestina-tsip"}]
    assert data["acts"] == [{"code": "mt4-02011111"}, {"code": "by-corridor"}, {"name": "білі ў калідоры"}]


def test_singular_and_plural_together_are_refused():
    assert "place" in faults_of({"place": "Мінск", "places": ["Мінск"]})


def test_all_faults_of_all_entries_are_reported_without_file_names():
    value = [
        {"path": "secret.txt", "title": 5},
        {"path": "a.txt"},
        {"path": "a.txt", "consent": {}},
        "text",
        {},
    ]
    faults = faults_of(value)
    assert set(faults) == {
        "[0].path",
        "[0].title",
        "[2].path",
        "[2].consent.given_by",
        "[2].consent.uses",
        "[3].path",
        "[3]",
        "[4].path",
    }
    assert "secret" not in repr(faults)


def test_uses_belong_to_statute_and_policy():
    assert "uses" in faults_of({"rights_basis": "consent", "uses": ["court"]})
    assert "uses" in faults_of({"uses": ["court"]})


def test_an_unknown_use_is_refused():
    assert "consent.uses[1]" in faults_of({"consent": CONSENT | {"uses": ["court", "gossip"]}})


@pytest.mark.parametrize("value", [None, "text", 5])
def test_what_is_no_description_is_refused(value):
    assert faults_of(value)[""].expected == "an object"
