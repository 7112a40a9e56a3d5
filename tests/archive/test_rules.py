"""The rules of custody: what makes an entry lawful, and that an unlawful one changes nothing."""

import json

import pytest
from ledger_builder import ALL_PURPOSES, Builder

from archive.canonical import format_json
from archive.codec import b64
from archive.errors import CustodyError
from archive.events import Seen, parse_entry
from archive.kinds import Kind
from archive.ledger import Ledger
from archive.nouns import Action, Role
from archive.rules import apply, check_signatures
from keys.signing import verify_ed25519

LATER = "2027-01-01T00:00:00Z"


@pytest.fixture
def builder():
    return Builder()


def refused(code, act, *arguments, **named):
    """Do something the rules refuse; say with which words."""
    with pytest.raises(CustodyError) as raised:
        act(*arguments, **named)
    assert raised.value.code == code, raised.value
    return str(raised.value)


def test_the_genesis_names_the_first_custodian_and_the_archives_own_agent(builder):
    ledger = builder.ledger
    assert ledger.agents[builder.anna.agent].role is Role.CUSTODIAN
    assert ledger.agents[builder.archive.agent].role is None
    assert ledger.archive_agent == builder.archive.agent


def test_nothing_comes_before_the_genesis_and_no_second_one_after_it(builder):
    refused("C64", builder.do, builder.anna, Kind.GENESIS, **builder.genesis_data())
    early = builder.write(builder.anna, Kind.ENROLMENT, builder.enrolment(builder.person(), "lawyer"))
    refused("C64", apply, Ledger(builder.ledger.origin), parse_entry(early), verify_ed25519)


def test_a_genesis_by_another_than_its_custodian_is_refused():
    builder = Builder()
    genesis = builder.write(builder.archive, Kind.GENESIS, builder.genesis_data(), also=[builder.trustees])
    refused("C63", apply, Ledger(builder.ledger.origin), parse_entry(genesis), verify_ed25519)


def test_an_event_is_logged_once(builder):
    entry = builder.write(builder.anna, Kind.ENROLMENT, builder.enrolment(builder.person(), "lawyer"))
    builder.add(entry)
    refused("C60", builder.add, entry)


def test_an_event_of_another_log_is_refused(builder):
    data = builder.enrolment(builder.person(), "lawyer")
    foreign = builder.write(builder.anna, Kind.ENROLMENT, data, origin="sviedka.invalid/another")
    refused("C61", builder.add, foreign)


def test_every_signature_must_hold(builder):
    value = json.loads(
        builder.write(builder.anna, Kind.ENROLMENT, builder.enrolment(builder.person(), "lawyer"))
    )
    value["event"]["data"]["role"] = "custodian"
    refused("C62", builder.add, format_json(value))


def test_a_second_signature_must_hold_too(builder):
    data = builder.enrolment(builder.person(), "lawyer")
    value = json.loads(builder.write(builder.anna, Kind.ENROLMENT, data, also=[builder.archive]))
    value["signatures"][1]["signature"] = value["signatures"][0]["signature"]
    refused("C62", builder.add, format_json(value))


def test_nobody_signs_before_being_enrolled(builder):
    refused("C62", builder.enrol, "vera", "documenter", by=builder.person())


def test_signatures_of_readings_are_checked_by_an_audit_and_where_they_are_used(builder):
    item, rendition, grant, lena = readable(builder)
    data = {"item": item, "rendition": rendition, "grant": grant, "purpose": "court"}
    value = json.loads(builder.write(lena, Kind.READING, data))
    value["signatures"][0]["signature"] = b64(bytes(64))
    entry = parse_entry(format_json(value))
    refused("C62", check_signatures, builder.ledger, entry, verify_ed25519, index=builder.ledger.size)
    refused("C62", builder.add, format_json(value))


@pytest.mark.parametrize("role", ["documenter", "lawyer", "auditor"])
def test_only_custodians_enrol_and_found(builder, role):
    other = builder.enrol("other", role)
    refused("C63", builder.enrol, "one", "lawyer", by=other)
    refused("C63", builder.found, "own", by=other)


