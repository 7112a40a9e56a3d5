"""The rules for keys, trustees, two persons, holds and destruction: what is lawful, and what is refused."""

import pytest
from every_kind import (
    LATER,
    another_recipient,
    appoint,
    approve,
    approved,
    cancel,
    companion,
    confirm,
    every_kind,
    hold,
    lift,
    order,
    propose,
    reseal,
    reseal_recovery,
    rewrap,
    rotate,
    set_two,
    submit,
    two_managers,
    unmask,
)
from ledger_builder import ALL_PURPOSES, FOUNDER, Builder

from archive.audit_entries import sealed_by
from archive.codec import b64
from archive.errors import CustodyError
from archive.events import Signer, parse_entry
from archive.kinds import Kind
from archive.nouns import Action
from archive.policy import Reason, Refused, Request, decide
from archive.rules import check_signatures
from archive.uses import STORE_ONLY, Use
from keys.signing import SigningKey, verify_ed25519


def refused(code, act, *arguments, **named):
    with pytest.raises(CustodyError) as raised:
        act(*arguments, **named)
    assert raised.value.code == code, raised.value


def test_a_log_with_every_kind_of_event_is_lawful_and_refuses_nothing():
    builder = every_kind()
    assert builder.ledger.size == len(builder.entries)
    assert not builder.ledger.refused


# Keys


def test_after_a_rotation_only_the_new_key_signs_and_the_old_signatures_still_hold():
    builder, boris = two_managers()
    before = builder.accession(builder.anna, "main") and len(builder.entries) - 1
    grants = len(list(builder.ledger.grants_to(boris.agent)))
    turned = rotate(builder, boris)
    refused("C62", builder.do, boris, Kind.RESEALING, agent=boris.agent, keys=[])
    reseal(builder, turned)
    assert builder.ledger.agents[boris.agent].key == 2
    assert len(list(builder.ledger.grants_to(boris.agent))) == grants
    for index in (before, len(builder.entries) - 1):
        check_signatures(builder.ledger, parse_entry(builder.entries[index]), verify_ed25519, index=index)


def test_a_rotation_takes_the_signature_of_the_new_key_too():
    builder, boris = two_managers()
    refused("C62", rotate, builder, boris, cosigned=False)


def test_nobody_rotates_the_keys_of_somebody_else():
    builder, boris = two_managers()
    new = SigningKey(builder.random(32))
    data = {"agent": boris.agent, "recipient": another_recipient(), "signing_key": b64(new.public)}
    entry = builder.author(builder.anna).write(Kind.ROTATION, data, also=[Signer(boris.agent, 2, new.sign)])
    refused("C63", builder.add, entry.entry)


def test_what_was_sealed_to_the_old_key_is_to_be_nowhere():
    builder, boris = two_managers()
    old = next(iter(builder.ledger.grants_to(boris.agent))).sealed.body
    reseal(builder, rotate(builder, boris))
    assert old in builder.ledger.gone


def test_a_grant_to_a_key_that_was_replaced_is_refused():
    builder, boris = two_managers()
    rotate(builder, boris)
    main = builder.compartments["main"]
    data = {"grant": builder.id(), "agent": boris.agent, "compartment": main, "epoch": 1, "ends": None}
    data |= {"actions": ["read"], "purposes": ["court"], "starts": builder.at, "proposal": None}
    sealed = {"reason": builder.sealed(main), "sealed": builder.sealed(boris.agent, 1)}
    refused("C68", builder.do, builder.anna, Kind.GRANT, **data, **sealed)


def test_the_suspended_may_nothing_and_sign_nothing():
    builder, boris = two_managers()
    builder.do(builder.anna, Kind.SUSPENSION, agent=boris.agent)
    request = Request(boris.agent, Action.READ, builder.compartments["main"], builder.at, Use.COURT)
    assert decide(builder.ledger, request) == Refused(Reason.SUSPENDED)
    assert not list(builder.ledger.grants_to(boris.agent))
    refused("C63", builder.accession, boris, "main")
    refused("C63", builder.do, boris, Kind.AUDIT, size=0, root=b64(bytes(32)), faults=0, outcome="success")
    refused("C64", builder.grant, boris, "main", ["read"], ["court"])


