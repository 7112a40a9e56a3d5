"""Cosignatures: made, held against their keys, and put beside the log's own; never in its place."""

from dataclasses import replace

import pytest
from founded import refusal
from two_organisations import HARBOUR, LANTERN, NOW, LogOwner, numbered

from archive import ed25519
from archive.checkpoints import Checkpoint
from archive.cosignatures import (
    CosignerSigner,
    cosign,
    cosignatures_of,
    cosigner_verifiers,
    only_of,
    with_cosignatures,
)
from archive.notes import parse_note
from archive.vkeys import ED25519_COSIGNATURE, MLDSA44
from keys.cosigner_keys import CosignerKey
from keys.signing import verify_ed25519, verify_mldsa44

KEY, OTHER = CosignerKey.generate(HARBOUR, numbered(3)), CosignerKey.generate(LANTERN, numbered(4))
CHECKPOINT = Checkpoint("archive.example/log", 5, bytes(32))
NOTE = LogOwner().sign(CHECKPOINT)
TEXT = parse_note(NOTE).text


def verifiers(*keys):
    return cosigner_verifiers([v for key in keys for v in key.vkeys], verify_ed25519, verify_mldsa44)


def test_a_cosigner_signs_with_both_its_keys_at_one_time():
    note = with_cosignatures(NOTE, cosign(TEXT, KEY.signer(), NOW))
    verified = cosignatures_of(note, verifiers(KEY))
    assert [(one.name, one.type, one.timestamp) for one in verified] == [
        (HARBOUR, ED25519_COSIGNATURE, NOW),
        (HARBOUR, MLDSA44, NOW),
    ]


def test_plain_python_checks_the_ed25519_half():
    note = with_cosignatures(NOTE, cosign(TEXT, KEY.signer(), NOW))
    [seen] = cosignatures_of(note, cosigner_verifiers(KEY.vkeys, ed25519.verify, None))
    assert seen.type == ED25519_COSIGNATURE


def test_signatures_of_strangers_are_passed_over():
    note = with_cosignatures(NOTE, cosign(TEXT, OTHER.signer(), NOW))
    assert cosignatures_of(note, verifiers(KEY)) == ()
    both = with_cosignatures(note, cosign(TEXT, KEY.signer(), NOW))
    seen = cosignatures_of(both, verifiers(KEY))
    assert {line.name for line in only_of(parse_note(both), seen)} == {HARBOUR}


@pytest.mark.parametrize("which", [0, 1])
def test_a_signature_over_another_tree_fails(which):
    other = parse_note(LogOwner().sign(replace(CHECKPOINT, size=6))).text
    line = cosign(other, KEY.signer(), NOW)[which]
    with refusal("C24"):
        cosignatures_of(with_cosignatures(NOTE, [line]), verifiers(KEY))


@pytest.mark.parametrize("timestamp", [0, -1])
def test_a_cosignature_states_a_time(timestamp):
    with refusal("C29"):
        cosign(TEXT, KEY.signer(), timestamp)


def test_one_that_states_none_counts_for_nothing():
    from archive.checkpoints import cosigned_message, join_cosignature
    from archive.notes import Signature

    vkey = KEY.vkeys[0]
    signature = join_cosignature(0, KEY.pair.sign_ed25519(cosigned_message(0, TEXT)))
    note = with_cosignatures(NOTE, [Signature(vkey.name, vkey.key_id, signature)])
    with refusal("C29"):
        cosignatures_of(note, verifiers(KEY))


def test_what_is_signed_already_stays_as_it_is():
    first, second = cosign(TEXT, KEY.signer(), NOW), cosign(TEXT, KEY.signer(), NOW + 1)
    note = with_cosignatures(NOTE, first)
    assert with_cosignatures(note, second) == note
    assert parse_note(note).signatures[: len(parse_note(NOTE).signatures)] == parse_note(NOTE).signatures


def test_a_signer_has_one_key_of_each_kind():
    first, second = KEY.vkeys
    with refusal("C20"):
        CosignerSigner(second, first, KEY.pair.sign_ed25519, KEY.pair.sign_mldsa44)