def test_an_agent_is_enrolled_once(builder):
    vera = builder.enrol("vera", "documenter")
    refused("C64", builder.do, builder.anna, Kind.ENROLMENT, **builder.enrolment(vera, "custodian"))
    assert builder.ledger.agents[vera.agent].role is Role.DOCUMENTER


def test_rights_are_given_by_those_who_manage_the_compartment(builder):
    ivan, vera = builder.enrol("ivan", "custodian"), builder.enrol("vera", "documenter")
    refused("C67", builder.grant, vera, "main", ["contribute"], [], by=ivan)
    builder.grant(ivan, "main", ["manage"], [])
    builder.grant(vera, "main", ["contribute"], [], by=ivan)


def test_a_founder_whose_rights_were_withdrawn_does_not_come_back_as_founder(builder):
    ivan = builder.enrol("ivan", "custodian")
    given = builder.grant(ivan, "main", ["manage"], [])
    [founders] = [g.grant for g in builder.ledger.grants.values() if g.agent == builder.anna.agent]
    builder.revoke(founders, by=ivan)
    builder.revoke(given, by=ivan)
    refused("C67", builder.grant, builder.anna, "main", ["read"], ALL_PURPOSES)


@pytest.mark.parametrize(
    ("role", "action"),
    [("documenter", "release"), ("auditor", "read"), ("lawyer", "manage"), ("lawyer", "audit")],
)
def test_nobody_is_given_what_the_role_does_not_allow(builder, role, action):
    other = builder.enrol("other", role)
    refused("C63", builder.grant, other, "main", [action], [])


def test_the_archives_own_agent_has_no_grants_and_few_kinds(builder):
    refused("C64", builder.grant, builder.archive, "main", ["read"], ALL_PURPOSES)
    refused("C63", builder.enrol, "one", "lawyer", by=builder.archive)


def test_a_grant_is_revoked_once_and_by_a_manager(builder):
    vera = builder.enrol("vera", "documenter")
    grant = builder.grant(vera, "main", ["contribute"], [])
    refused("C67", builder.revoke, grant, by=vera)
    builder.revoke(grant)
    refused("C64", builder.revoke, grant)
    refused("C67", builder.accession, vera, "main")


def test_epochs_follow_each_other(builder):
    refused("C64", builder.epoch, "main", 3)
    builder.epoch("main", 2)
    assert builder.ledger.compartments[builder.compartments["main"]].epoch == 2
    refused("C64", builder.epoch, "main", 2)


def test_a_new_epochs_key_goes_to_just_those_who_may_open(builder):
    vera, lena = builder.enrol("vera", "documenter"), builder.enrol("lena", "lawyer")
    builder.grant(vera, "main", ["contribute"], [])
    builder.grant(lena, "main", ["read"], ["court"])
    keys = builder.epoch_keys(builder.compartments["main"])
    assert len(keys) == 2, "anna's and lena's"
    stolen = [keys[0], {**keys[1], "sealed": builder.sealed(vera.agent)}]
    for wrong in (keys[:1], [], stolen):
        refused("C68", builder.epoch, "main", 2, keys=wrong)
    builder.epoch("main", 2, keys=keys)


def test_nothing_is_sealed_to_an_epoch_that_does_not_exist(builder):
    assert "epoch" in refused("C64", builder.accession, builder.anna, "main", epoch=2)
    builder.epoch("main", 2)
    builder.accession(builder.anna, "main", epoch=2)
    builder.accession(builder.anna, "main", epoch=1)


def test_an_item_is_accessioned_once_by_a_contributor(builder):
    vera, lena = builder.enrol("vera", "documenter"), builder.enrol("lena", "lawyer")
    builder.grant(vera, "main", ["contribute"], [])
    item, _ = builder.accession(vera, "main")
    refused("C64", builder.accession, vera, "main", item=item)
    refused("C67", builder.accession, lena, "main")
    assert builder.ledger.items[item].depositor == vera.agent