def test_the_last_custodian_cannot_be_suspended():
    builder, boris = two_managers()
    builder.do(builder.anna, Kind.SUSPENSION, agent=boris.agent)
    refused("C63", builder.do, builder.anna, Kind.SUSPENSION, agent=builder.anna.agent)


def test_only_custodians_suspend():
    builder, _ = two_managers()
    vera, lena = builder.enrol("vera", "documenter"), builder.enrol("lena", "lawyer")
    refused("C63", builder.do, vera, Kind.SUSPENSION, agent=lena.agent)


def test_a_second_factor_is_added_by_herself_and_removed_by_a_custodian_too():
    builder, boris = two_managers()
    sealed = builder.sealed(boris.agent)
    data = {"agent": boris.agent, "change": "second-factor-added", "sealed": sealed}
    refused("C63", builder.do, builder.anna, Kind.CREDENTIAL, **data)
    builder.do(boris, Kind.CREDENTIAL, **data)
    assert builder.ledger.agents[boris.agent].factor.body == sealed["body"]
    data = {"agent": boris.agent, "change": "second-factor-removed", "sealed": None}
    builder.do(builder.anna, Kind.CREDENTIAL, **data)
    assert builder.ledger.agents[boris.agent].factor is None
    assert sealed["body"] in builder.ledger.gone


# Trustees


def test_trustees_enrol_a_custodian_and_grant_without_any_right_of_their_own():
    builder = Builder()
    zina = builder.enrol("zina", "custodian", by=builder.trustees)
    builder.grant(zina, "main", FOUNDER, ALL_PURPOSES, by=builder.trustees)
    request = Request(zina.agent, Action.READ, builder.compartments["main"], builder.at, Use.COURT)
    assert not isinstance(decide(builder.ledger, request), Refused)


def test_trustees_enrol_nobody_but_custodians_and_do_nothing_else():
    builder = Builder()
    refused("C63", builder.enrol, "zina", "lawyer", by=builder.trustees)
    refused("C63", builder.accession, builder.trustees, "main")
    refused("C63", builder.found, "other", by=builder.trustees)


def test_trustees_who_were_replaced_may_nothing():
    builder = Builder()
    refused("C62", appoint, builder, builder.anna, cosigned=False)
    appoint(builder, builder.anna)
    refused("C63", builder.enrol, "zina", "custodian", by=builder.trustees)


def test_only_custodians_and_the_trustees_before_appoint_trustees():
    builder = Builder()
    lena = builder.enrol("lena", "lawyer")
    refused("C63", appoint, builder, lena)
    old = appoint(builder, builder.trustees)
    new = appoint(builder, old)
    assert builder.ledger.trustees == new.agent


def test_the_archives_own_agent_neither_recovers_nor_appoints():
    builder = Builder()
    refused("C63", builder.enrol, "zina", "custodian", by=builder.archive)
    refused("C63", appoint, builder, builder.archive)
    refused("C63", builder.grant, builder.anna, "main", ["read"], ["court"], by=builder.archive)


def test_recovery_is_sealed_anew_for_every_epoch_and_the_old_copies_go():
    builder = Builder()
    builder.epoch("main", 2)
    main = builder.ledger.compartments[builder.compartments["main"]]
    appoint(builder, builder.anna)
    one = [{"epoch": 1, "sealed": builder.sealed(builder.ledger.archive)}]
    refused("C68", builder.do, builder.anna, Kind.RECOVERY, compartment=main.compartment, keys=one)
    reseal_recovery(builder, builder.anna, "main")
    assert {ref.body for ref in main.recovery} <= set(builder.ledger.gone)


def test_a_drill_needs_the_signature_of_the_trustees():
    builder = Builder()
    drill = {"trustees": builder.trustees.agent}
    refused("C62", builder.add, builder.write(builder.anna, Kind.DRILL, drill))
    builder.add(builder.write(builder.anna, Kind.DRILL, drill, also=[builder.trustees]))
    assert builder.ledger.drills == {builder.trustees.agent: builder.at}


# Two persons


@pytest.fixture
def two():
    builder, boris = two_managers()
    set_two(builder)
    return builder, boris, builder.enrol("lena", "lawyer")


