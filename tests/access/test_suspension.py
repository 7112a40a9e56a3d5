"""Suspending an agent: everything of hers ends at once, and what follows is sealed without her."""

import pytest
from founded import audited, passphrase_of, refusal

from archive.access import agents, compartments, grants, suspension
from archive.access.keyring import keyring
from archive.access.signin import pen, sign_in
from archive.errors import KeysError
from archive.kinds import Kind
from archive.nouns import Action, Role
from archive.policy import Reason, Refused, Request, decide
from archive.uses import Use
from keys.sealing import open_


def custodian(house, handle):
    house.enrol(handle, Role.CUSTODIAN)
    house.grant(handle, Action.MANAGE, Action.READ)
    return house.sign_in(handle)


def test_what_is_handed_in_after_a_suspension_stays_closed_to_her(house):
    vera, lena = house.documenter(), house.lawyer()
    before = house.deposit_one(vera, "да таго").item
    done = suspension.suspend(house.archive, house.anna, "lena")
    assert (done.agent, done.renewed, done.left) == (lena.id, ("main",), ())
    after = house.deposit_one(vera, "пасля таго").item
    ledger = house.archive.ledger()
    assert ledger.items[after].original.sealed.epoch == 2
    old = ledger.grants[ledger.grants_of(lena.id, ledger.items[before].compartment)[0].grant]
    assert old.keys == ()
    for item in (before, after):
        assert house.read_original(house.sign_in("anna", Use.COURT), item)
    assert audited(house.folder).faults == ()


def test_the_suspended_sign_in_no_more_and_are_answered_like_strangers(house):
    house.lawyer()
    suspension.suspend(house.archive, house.anna, "lena")
    with pytest.raises(KeysError) as suspended:
        house.sign_in("lena")
    with pytest.raises(KeysError) as unknown:
        sign_in(house.archive, "nobody", passphrase_of("lena"))
    assert (suspended.value.code, str(suspended.value)) == (unknown.value.code, str(unknown.value))


def test_a_sitting_that_began_before_does_nothing_more(house):
    vera, lena = house.documenter(), house.lawyer()
    item = house.deposit_one(vera, "учора").item
    suspension.suspend(house.archive, house.anna, "lena")
    suspension.suspend(house.archive, house.anna, "vera")
    with refusal("A20"):
        house.read_original(lena, item)
    with refusal("A02"):
        house.deposit_one(vera, "сёння")
    assert list(keyring(house.archive, lena)) == []
    data = {"agent": lena.id, "change": "passphrase", "sealed": None}
    with refusal("C63"):
        house.archive.custody.record([pen(house.archive, lena).write(Kind.CREDENTIAL, data)])
    main = house.archive.ledger().items[item].compartment
    asked = Request(lena.id, Action.READ, main, pen(house.archive, house.anna).now(), Use.COURT)
    assert decide(house.archive.ledger(), asked) == Refused(Reason.SUSPENDED)
    with refusal("C64"):
        house.grant("lena", Action.READ)


def test_compartments_of_others_that_still_need_a_new_key_are_named(house):
    ivan = custodian(house, "ivan")
    house.lawyer()
    compartments.found(house.archive, ivan, "brest")
    terms = grants.Terms(frozenset({Action.READ}), frozenset({Use.COURT}), None, "a case")
    grants.give(house.archive, ivan, "lena", "brest", terms)
    house.grant("lena", Action.READ, label="authority")
    brest = next(one.compartment for one in keyring(house.archive, ivan).values() if one.label == "brest")
    done = suspension.suspend(house.archive, house.anna, "lena")
    assert (done.renewed, done.left) == (("authority", "main"), (brest,))
    [key] = [
        one.identities
        for one in keyring(house.archive, house.sign_in("ivan")).values()
        if one.label == "main"
    ]
    assert set(key) == {1, 2}
    assert audited(house.folder).faults == ()


def test_a_contributor_held_no_key_so_none_is_changed(house):
    house.documenter()
    assert suspension.suspend(house.archive, house.anna, "vera").renewed == ()


def test_the_new_key_is_sealed_to_those_who_stay_and_not_to_her(house):
    lena = house.lawyer()
    house.lawyer("nina")
    suspension.suspend(house.archive, house.anna, "lena")
    rows = [row for row in house.archive.catalogue.sealed.each() if row.kind == "grant-key"]
    assert {row.holder for row in rows} == {house.anna.id, house.sign_in("nina").id}
    for row in rows:
        with pytest.raises(KeysError):
            open_(row.header, row.content, lena.secret.identity, commitment=None)


def test_only_a_custodian_suspends_and_nobody_himself_or_twice(house):
    vera = house.documenter()
    house.lawyer()
    with refusal("A01"):
        suspension.suspend(house.archive, vera, "lena")
    with refusal("A04"):
        suspension.suspend(house.archive, house.anna, "nobody")
    with refusal("A41"):
        suspension.suspend(house.archive, house.anna, "anna")
    suspension.suspend(house.archive, house.anna, "lena")
    with refusal("A42"):
        suspension.suspend(house.archive, house.anna, "lena")


def test_a_custodian_who_was_suspended_suspends_and_enrols_nobody(house):
    ivan = custodian(house, "ivan")
    suspension.suspend(house.archive, house.anna, "ivan")
    with refusal("C63"):
        suspension.suspend(house.archive, ivan, "anna")
    with refusal("C63"):
        agents.enrol(house.archive, ivan, "friend", Role.CUSTODIAN, passphrase_of("friend"))
    assert house.anna.agent.suspended is None