def test_texts_come_from_the_archive_itself_and_stay_with_the_item(builder):
    builder.found("minsk")
    main, minsk = builder.compartments["main"], builder.compartments["minsk"]
    item, _ = builder.accession(builder.anna, "main")

    def add(who, kind, compartment):
        sealed = builder.sealed(compartment)
        data = {"item": item, "rendition": builder.id(), "kind": kind, "sealed": sealed}
        return builder.do(who, Kind.RENDITION, **data, sha256=builder.digest())

    refused("C63", add, builder.anna, "text", main)
    refused("C63", add, builder.archive, "text", minsk)
    refused("C63", add, builder.archive, "redaction", main)
    add(builder.archive, "text", main)
    add(builder.anna, "transcript", minsk)
    refused("C67", add, builder.enrol("lena", "lawyer"), "transcript", main)


def test_a_depositor_narrows_the_rights_of_what_is_hers_and_does_not_widen_them(builder):
    vera = builder.enrol("vera", "documenter")
    builder.grant(vera, "main", ["contribute"], [])
    item, _ = builder.accession(vera, "main")
    record = builder.rights(vera, item, ["court", "research"])
    builder.rights(vera, item, ["court"], record=record)
    refused("C67", builder.rights, vera, item, ["court", "publication"], record=record)
    builder.rights(vera, item, ["court"], record=record, withdrawn=True)
    refused("C67", builder.rights, vera, item, ["court"], record=record)
    builder.rights(builder.anna, item, ["court"], record=record)


def test_a_record_follows_its_predecessor_in_its_compartment(builder):
    builder.found("minsk")
    record = builder.id()
    refused("C65", builder.record, builder.anna, "main", record, version=2)
    first = builder.record(builder.anna, "main", record)
    refused("C65", builder.record, builder.anna, "main", record)
    refused("C65", builder.record, builder.anna, "main", record, 2, builder.digest())
    refused("C65", builder.record, builder.anna, "minsk", record, 2, first)
    second = builder.record(builder.anna, "main", record, 2, first)
    refused("C65", builder.record, builder.anna, "main", record, 3, first)
    assert builder.ledger.records[record].sealed.body == second


def test_a_consent_once_recorded_cannot_vanish(builder):
    item, _ = builder.accession(builder.anna, "main")
    builder.rights(builder.anna, item, ["court", "store"])
    refused("C66", builder.rights, builder.anna, item, ["court", "store"])
    refused("C66", builder.rights, builder.anna, item, ["court"], record=builder.id())
    nothing = {"item": item, "basis": "public", "uses": [], "consents": [], "reason": None}
    refused("C66", builder.do, builder.anna, Kind.POLICY, **nothing)


def readable(builder, **terms):
    """An item that the lawyer lena may read for a court."""
    item, rendition = builder.accession(builder.anna, "main")
    builder.rights(builder.anna, item, ["court", "store"])
    lena = builder.enrol("lena", "lawyer")
    grant = builder.grant(lena, "main", ["read"], ["court"], **terms)
    return item, rendition, grant, lena


def test_a_reading_rests_on_a_grant_a_purpose_and_a_consent(builder):
    item, rendition, grant, lena = readable(builder)
    builder.read(lena, item, rendition, grant)
    assert "purpose" in refused("C67", builder.read, lena, item, rendition, grant, "research")
    refused("C67", builder.read, lena, item, rendition, builder.id())
    refused("C67", builder.read, builder.enrol("ivan", "lawyer"), item, rendition, grant)
    refused("C64", builder.read, lena, item, builder.id(), grant)
    refused("C64", builder.read, lena, builder.id(), rendition, grant)


def test_a_reading_before_consent_or_after_its_withdrawal_is_refused(builder):
    item, rendition = builder.accession(builder.anna, "main")
    lena = builder.enrol("lena", "lawyer")
    grant = builder.grant(lena, "main", ["read"], ["court"])
    assert "consent" in refused("C67", builder.read, lena, item, rendition, grant)
    record = builder.rights(builder.anna, item, ["court", "store"])
    builder.read(lena, item, rendition, grant)
    builder.rights(builder.anna, item, ["court", "store"], withdrawn=True, record=record)
    assert "consent" in refused("C67", builder.read, lena, item, rendition, grant)