def grant_terms(lena):
    return {"agent": lena.agent, "actions": ["read"], "purposes": ["court"]}


def test_one_person_alone_neither_gives_reading_nor_hands_out_the_key_nor_destroys(two):
    builder, boris, lena = two
    item, _ = builder.accession(builder.anna, "main")
    refused("C59", builder.grant, lena, "main", ["read"], ["court"])
    refused("C59", order, builder, boris, item)
    grant = next(iter(builder.ledger.grants_to(builder.anna.agent))).grant
    main = builder.compartments["main"]
    refused("C59", builder.do, builder.anna, Kind.IDENTITY, compartment=main, grant=grant)
    refused("C59", set_two, builder, on=False)
    builder.grant(builder.enrol("vera", "documenter"), "main", ["contribute"], [])


def test_what_one_proposed_and_another_approved_is_lawful_once(two):
    builder, boris, lena = two
    proposal = approved(builder, builder.anna, boris, "grant", **grant_terms(lena))
    builder.grant(lena, "main", ["read"], ["court"], by=boris, proposal=proposal)
    refused("C59", builder.grant, lena, "main", ["read"], ["court"], by=boris, proposal=proposal)


def test_nobody_approves_what_he_proposed_himself(two):
    builder, _, lena = two
    proposal = propose(builder, builder.anna, "grant", **grant_terms(lena))
    refused("C63", approve, builder, builder.anna, proposal)
    refused("C59", builder.grant, lena, "main", ["read"], ["court"], proposal=proposal)


@pytest.mark.parametrize(
    "change", [{"actions": ["read", "release"]}, {"purposes": ["research"]}, {"ends": "2030-01-01T00:00:00Z"}]
)
def test_something_else_than_was_proposed_is_refused(two, change):
    builder, boris, lena = two
    proposal = approved(builder, builder.anna, boris, "grant", **grant_terms(lena))
    terms = {"actions": ["read"], "purposes": ["court"], "ends": None} | change
    refused("C59", builder.grant, lena, "main", **terms, proposal=proposal)


def test_an_approved_proposal_ends_with_its_time(two):
    builder, boris, lena = two
    proposal = approved(builder, builder.anna, boris, "grant", **grant_terms(lena))
    builder.at = "2026-12-25T08:00:00Z"
    refused("C59", builder.grant, lena, "main", ["read"], ["court"], proposal=proposal)


def test_a_proposal_taken_back_or_refused_is_over(two):
    builder, boris, lena = two
    proposal = propose(builder, builder.anna, "grant", **grant_terms(lena))
    approve(builder, boris, proposal, approved=False)
    refused("C64", approve, builder, boris, proposal)
    refused("C59", builder.grant, lena, "main", ["read"], ["court"], proposal=proposal)


def test_it_takes_two_to_begin_and_two_to_end_it(two):
    builder, boris, _ = two
    set_two(builder, on=False, by=boris, proposal=approved(builder, builder.anna, boris, "setting"))
    alone = Builder()
    refused("C63", set_two, alone)


# Holds and destruction


@pytest.fixture
def held():
    builder, boris = two_managers()
    item, rendition = builder.accession(builder.anna, "main")
    builder.record(builder.anna, "main", item, item=item)
    return builder, boris, item, rendition


def destroy(builder, item, at=LATER):
    builder.at = at
    return builder.do(builder.archive, Kind.DESTRUCTION, item=item)


def test_nothing_is_destroyed_that_was_not_ordered_or_before_its_time(held):
    builder, boris, item, _ = held
    refused("C58", destroy, builder, item, builder.at)
    order(builder, boris, item)
    refused("C58", destroy, builder, item, "2026-12-24T07:59:59Z")
    refused("C58", builder.do, boris, Kind.DESTRUCTION, item=item)


def test_what_is_held_is_neither_ordered_to_be_destroyed_nor_destroyed(held):
    builder, boris, item, _ = held
    lena = builder.enrol("lena", "lawyer")
    builder.grant(lena, "main", ["read"], ["court"])
    given = hold(builder, lena, item)
    refused("C58", order, builder, boris, item)
    lift(builder, lena, given, item)
    order(builder, boris, item)
    hold(builder, builder.anna, item)
    refused("C58", destroy, builder, item)


