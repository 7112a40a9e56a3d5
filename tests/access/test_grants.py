"""Giving and withdrawing rights, epochs, compartments, and what the policy allows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.access import compartments, grants
from archive.access.keyring import find_label, intact, keyring
from archive.access.opening import Binding, seal_structure
from archive.access.signin import pen
from archive.digests import Digest
from archive.errors import AccessError, CustodyError, FixityError, IntakeError
from archive.ids import Id
from archive.kinds import Kind
from archive.ledger import Ledger
from archive.nouns import OPENING, Action, Agent, Compartment, Grant, Item, Rights, Role, SealedRef
from archive.policy import ACTIONS_OF, Allowed, Refused, Request, decide
from archive.uses import ConsentState, RightsBasis, Use
from keys.identities import Identity
from keys.recipients import Recipient


def held_by(house, sitting, label="main"):
    return next(one for one in keyring(house.archive, sitting).values() if one.label == label)


def test_a_reader_holds_the_identity_and_a_contributor_only_the_label(house):
    vera, lena = house.documenter(), house.lawyer()
    assert held_by(house, vera).identities == {}
    assert set(held_by(house, lena).identities) == {1}
    assert [one.label for one in keyring(house.archive, lena).values()] == ["main"]


def test_nobody_gives_what_his_role_or_grant_does_not_allow(house):
    vera, lena = house.documenter(), house.lawyer()
    house.enrol("olga", Role.AUDITOR)
    terms = grants.Terms(frozenset({Action.READ}), frozenset({Use.COURT}), None, "mine")
    for sitting in (vera, lena):
        with pytest.raises(AccessError, match="may not manage"):
            grants.give(house.archive, sitting, "vera", "main", terms)
        with pytest.raises(AccessError, match="may not manage"):
            grants.revoke(house.archive, sitting, "lena", "main", "mine")
        with pytest.raises(AccessError, match="only a custodian"):
            compartments.found(house.archive, sitting, "mine")
        with pytest.raises(AccessError, match="may not manage"):
            compartments.disclose(house.archive, sitting, "main")
    for handle, action in (("olga", Action.READ), ("vera", Action.MANAGE), ("lena", Action.DESTROY)):
        with pytest.raises(AccessError, match="role"):
            house.grant(handle, action)
    with pytest.raises(AccessError, match="no agent"):
        house.grant("nobody", Action.READ)
    with pytest.raises(AccessError, match="label"):
        house.grant("lena", Action.READ, label="unheard-of")


def test_a_revocation_starts_an_epoch_for_those_who_remain(house):
    lena, ivan = house.lawyer(), house.lawyer("ivan")
    vera = house.documenter()
    assert house.revoke("lena") == 1
    assert keyring(house.archive, lena) == {}
    assert set(held_by(house, ivan).identities) == {1, 2}
    assert set(held_by(house, house.anna).identities) == {1, 2}
    assert held_by(house, vera).identities == {}
    assert house.revoke("vera") == 1
    assert set(held_by(house, ivan).identities) == {1, 2, 3}
    with pytest.raises(AccessError, match="no rights there"):
        house.revoke("lena")
    house.grant("lena", Action.READ)
    assert set(held_by(house, lena).identities) == {1, 2, 3}


def test_nobody_withdraws_his_own_rights(house):
    with pytest.raises(AccessError, match="his own"):
        house.revoke("anna")


def test_a_compartment_and_its_companion_are_apart(house):
    compartments.found(house.archive, house.anna, "minsk")
    house.lawyer(label="minsk")
    assert [one.label for one in keyring(house.archive, house.sign_in("lena")).values()] == ["minsk"]
    with pytest.raises(AccessError, match="exists"):
        compartments.found(house.archive, house.anna, "minsk")
    for label in ("", "a b", "x.identities", "-x", "x" * 65, "a/b"):
        with pytest.raises(IntakeError, match="not a label"):
            compartments.found(house.archive, house.anna, label)


def test_an_identity_that_is_disclosed_is_logged_first(house):
    before = house.archive.log.checkpoint().size
    texts = compartments.disclose(house.archive, house.anna, "main").split("\n")
    assert house.archive.log.checkpoint().size == before + 1
    assert [Identity.parse(text).text for text in texts] == texts


def test_a_grant_with_another_identity_than_the_logs_is_refused(house):
    lena = house.lawyer()
    grant = next(iter(house.archive.ledger().grants_to(lena.id)))
    binding = Binding(house.archive.archive, "grant", grant.grant, 1, grant.compartment, 1)
    forged = seal_structure(
        binding,
        {
            "label": "main",
            "identities": [{"epoch": 1, "identity": Identity.generate(house.archive.random).text}],
        },
        Recipient.parse(str(lena.agent.recipient)),
        holder=lena.id,
        random=house.archive.random,
    )
    table = house.archive.catalogue.sealed._table
    with house.archive.catalogue.sealed._database.writing() as connection:
        connection.execute(
            table.update()
            .where(table.c.body == grant.sealed.body)
            .values(header=forged.header, content=forged.content)
        )
    with pytest.raises(FixityError, match=grant.sealed.body):
        intact(keyring(house.archive, lena)[grant.compartment])


def test_a_grant_of_another_agent_does_not_open(house):
    lena, ivan = house.lawyer(), house.lawyer("ivan")
    grant = next(iter(house.archive.ledger().grants_to(ivan.id)))
    assert ivan.secret.identity is not lena.secret.identity
    row = house.archive.catalogue.sealed.get(grant.sealed.body)
    table = house.archive.catalogue.sealed._table
    with house.archive.catalogue.sealed._database.writing() as connection:
        connection.execute(table.delete().where(table.c.body == row.body))
    held = keyring(house.archive, ivan)
    with pytest.raises(FixityError, match="missing"):
        find_label(held, "main")
    assert house.find(ivan, "anything").unopened == (grant.compartment,)
    assert held_by(house, lena).identities


def test_an_event_signed_without_a_right_is_not_logged(house):
    """What the doors refuse, the log refuses too, should a door fail."""
    vera, lena = house.documenter(), house.lawyer()
    grant = next(iter(house.archive.ledger().grants_to(lena.id)))
    before = house.archive.log.checkpoint().size
    reason = grant.reason.as_data()
    stolen = pen(house.archive, vera).write(Kind.REVOCATION, {"grant": grant.grant, "reason": reason})
    with pytest.raises(CustodyError, match="without a right"):
        house.archive.custody.record([stolen])
    search = {
        "compartments": [grant.compartment],
        "purpose": "court",
        "query": Digest.of(b"query"),
        "shown": [],
        "count": 0,
        "told": [],
    }
    with pytest.raises(CustodyError, match="without a right"):
        house.archive.custody.record([pen(house.archive, vera).write(Kind.SEARCH, search)])
    assert house.archive.log.checkpoint().size == before
    assert house.archive.ledger().grants[grant.grant].revoked is None


IDS = [Id(letter * 25 + "a") for letter in "bcdefg"]
AGENTS, COMPARTMENTS, ITEMS = IDS[:2], IDS[2:4], IDS[4:]
SEALED = SealedRef(COMPARTMENTS[0], 1, Digest.of(b"b"), Digest.of(b"h"), Digest.of(b"k"))
MOMENTS = [f"2026-11-{day:02}T00:00:00Z" for day in range(1, 6)]
uses = st.frozensets(st.sampled_from(list(Use)), max_size=4)
consents = st.builds(ConsentState, uses, st.booleans())


@st.composite
def ledgers(draw):
    """Whatever a log could say of two agents, two compartments and two items."""
    ledger = Ledger("origin")
    for agent in AGENTS:
        role = draw(st.sampled_from([*Role, None]))
        ledger.agents[agent] = Agent(agent, role, "recipient", (b"",), None, False, 0)
    for compartment in COMPARTMENTS:
        ledger.compartments[compartment] = Compartment(
            compartment, None, False, draw(st.booleans()), AGENTS[0], ("r",), "r", (SEALED,), 0
        )
    for number in range(draw(st.integers(0, 4))):
        agent = draw(st.sampled_from(AGENTS))
        allowed = ACTIONS_OF[ledger.agents[agent].role]
        actions = draw(st.frozensets(st.sampled_from(sorted(allowed)))) if allowed else frozenset()
        ledger.put_grant(
            Grant(
                Id("a" * 24 + "hijk"[number] + "a"),
                agent,
                draw(st.sampled_from(COMPARTMENTS)),
                actions,
                draw(uses),
                draw(st.sampled_from(MOMENTS)),
                draw(st.sampled_from([*MOMENTS, None])),
                AGENTS[0],
                SEALED,
                SEALED,
                0,
                revoked=draw(st.sampled_from([None, None, 5])),
            )
        )
    for item in ITEMS:
        states = tuple((IDS[0], state) for state in draw(st.lists(consents, max_size=2)))
        rights = Rights(draw(st.sampled_from(list(RightsBasis))), draw(uses), states)
        ledger.items[item] = Item(item, draw(st.sampled_from(COMPARTMENTS)), AGENTS[0], 0, rights=rights)
    return ledger


stranger = Id("z" * 25 + "a")
requests = st.builds(
    Request,
    st.sampled_from([*AGENTS, stranger]),
    st.sampled_from(list(Action)),
    st.sampled_from([*COMPARTMENTS, stranger]),
    st.sampled_from(MOMENTS),
    st.sampled_from([*Use, None]),
    st.sampled_from([*ITEMS, stranger, None]),
)


@given(ledgers(), requests)
def test_nothing_is_allowed_without_a_grant_in_force_and_the_consent_of_the_item(ledger, request):
    decision = decide(ledger, request)
    if isinstance(decision, Refused):
        return
    assert isinstance(decision, Allowed)
    grant = decision.grant
    assert ledger.grants[grant.grant] is grant
    assert (grant.agent, grant.compartment) == (request.agent, request.compartment)
    assert grant.revoked is None
    assert request.action in grant.actions
    assert request.action in ACTIONS_OF[ledger.agents[request.agent].role]
    assert grant.starts <= request.at
    assert grant.ends is None or request.at <= grant.ends
    if request.action in (Action.READ, Action.RELEASE):
        assert request.purpose is not None
        assert request.purpose in grant.purposes - {Use.STORE}
        if request.item is not None:
            rights = ledger.items[request.item].rights
            assert not any(state.withdrawn for state in rights.states())
            assert all(request.purpose in state.uses for state in rights.states())
            assert request.purpose in rights.uses


@given(ledgers(), requests)
def test_revoking_every_grant_refuses_everything(ledger, request):
    for grant in list(ledger.grants.values()):
        ledger.put_grant(replace(grant, revoked=9))
    assert isinstance(decide(ledger, request), Refused)


@given(ledgers(), requests, consents)
def test_another_consent_never_allows_what_was_refused(ledger, request, consent):
    before = decide(ledger, request)
    for item in ledger.items.values():
        if item.rights.consents:
            item.rights = replace(item.rights, consents=(*item.rights.consents, (IDS[1], consent)))
    if isinstance(before, Refused):
        assert isinstance(decide(ledger, request), Refused)


def test_an_auditor_holds_no_action_that_opens():
    assert not ACTIONS_OF[Role.AUDITOR] & OPENING
    assert ACTIONS_OF[None] == frozenset()