def test_a_reading_outside_its_period_is_refused(builder):
    item, rendition, grant, lena = readable(builder, ends="2026-12-01T00:00:00Z")
    builder.read(lena, item, rendition, grant)
    builder.at = LATER
    assert "expired" in refused("C67", builder.read, lena, item, rendition, grant)
    builder.at = "2026-11-01T00:00:00Z"
    assert "not-yet" in refused("C67", builder.read, lena, item, rendition, grant)


def test_a_grant_replayed_after_its_revocation_reads_nothing(builder):
    item, rendition, grant, lena = readable(builder)
    replayed = next(e for e in builder.entries if parse_entry(e).event.data.get("grant") == grant)
    builder.revoke(grant)
    refused("C60", builder.add, replayed)
    refused("C67", builder.read, lena, item, rendition, grant)


def test_a_search_needs_the_right_to_read_every_compartment_it_names(builder):
    item, rendition, _, lena = readable(builder)
    other = builder.found("minsk")
    data = {"purpose": "court", "query": builder.digest(), "shown": [rendition], "count": 1}
    builder.do(lena, Kind.SEARCH, compartments=[builder.compartments["main"]], **data)
    assert builder.ledger.concerned(parse_entry(builder.entries[-1]).event) == {item}
    both = sorted([builder.compartments["main"], other])
    refused("C67", builder.do, lena, Kind.SEARCH, compartments=both, **data)
    refused("C67", builder.do, lena, Kind.SEARCH, compartments=[], **data)


def test_a_search_shows_only_what_may_be_read_there_for_its_purpose(builder):
    *_, lena = readable(builder)
    item, unconsented = builder.accession(builder.anna, "main")
    _, elsewhere = builder.accession(builder.anna, "minsk") if builder.found("minsk") else (None, None)
    main = builder.compartments["main"]
    for shown in (unconsented, item, elsewhere, builder.id()):
        data = {"purpose": "court", "query": builder.digest(), "shown": [shown], "count": 1}
        refused("C67", builder.do, lena, Kind.SEARCH, compartments=[main], **data)


def test_only_the_archive_records_extraction_and_only_auditors_audits(builder):
    item, _ = builder.accession(builder.anna, "main")
    told = {"item": item, "outcome": "success", "detail": "text"}
    refused("C63", builder.do, builder.anna, Kind.EXTRACTION, **told)
    builder.do(builder.archive, Kind.EXTRACTION, **told)
    seen = builder.seen()
    checked = {"size": seen.size, "root": "A" * 43 + "=", "faults": 0, "outcome": "success"}
    refused("C63", builder.do, builder.enrol("lena", "lawyer"), Kind.AUDIT, **checked)
    builder.do(builder.enrol("alex", "auditor"), Kind.AUDIT, **checked)


def test_an_identity_is_disclosed_by_a_manager_only(builder):
    data = {"compartment": builder.compartments["main"], "grant": next(iter(builder.ledger.grants))}
    builder.do(builder.anna, Kind.IDENTITY, **data)
    refused("C67", builder.do, builder.enrol("lena", "lawyer"), Kind.IDENTITY, **data)


def test_an_unlawful_entry_counts_as_read_and_changes_nothing(builder):
    vera = builder.enrol("vera", "documenter")
    before = (builder.ledger.size, len(builder.ledger.items), len(builder.ledger.events))
    refused("C67", builder.accession, vera, "main")
    assert builder.ledger.size == before[0] + 1
    assert (len(builder.ledger.items), len(builder.ledger.events)) == before[1:]
    assert Action.READ not in {a for g in builder.ledger.grants_to(vera.agent) for a in g.actions}
    assert builder.seen() != Seen(0, b"")
