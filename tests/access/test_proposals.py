"""Two persons: what one proposes another approves, and nothing else comes of it."""

from datetime import timedelta

import pytest
from founded import audited, founded_house
from sqlalchemy import text

from archive.access import compartments, proposals
from archive.access.grants import Terms, give, prepare_grant, record
from archive.access.history import history
from archive.access.keyring import find_label, keyring
from archive.access.proposals import approve, give_or_propose, propose, refuse, set_two_person, wish
from archive.access.signin import pen
from archive.author import system_clock
from archive.errors import AccessError, CustodyError
from archive.kinds import Act, Kind
from archive.nouns import Action, Role
from archive.uses import Use

READING = Terms(frozenset({Action.READ}), frozenset({Use.COURT}), None, "the court asked for it")


class Clock:
    """A clock that tests set forward."""

    def __init__(self):
        self.ahead = timedelta(0)

    def __call__(self):
        return system_clock() + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def two(tmp_path, clock):
    """An archive whose `main` takes two persons: anna and boris manage it; lena is a lawyer without rights."""
    with founded_house(tmp_path / "archive", clock=clock) as house:
        house.enrol("boris", Role.CUSTODIAN)
        house.grant("boris", Action.MANAGE, Action.READ)
        house.grant("boris", Action.MANAGE, label="main.identities", purposes=())
        house.enrol("lena", Role.LAWYER)
        house.grant("anna", Action.DESTROY, purposes=())
        set_two_person(house.archive, house.anna, "main")
        yield house


def proposed(house, terms=READING):
    made, given = give_or_propose(house.archive, house.anna, "lena", "main", terms)
    assert not given
    return made


def boris(house):
    return house.sign_in("boris")


def rights_of(house, handle):
    return [set(one.actions) for one in house.archive.ledger().grants_to(house.sign_in(handle).id)]


def only(house, sitting, proposal):
    return next(
        one for one in proposals.proposals(house.archive, sitting) if one.proposal.proposal == proposal
    )


def test_a_grant_that_takes_two_is_proposed_and_given_by_whoever_approves(two):
    made = proposed(two)
    assert rights_of(two, "lena") == []
    seen = only(two, boris(two), made)
    assert (seen.state, seen.reason, seen.label) == ("open", READING.reason, "main")
    approve(two.archive, boris(two), made)
    assert rights_of(two, "lena") == [{Action.READ}]
    grant = next(iter(two.archive.ledger().grants_to(two.sign_in("lena").id)))
    assert (grant.giver, grant.purposes) == (boris(two).id, READING.purposes)
    assert find_label(keyring(two.archive, two.sign_in("lena")), "main").identities
    assert only(two, two.anna, made).state == "done"
    report = audited(two.folder)
    assert (report.faults, report.warnings) == ((), ())


def test_a_right_that_opens_nothing_takes_one_person(two):
    two.enrol("vera", Role.DOCUMENTER)
    terms = Terms(frozenset({Action.CONTRIBUTE}), frozenset(), None, "her work")
    assert give_or_propose(two.archive, two.anna, "vera", "main", terms)[1]
    assert rights_of(two, "vera") == [{Action.CONTRIBUTE}]


def test_nobody_gives_alone_what_takes_two(two):
    """The attack: going round the doors, straight to the log."""
    with pytest.raises(CustodyError) as caught:
        give(two.archive, two.anna, "lena", "main", READING)
    assert caught.value.code == "C59"
    with pytest.raises(CustodyError) as caught:
        compartments.disclose(two.archive, two.anna, "main")
    assert caught.value.code == "C59"
    off = {"compartment": find_label(keyring(two.archive, two.anna), "main").compartment}
    signed = pen(two.archive, two.anna).write(Kind.SETTING, {**off, "two_person": False, "proposal": None})
    with pytest.raises(CustodyError) as caught:
        two.archive.custody.record([signed])
    assert caught.value.code == "C59"


