"""The one place that decides: a table of every role, action, purpose and state against what may come of it."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_builder import Builder, Person

from archive.ids import Id
from archive.nouns import OPENING, Action, Role
from archive.policy import ACTIONS_OF, Allowed, Reason, Refused, Request, decide, default_purpose
from archive.uses import Use

NOW = "2026-11-20T08:00:00Z"


@pytest.fixture(scope="module")
def state():
    """A ledger with one agent of each role, who has every action of her role for courts, and one item."""
    builder = Builder()
    agents = {role: builder.enrol(role.value, role.value).agent for role in Role}
    for role, agent in agents.items():
        builder.grant(
            Person(agent, builder.anna.key), "main", ACTIONS_OF[role], ["court"], ends="2026-12-01T00:00:00Z"
        )
    item, _ = builder.accession(builder.anna, "main")
    builder.rights(builder.anna, item, ["analysis", "court", "store"])
    builder.found("minsk")
    return builder.ledger, agents, builder.compartments, item


def asked(state, role, action, purpose=Use.COURT, **changes):
    ledger, agents, compartments, item = state
    request = Request(agents[role], action, compartments["main"], NOW, purpose, item)
    return decide(ledger, replace(request, **changes))


def test_each_role_is_allowed_just_its_own_actions(state):
    for role, action in product(Role, Action):
        expected = action in ACTIONS_OF[role]
        assert isinstance(asked(state, role, action), Allowed) is expected, (role, action)


def test_an_auditor_can_be_given_nothing_that_opens():
    assert not ACTIONS_OF[Role.AUDITOR] & OPENING
    assert ACTIONS_OF[None] == frozenset()
    assert set(ACTIONS_OF) == {None, *Role}


def test_plaintext_needs_a_purpose_that_the_grant_and_the_consent_both_name(state):
    expected = {
        None: Reason.PURPOSE_MISSING,
        Use.STORE: Reason.PURPOSE_MISSING,
        Use.COURT: None,
    }
    for action, purpose in product((Action.READ, Action.RELEASE), (None, *Use)):
        decision = asked(state, Role.LAWYER, action, purpose)
        reason = decision.reason if isinstance(decision, Refused) else None
        assert reason == expected.get(purpose, Reason.PURPOSE), (action, purpose)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"agent": Id("a" * 26)}, Reason.UNKNOWN_AGENT),
        ({"compartment": Id("a" * 26)}, Reason.UNKNOWN_COMPARTMENT),
        ({"item": Id("a" * 26)}, Reason.UNKNOWN_ITEM),
        ({"at": "2026-11-19T00:00:00Z"}, Reason.NOT_YET),
        ({"at": "2026-12-01T00:00:01Z"}, Reason.EXPIRED),
        ({"action": Action.MANAGE}, Reason.ROLE),
        ({"at": "2026-12-01T00:00:00Z"}, None),
    ],
)
def test_a_refusal_says_why(state, changes, reason):
    ledger, agents, compartments, item = state
    usual = Request(agents[Role.LAWYER], Action.READ, compartments["main"], NOW, Use.COURT, item)
    decision = decide(ledger, replace(usual, **changes))
    assert (decision.reason if isinstance(decision, Refused) else None) == reason


def test_rights_in_one_compartment_are_none_in_another(state):
    for role, action in product(Role, Action):
        decision = asked(state, role, action, compartment=state[2]["minsk"])
        assert decision == Refused(Reason.NO_GRANT if action in ACTIONS_OF[role] else Reason.ROLE)


def test_an_allowance_names_the_grant_it_rests_on(state):
    decision = asked(state, Role.LAWYER, Action.READ)
    assert isinstance(decision, Allowed)
    assert decision.grant.agent == state[1][Role.LAWYER]


@given(
    given_uses=st.sets(st.sampled_from(sorted(Use))),
    granted=st.sets(st.sampled_from(sorted(Use))),
    withdrawn=st.booleans(),
    revoked=st.booleans(),
    at=st.sampled_from(["2026-11-19T00:00:00Z", NOW, "2027-01-01T00:00:00Z"]),
    purpose=st.sampled_from([None, *Use]),
)
def test_no_combination_opens_what_any_one_of_its_conditions_closes(
    given_uses, granted, withdrawn, revoked, at, purpose
):
    builder = Builder()
    lena = builder.enrol("lena", "lawyer")
    item, _ = builder.accession(builder.anna, "main")
    builder.rights(builder.anna, item, given_uses, withdrawn=withdrawn)
    grant = builder.grant(lena, "main", ["read"], granted, ends="2026-12-01T00:00:00Z")
    if revoked:
        builder.revoke(grant)
    request = Request(lena.agent, Action.READ, builder.compartments["main"], at, purpose, item)
    allowed = isinstance(decide(builder.ledger, request), Allowed)
    open_ = purpose in given_uses & granted - {Use.STORE} and at == NOW and not withdrawn and not revoked
    assert allowed is open_


def test_a_sitting_without_a_purpose_has_that_of_its_role():
    assert default_purpose(Role.LAWYER) is Use.COURT
    assert {default_purpose(role) for role in Role if role is not Role.LAWYER} == {Use.ANALYSIS}
