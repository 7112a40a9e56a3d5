"""What the log itself refuses of rotations, suspensions and credentials, should a door fail."""

from dataclasses import replace

import pytest
from founded import refusal

from archive.access import rotation
from archive.access.opening import Binding, seal_structure
from archive.access.signin import pen
from archive.codec import b64
from archive.events import Signer
from archive.kinds import Kind
from archive.nouns import Action, Role
from keys.identities import Identity
from keys.keyfile import KeyPair
from keys.signing import SigningKey

NEW = "six new words that nobody else knows"


@pytest.fixture
def lena(house):
    return house.lawyer()


def fresh():
    return KeyPair(Identity.generate(), SigningKey.generate())


def rotation_of(sitting, pair, **changes):
    return {
        "agent": sitting.id,
        "recipient": pair.identity.recipient.text,
        "signing_key": b64(pair.signing.public),
        **changes,
    }


def log(house, signed):
    before = house.archive.ledger().size
    try:
        house.archive.custody.record([signed])
    finally:
        assert house.archive.ledger().refused == []
    return before


def sealed_to(house, sitting, *, recipient=None, key=None):
    """Seal something to an agent, or say so and seal it to another key."""
    return seal_structure(
        Binding(house.archive.archive, "factor", sitting.id, 1, sitting.id, 1),
        {},
        recipient or sitting.secret.identity.recipient,
        holder=sitting.id,
        random=house.archive.random,
        holder_epoch=key or sitting.agent.key,
    ).ref.as_data()


def test_new_keys_need_the_signature_of_the_old_and_of_the_new_one(house, lena):
    pair, author = fresh(), pen(house.archive, lena)
    with refusal("C62"):
        log(house, author.write(Kind.ROTATION, rotation_of(lena, pair)))
    forged = Signer(lena.id, 2, fresh().signing.sign)
    with refusal("C62"):
        log(house, author.write(Kind.ROTATION, rotation_of(lena, pair), also=[forged]))
    thief = replace(author, sign=fresh().signing.sign)
    own = Signer(lena.id, 2, pair.signing.sign)
    with refusal("C62"):
        log(house, thief.write(Kind.ROTATION, rotation_of(lena, pair), also=[own]))
    log(house, author.write(Kind.ROTATION, rotation_of(lena, pair), also=[own]))
    assert house.archive.ledger().agents[lena.id].key == 2


def test_nobody_replaces_the_keys_of_another_not_even_a_custodian(house, lena):
    pair = fresh()
    data = rotation_of(lena, pair)
    for also, code in (([], "C62"), ([Signer(lena.id, 2, pair.signing.sign)], "C63")):
        with refusal(code):
            log(house, pen(house.archive, house.anna).write(Kind.ROTATION, data, also=also))


def test_keys_that_are_not_new_are_refused(house, lena):
    pair, author = fresh(), pen(house.archive, lena)
    same = {"recipient": str(lena.agent.recipient)}
    with refusal("C64"):
        also = [Signer(lena.id, 2, pair.signing.sign)]
        log(house, author.write(Kind.ROTATION, rotation_of(lena, pair, **same), also=also))
    with refusal("C64"):
        old = KeyPair(pair.identity, lena.secret.signing)
        also = [Signer(lena.id, 2, lena.secret.signing.sign)]
        log(house, author.write(Kind.ROTATION, rotation_of(lena, old), also=also))


def test_a_grant_is_sealed_again_by_its_agent_to_her_key_in_force(house, lena):
    house.lawyer("ivan")
    ledger = house.archive.ledger()
    [hers], [his] = ledger.grants_to(lena.id), ledger.grants_to(house.sign_in("ivan").id)

    def resealing(grant, sealed, who=lena):
        data = {"agent": lena.id, "keys": [{"grant": grant.grant, "sealed": sealed}]}
        return pen(house.archive, who).write(Kind.RESEALING, data)

    with refusal("C68"):
        log(house, resealing(his, sealed_to(house, lena)))
    with refusal("C68"):
        log(house, resealing(hers, sealed_to(house, lena, key=2)))
    with refusal("C63"):
        log(house, resealing(hers, sealed_to(house, lena), who=house.anna))
    house.revoke("lena")
    with refusal("C68"):
        log(house, resealing(hers, sealed_to(house, lena)))


def test_a_right_given_to_a_replaced_key_is_refused(house, lena):
    renewed = rotation.rotate(house.archive, lena, NEW)
    [grant] = house.archive.ledger().grants_to(lena.id)
    assert grant.sealed.epoch == renewed.agent.key == 2
    house.grant("lena", Action.READ, label="authority")
    assert {one.sealed.epoch for one in house.archive.ledger().grants_to(lena.id)} == {2}


def test_only_a_custodian_suspends_and_the_last_one_stays(house, lena):
    def suspension(who, whom):
        return pen(house.archive, who).write(Kind.SUSPENSION, {"agent": whom.id})

    for who, whom, code in ((lena, house.anna, "C63"), (house.anna, house.anna, "C63")):
        with refusal(code):
            log(house, suspension(who, whom))
    ivan = house.enrol("ivan", Role.CUSTODIAN)
    log(house, suspension(ivan, house.anna))
    with refusal("C63"):
        log(house, suspension(ivan, ivan))


def test_a_second_factor_is_sealed_to_its_agents_key_in_force(house, lena):
    author = pen(house.archive, lena)

    def change(word, sealed, whom=lena):
        return author.write(Kind.CREDENTIAL, {"agent": whom.id, "change": word, "sealed": sealed})

    mine = sealed_to(house, lena)
    with refusal("C68"):
        log(house, change("second-factor-added", sealed_to(house, house.anna)))
    with refusal("C68"):
        log(house, change("second-factor-added", sealed_to(house, lena, key=2)))
    for word, sealed in (
        ("second-factor-added", None),
        ("second-factor-removed", mine),
        ("passphrase", mine),
        ("recovery-code-used", mine),
    ):
        with refusal("C64"):
            log(house, change(word, sealed))
    with refusal("C63"):
        log(house, change("passphrase", None, house.anna))
    log(house, change("second-factor-added", mine))
    assert house.archive.ledger().agents[lena.id].factor is not None