def test_only_who_gave_a_hold_or_manages_lifts_it(held):
    builder, boris, item, _ = held
    lena, leu = builder.enrol("lena", "lawyer"), builder.enrol("leu", "lawyer")
    for one in (lena, leu):
        builder.grant(one, "main", ["read"], ["court"])
    given = hold(builder, lena, item)
    refused("C67", lift, builder, leu, given, item)
    lift(builder, boris, given, item)


def test_a_cancelled_destruction_does_not_happen(held):
    builder, boris, item, _ = held
    order(builder, boris, item)
    cancel(builder, boris, item)
    refused("C58", destroy, builder, item)


def test_nobody_without_the_right_to_orders_a_destruction(held):
    builder, _, item, _ = held
    refused("C67", order, builder, builder.anna, item)


def test_what_was_destroyed_is_unknown_from_then_on_and_cannot_come_back(held):
    builder, boris, item, rendition = held
    reader = next(iter(builder.ledger.grants_to(builder.anna.agent))).grant
    described = builder.ledger.records[item].sealed.body
    order(builder, boris, item)
    destroy(builder, item)
    ledger = builder.ledger
    assert item not in ledger.items
    assert item not in ledger.records
    assert described in ledger.gone
    assert ledger.tombstones[item].item == item
    refused("C64", builder.read, builder.anna, item, rendition, reader)
    refused("C64", builder.accession, builder.anna, "main", item=item)
    refused("C65", builder.record, builder.anna, "main", item)


def test_records_go_with_the_item_if_whoever_orders_may_destroy_them(held):
    builder, boris, item, _ = held
    record = builder.id()
    builder.record(builder.anna, "main", record)
    elsewhere = companion(builder)
    refused("C67", order, builder, boris, item, records=[elsewhere])
    order(builder, boris, item, records=[record])
    destroy(builder, item)
    assert record not in builder.ledger.records
    assert elsewhere in builder.ledger.records


# Sealing again, redactions, packs, unmasking


def test_headers_are_sealed_again_to_the_epoch_in_force_by_a_manager(held):
    builder, boris, _, rendition = held
    lena = builder.enrol("lena", "lawyer")
    builder.grant(lena, "main", ["read"], ["court"])
    builder.epoch("main", 2)
    ref = builder.ledger.renditions[rendition].sealed
    refused("C64", rewrap, builder, boris, [ref.body], epoch=1)
    refused("C64", rewrap, builder, boris, [builder.digest()])
    refused("C67", rewrap, builder, lena, [ref.body])
    rewrap(builder, boris, [ref.body])
    assert builder.ledger.present(ref).epoch == 2
    assert builder.ledger.present(ref).header != ref.header


@pytest.fixture
def agreed(held):
    """An item of which somebody agreed to its use in court; `boris` may release it for court and publication."""
    builder, boris, item, original = held
    builder.rights(builder.anna, item, ["court", "store"])
    builder.grant(boris, "main", ["release"], ["court", "publication"])
    return builder, boris, item, original


def redact(builder, who, item, label="main", **changes):
    rendition = builder.id()
    data = {"item": item, "rendition": rendition, "sealed": builder.sealed(builder.compartments[label])}
    data |= {"sha256": builder.digest(), "kind": "redaction", "uses": None, "source": None}
    builder.do(who, Kind.RENDITION, **data | changes)
    return rendition


def test_a_redaction_has_uses_of_its_own_until_consent_is_withdrawn(agreed):
    builder, boris, item, original = agreed
    record = builder.ledger.items[item].rights.consents[0][0]
    rendition = redact(builder, boris, item, uses=["publication"], source=original)
    found = builder.ledger.items[item]
    assert found.uses_of(None) == {Use.STORE, Use.COURT}
    assert found.uses_of(rendition) == {Use.STORE, Use.PUBLICATION}
    builder.rights(builder.anna, item, ["court", "store"], withdrawn=True, record=record)
    assert builder.ledger.items[item].uses_of(rendition) == STORE_ONLY