def test_the_proposer_does_not_approve_his_own_proposal(two):
    """The attack: one custodian plays both parts, at the door and then straight at the log."""
    made = proposed(two)
    with pytest.raises(AccessError) as caught:
        approve(two.archive, two.anna, made)
    assert caught.value.code == "A13"
    signed = pen(two.archive, two.anna).write(Kind.APPROVAL, {"proposal": made, "approved": True})
    with pytest.raises(CustodyError) as caught:
        two.archive.custody.record([signed])
    assert caught.value.code == "C63"


def test_whoever_does_not_manage_the_compartment_neither_sees_nor_approves(two):
    made, lena = proposed(two), two.sign_in("lena")
    assert proposals.proposals(two.archive, lena) == []
    with pytest.raises(AccessError) as caught:
        approve(two.archive, lena, made)
    assert caught.value.code == "A16"
    signed = pen(two.archive, lena).write(Kind.APPROVAL, {"proposal": made, "approved": True})
    with pytest.raises(CustodyError):
        two.archive.custody.record([signed])


def test_an_approved_proposal_is_used_once(two):
    """The attack: the approved grant is written into the log again, for a second key."""
    made = proposed(two)
    approve(two.archive, boris(two), made)
    with pytest.raises(AccessError) as caught:
        approve(two.archive, boris(two), made)
    assert caught.value.code == "A14"
    with pytest.raises(CustodyError) as caught:
        give(two.archive, boris(two), "lena", "main", READING, proposal=made)
    assert caught.value.code == "C59"


def approved_only(house, made):
    """Approve and do not carry out, as a door that fails half-way would."""
    signed = pen(house.archive, boris(house)).write(Kind.APPROVAL, {"proposal": made, "approved": True})
    house.archive.custody.record([signed])


def test_what_was_approved_is_not_used_for_another_agent_action_or_purpose(two):
    """The attack: bait and switch."""
    made = proposed(two)
    approved_only(two, made)
    two.enrol("ivan", Role.LAWYER)
    others = [
        ("ivan", READING),
        ("lena", Terms(frozenset({Action.READ, Action.RELEASE}), READING.purposes, None, "more")),
        ("lena", Terms(READING.actions, frozenset({Use.COURT, Use.ANALYSIS}), None, "more")),
        ("lena", Terms(READING.actions, READING.purposes, "2090-01-01T00:00:00Z", "longer")),
    ]
    for handle, terms in others:
        with pytest.raises(CustodyError) as caught:
            give(two.archive, boris(two), handle, "main", terms, proposal=made)
        assert caught.value.code == "C59"
    give(two.archive, boris(two), "lena", "main", READING, proposal=made)


def test_a_third_who_manages_does_not_use_what_two_others_agreed(two):
    two.enrol("carl", Role.CUSTODIAN)
    terms = Terms(frozenset({Action.MANAGE}), frozenset(), None, "a third")
    approve(two.archive, boris(two), give_or_propose(two.archive, two.anna, "carl", "main", terms)[0])
    made = proposed(two)
    approved_only(two, made)
    with pytest.raises(CustodyError) as caught:
        give(two.archive, two.sign_in("carl"), "lena", "main", READING, proposal=made)
    assert caught.value.code == "C59"


def test_a_proposal_is_over_after_thirty_days(two, clock):
    made, other = proposed(two), proposed(two)
    approved_only(two, other)
    clock.ahead = timedelta(days=30, minutes=1)
    assert only(two, two.anna, made).state == "over"
    with pytest.raises(AccessError) as caught:
        approve(two.archive, boris(two), made)
    assert caught.value.code == "A14"
    with pytest.raises(CustodyError):
        approved_only(two, made)
    with pytest.raises(CustodyError) as caught:
        give(two.archive, boris(two), "lena", "main", READING, proposal=other)
    assert caught.value.code == "C59"


def test_nobody_makes_a_proposal_that_is_valid_for_years(two, monkeypatch):
    monkeypatch.setattr(proposals, "VALID_DAYS", 31)
    with pytest.raises(CustodyError) as caught:
        proposed(two)
    assert caught.value.code == "C64"


def test_what_is_refused_is_not_approved_later_and_a_proposer_may_take_his_back(two):
    first, second = proposed(two), proposed(two)
    refuse(two.archive, boris(two), first)
    refuse(two.archive, two.anna, second)
    for made in (first, second):
        assert only(two, two.anna, made).state == "refused"
        with pytest.raises(AccessError) as caught:
            approve(two.archive, boris(two), made)
        assert caught.value.code == "A14"
        with pytest.raises(CustodyError):
            approved_only(two, made)


