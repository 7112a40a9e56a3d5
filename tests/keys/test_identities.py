"""Identities and recipients: their spellings, and secrets that stay where they are."""

import copy
import json
import os
import pickle

import pytest

from archive.errors import KeysError
from keys.filekey import FileKey
from keys.identities import Identity, PassphraseIdentity, X25519Identity
from keys.keyfile import AgentSecret
from keys.recipients import PassphraseRecipient, Recipient, X25519Recipient
from keys.sealing import Sealer
from keys.signing import LogKey, SigningKey

SEED = bytes(range(32))


def secrets():
    identity, signing = Identity(SEED), SigningKey(SEED)
    agent = AgentSecret(identity, signing, "a" * 26, "a" * 26, "0" * 64, 0, bytes(32), False)
    return [
        identity,
        X25519Identity(SEED),
        PassphraseIdentity("correct horse battery staple", 10),
        PassphraseRecipient("correct horse battery staple", 10),
        FileKey(SEED[:16]),
        signing,
        LogKey(SEED, SEED),
        agent,
        Sealer([identity.recipient]),
    ]


@pytest.mark.parametrize("secret", secrets(), ids=lambda s: type(s).__name__)
def test_a_secret_shows_nothing_of_itself(secret):
    for text in (repr(secret), str(secret), f"{secret}", f"{[secret]!r}"):
        assert "redacted" in text
        assert "horse" not in text
        assert SEED.hex()[:16] not in text
        assert repr(SEED)[2:20] not in text


@pytest.mark.parametrize("secret", secrets(), ids=lambda s: type(s).__name__)
def test_a_secret_is_neither_pickled_nor_copied(secret):
    attempts = [copy.copy, copy.deepcopy, *(lambda s, p=p: pickle.dumps(s, p) for p in range(6))]
    for attempt in attempts:
        with pytest.raises(KeysError) as caught:
            attempt(secret)
        assert caught.value.code == "K24"
    with pytest.raises(TypeError):
        json.dumps(secret)


@pytest.mark.parametrize("kind", [Identity, X25519Identity])
def test_an_identity_is_parsed_from_its_own_text_in_either_case(kind):
    identity = kind(SEED)
    assert kind.parse(identity.text).seed == SEED
    assert kind.parse(identity.text.lower()).seed == SEED
    assert type(identity.recipient).parse(identity.recipient.text) == identity.recipient


def test_texts_have_the_lengths_and_prefixes_of_age():
    identity, classic = Identity(SEED), X25519Identity(SEED)
    assert identity.text.startswith("AGE-SECRET-KEY-PQ-1")
    assert len(identity.text) == 77
    assert identity.recipient.text.startswith("age1pq1")
    assert len(identity.recipient.text) == 1959
    assert classic.text.startswith("AGE-SECRET-KEY-1")
    assert classic.recipient.text.startswith("age1")
    assert len(classic.recipient.text) == 62


def test_identities_of_one_kind_are_not_read_as_the_other():
    with pytest.raises(KeysError):
        Identity.parse(X25519Identity(SEED).text)
    with pytest.raises(KeysError):
        X25519Identity.parse(Identity(SEED).text)
    with pytest.raises(KeysError):
        X25519Recipient.parse(Identity(SEED).recipient.text)


def test_keys_of_the_wrong_length_are_refused():
    for make in (Identity, X25519Identity, Recipient, X25519Recipient, SigningKey, FileKey):
        with pytest.raises(KeysError) as caught:
            make(bytes(31))
        assert caught.value.code == "K18"


def test_a_lattice_key_out_of_range_is_refused():
    with pytest.raises(KeysError):
        Recipient(b"\xff" * 1216)


def test_a_recipient_of_low_order_is_refused_when_sealing():
    with pytest.raises(KeysError, match="low order"):
        X25519Recipient(bytes(32)).wrap(bytes(16), os.urandom)


def test_generated_identities_use_the_randomness_they_are_given():
    assert Identity.generate(lambda n: SEED[:n]).text == Identity(SEED).text
    assert Identity.generate().text != Identity.generate().text


def test_a_recipient_is_public_and_shown_short():
    recipient = Identity(SEED).recipient
    assert len(repr(recipient)) < 40
    assert pickle.loads(pickle.dumps(recipient)) == recipient
    assert recipient in {recipient}