def test_a_redaction_takes_the_right_to_release_and_one_to_hand_in_where_it_goes(agreed):
    builder, boris, item, _ = agreed
    builder.found("abroad")
    refused("C67", redact, builder, builder.anna, item)
    refused("C67", redact, builder, boris, item, "abroad")
    builder.grant(boris, "abroad", ["contribute"], [])
    redact(builder, boris, item, "abroad")
    releasing = builder.enrol("lena", "lawyer")
    builder.grant(releasing, "main", ["release"], ["court"])
    refused("C67", redact, builder, releasing, item)
    builder.grant(releasing, "abroad", ["contribute"], [])
    redact(builder, releasing, item, "abroad")


def test_uses_that_the_item_has_not_are_for_whoever_may_release_it_for_them(agreed):
    builder, boris, item, _ = agreed
    refused("C67", redact, builder, boris, item, uses=["research"])
    refused("C67", redact, builder, boris, item, uses=["publication", "research"])
    redact(builder, boris, item, uses=["court", "publication"])


def test_nothing_is_redacted_that_is_stored_only_or_was_withdrawn(agreed):
    builder, boris, item, _ = agreed
    other, _ = builder.accession(builder.anna, "main")
    refused("C66", redact, builder, boris, other)
    record = builder.ledger.items[item].rights.consents[0][0]
    builder.rights(builder.anna, item, ["court", "store"], withdrawn=True, record=record)
    refused("C66", redact, builder, boris, item, uses=["publication"])


def test_where_releasing_takes_two_so_does_a_redaction_that_others_may_read(agreed):
    builder, boris, item, _ = agreed
    builder.found("abroad")
    builder.grant(boris, "abroad", ["contribute"], [])
    set_two(builder)
    redact(builder, boris, item)
    refused("C59", redact, builder, boris, item, "abroad")
    refused("C59", redact, builder, boris, item, uses=["publication"])
    other, _ = builder.accession(builder.anna, "main")
    elsewhere = approved(builder, boris, builder.anna, "release", item=other)
    refused("C59", redact, builder, boris, item, "abroad", proposal=elsewhere)
    proposal = approved(builder, boris, builder.anna, "release", item=item)
    redact(builder, boris, item, "abroad", proposal=proposal)
    refused("C59", redact, builder, boris, item, "abroad", proposal=proposal)


def test_a_release_is_proposed_by_whoever_may_release(agreed):
    builder, boris, item, _ = agreed
    lena = builder.enrol("lena", "lawyer")
    builder.grant(lena, "main", ["read"], ["court"])
    refused("C67", propose, builder, lena, "release", item=item)
    builder.grant(lena, "main", ["release"], ["court"])
    propose(builder, lena, "release", item=item)
    propose(builder, boris, "release", item=item)


def test_why_something_was_redacted_is_sealed_where_it_came_from_and_goes_with_it(agreed):
    builder, boris, item, _ = agreed
    abroad, main = builder.found("abroad"), builder.compartments["main"]
    builder.grant(boris, "abroad", ["contribute"], [])
    refused("C67", redact, builder, boris, item, "abroad", reason=builder.sealed(abroad))
    reason = builder.sealed(main)
    form = redact(builder, boris, item, "abroad", reason=reason)
    assert (reason["body"], form) in [
        (ref.body, subject)
        for entry in builder.entries
        for kind, subject, _, ref in sealed_by(parse_entry(entry).event)
        if kind == "reason"
    ]
    order(builder, boris, item)
    destroy(builder, item)
    assert reason["body"] in builder.ledger.gone


def test_what_describes_a_redaction_is_sealed_where_the_redaction_is(agreed):
    builder, boris, item, _ = agreed
    builder.found("abroad")
    builder.grant(boris, "abroad", ["contribute"], [])
    form = redact(builder, boris, item, "abroad")
    refused("C65", builder.record, boris, "main", form, item=item)
    refused("C65", builder.record, boris, "abroad", builder.id(), item=item)
    described = builder.record(boris, "abroad", form, item=item)
    order(builder, boris, item)
    destroy(builder, item)
    assert described in builder.ledger.gone
    assert form not in builder.ledger.records


def test_only_a_redaction_has_uses_of_its_own(held):
    builder, _, item, _ = held
    main = builder.compartments["main"]
    data = {"item": item, "rendition": builder.id(), "sealed": builder.sealed(main)}
    data |= {"sha256": builder.digest(), "kind": "transcript", "uses": ["publication"], "source": None}
    refused("C66", builder.do, builder.anna, Kind.RENDITION, **data)