def test_a_proposal_removed_from_the_catalogue_is_still_there_and_the_audit_names_the_hole(two):
    """The attack: whoever runs the machine deletes what he does not want approved."""
    made = proposed(two)
    with two.archive.catalogue._database.writing() as connection:
        connection.execute(text("DELETE FROM sealed WHERE subject = :it"), {"it": made})
    seen = only(two, boris(two), made)
    assert (seen.state, seen.reason) == ("open", None)
    assert "F44" in {fault.code for fault in audited(two.folder).faults}


def test_an_identity_is_handed_out_by_either_of_the_two_once(two):
    made = propose(two.archive, two.anna, "main", wish(Act.IDENTITY, "moving house"))
    with pytest.raises(AccessError) as caught:
        proposals.approved(two.archive, two.anna, "main", Act.IDENTITY)
    assert caught.value.code == "A13"
    approve(two.archive, boris(two), made)
    found = proposals.approved(two.archive, two.anna, "main", Act.IDENTITY)
    assert found == made
    assert compartments.disclose(two.archive, two.anna, "main", proposal=found).startswith("AGE-SECRET-KEY")
    with pytest.raises(CustodyError) as caught:
        compartments.disclose(two.archive, boris(two), "main", proposal=found)
    assert caught.value.code == "C59"


def test_ending_the_rule_takes_two_and_beginning_it_takes_two_to_be_there(two):
    with pytest.raises(AccessError) as caught:
        set_two_person(two.archive, two.anna, "authority")
    assert caught.value.code == "A15"
    made = propose(two.archive, two.anna, "main", wish(Act.SETTING, "too slow"))
    compartment = find_label(keyring(two.archive, two.anna), "main").compartment
    assert two.archive.ledger().compartments[compartment].two_person
    approve(two.archive, boris(two), made)
    assert not two.archive.ledger().compartments[compartment].two_person
    give(two.archive, two.anna, "lena", "main", READING)


def test_a_revoked_manager_approves_nothing(two):
    made, gone = proposed(two), boris(two)
    two.revoke("boris")
    with pytest.raises(AccessError):
        approve(two.archive, gone, made)
    with pytest.raises(CustodyError):
        two.archive.custody.record(
            [pen(two.archive, gone).write(Kind.APPROVAL, {"proposal": made, "approved": True})]
        )


def test_an_approval_and_its_grant_are_logged_together_or_not_at_all(two):
    made = proposed(two)
    held = find_label(keyring(two.archive, boris(two)), "main")
    ledger, author = two.archive.ledger(), pen(two.archive, boris(two))
    approval = author.write(Kind.APPROVAL, {"proposal": made, "approved": True})
    other = prepare_grant(
        two.archive.archive,
        author,
        ledger.compartments[held.compartment],
        held=held,
        agent=two.sign_in("lena").agent,
        terms=Terms(frozenset({Action.RELEASE}), READING.purposes, None, "more"),
        proposal=made,
    )
    with pytest.raises(CustodyError):
        record(two.archive, [proposals.Prepared(approval, ()), other])
    assert only(two, two.anna, made).state == "open"


def test_a_proposal_to_destroy_is_part_of_the_items_history_and_the_audit_finds_nothing_missing(two):
    vera = two.documenter()
    item = two.deposit_one(vera, "Знікне дубінка.").item
    made = propose(two.archive, two.anna, "main", wish(Act.DESTROY, "she asks", item=item))
    entry = two.archive.ledger().proposals[made].index
    assert entry in [one.index for one in history(two.archive, two.anna, item)]
    assert audited(two.folder).outcome == "verified"


def test_the_companion_takes_two_with_its_compartment(two):
    compartments = two.archive.ledger().compartments.values()
    main = find_label(keyring(two.archive, two.anna), "main").compartment
    taking = {one.compartment for one in compartments if one.two_person}
    assert taking == {one.compartment for one in compartments if main in (one.compartment, one.companion_of)}
    assert len(taking) == 2