def test_a_claimed_item_is_confirmed_once_by_somebody_who_may_open_and_describe():
    builder = Builder()
    vera, lena = builder.enrol("vera", "documenter"), builder.enrol("lena", "lawyer")
    builder.grant(vera, "main", ["contribute", "describe"], [])
    builder.grant(lena, "main", ["read"], ["court"])
    item, _ = submit(builder)
    assert builder.ledger.items[item].claimed
    assert builder.ledger.items[item].rights.uses == STORE_ONLY
    refused("C67", confirm, builder, vera, item)
    refused("C67", confirm, builder, lena, item)
    confirm(builder, builder.anna, item)
    assert not builder.ledger.items[item].claimed
    refused("C64", confirm, builder, builder.anna, item)


def test_what_is_not_what_its_pack_says_stays_claimed_for_good():
    builder = Builder()
    item, _ = submit(builder)
    confirm(builder, builder.anna, item, "fail")
    assert builder.ledger.items[item].claimed
    refused("C64", confirm, builder, builder.anna, item)


def test_what_is_claimed_is_read_by_nobody_whatever_rights_it_was_given():
    builder = Builder()
    item, rendition = submit(builder)
    builder.rights(builder.anna, item, ["court", "store"])
    grant = builder.ledger.grants_of(builder.anna.agent, builder.compartments["main"])[0].grant
    refused("C67", builder.read, builder.anna, item, rendition, grant)
    confirm(builder, builder.anna, item)
    builder.read(builder.anna, item, rendition, grant)


def test_the_items_of_a_pack_name_one_manifest_and_a_sealed_body_comes_once():
    builder = Builder()
    deposit, manifest, sealed = builder.id(), builder.digest(), builder.sealed(builder.compartments["main"])
    submit(builder, deposit=deposit, manifest=manifest, sealed=sealed)
    submit(builder, deposit=deposit, manifest=manifest)
    refused("C64", submit, builder, deposit=deposit)
    refused("C64", submit, builder, sealed=sealed)
    refused("C64", submit, builder, description=sealed)
    twice = builder.sealed(builder.compartments["main"])
    refused("C64", submit, builder, sealed=twice, description=twice)


def test_only_the_archive_itself_takes_packs_in():
    builder = Builder()
    main = builder.compartments["main"]
    data = {name: builder.digest() for name in ("sha256", "blake3", "name", "manifest")}
    data |= {"item": builder.id(), "deposit": builder.id(), "rendition": builder.id(), "signer": None}
    sealed = {"sealed": builder.sealed(main), "description": builder.sealed(main)}
    refused("C63", builder.do, builder.anna, Kind.SUBMISSION, **data, **sealed)


def test_an_identity_is_unmasked_under_a_right_to_read_where_it_is():
    builder = Builder()
    record = companion(builder)
    lena = builder.enrol("lena", "lawyer")
    builder.grant(lena, "main", ["read"], ["court"])
    main = builder.ledger.grants_of(lena.agent, builder.compartments["main"])[0].grant
    refused("C67", unmask, builder, lena, record, main)
    builder.grant(lena, "main.identities", ["read"], ["court"])
    refused("C67", unmask, builder, lena, record, purpose="research")
    unmask(builder, lena, record)


def test_a_record_that_is_no_identity_is_not_unmasked():
    builder = Builder()
    record = builder.id()
    builder.record(builder.anna, "main", record)
    refused("C64", unmask, builder, builder.anna, record)


def test_about_an_item_nobody_is_unmasked_for_what_was_not_agreed_to(agreed):
    builder, _boris, item, _ = agreed
    record = companion(builder)
    builder.found("abroad")
    elsewhere, _ = builder.accession(builder.anna, "abroad")
    refused("C64", unmask, builder, builder.anna, record, item=elsewhere)
    refused("C67", unmask, builder, builder.anna, record, item=item, purpose="research")
    unmask(builder, builder.anna, record, item=item)
    consent = builder.ledger.items[item].rights.consents[0][0]
    builder.rights(builder.anna, item, ["court", "store"], withdrawn=True, record=consent)
    refused("C67", unmask, builder, builder.anna, record, item=item)
