"""A cosigner's key: one name, two keys, kept in clear or under a passphrase, and never misread."""

import pytest
from founded import refusal
from two_organisations import HARBOUR, numbered

from archive.vkeys import ED25519_COSIGNATURE, MLDSA44
from keys.cosigner_keys import CosignerKey, format_cosigner_key, needs_passphrase, parse_cosigner_key

KEY = CosignerKey.generate(HARBOUR, numbered(5))
CHEAP = {"log_n": 10}


@pytest.mark.parametrize("passphrase", [None, "the passphrase of the harbour"])
def test_a_key_comes_back_as_it_was_kept(passphrase):
    data = format_cosigner_key(KEY, passphrase, **CHEAP)
    assert needs_passphrase(data) is (passphrase is not None)
    found = parse_cosigner_key(data, passphrase, **CHEAP)
    assert (found.name, found.vkeys) == (HARBOUR, KEY.vkeys)
    assert [vkey.type for vkey in found.vkeys] == [ED25519_COSIGNATURE, MLDSA44]


def test_a_sealed_key_needs_its_passphrase():
    data = format_cosigner_key(KEY, "the passphrase of the harbour", **CHEAP)
    assert KEY.name.encode() not in data
    with refusal("K42"):
        parse_cosigner_key(data, None, **CHEAP)
    with refusal("K43"):
        parse_cosigner_key(data, "another passphrase", **CHEAP)
    with refusal("K41"):
        parse_cosigner_key(data[:-1], "the passphrase of the harbour", **CHEAP)
    with refusal("K41"):
        parse_cosigner_key(data, "the passphrase of the harbour", log_n=11)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"cosigner-key", b"log-key"), (b'"v":1', b'"v":2'), (b'"v":1', b'"v":true'), (b"=", b""), (b"}", b"")],
)
def test_what_is_no_key_of_ours_is_refused(old, new):
    with refusal("K41"):
        parse_cosigner_key(format_cosigner_key(KEY, None, **CHEAP).replace(old, new), None, **CHEAP)


@pytest.mark.parametrize("name", ["", "two words", "plus+plus", "ж", "x" * 256, "line\n"])
def test_a_name_that_no_cosignature_carries_is_refused(name):
    with refusal("K44"):
        CosignerKey.generate(name, numbered(5))


def test_it_shows_nothing_of_itself():
    assert HARBOUR not in repr(KEY)
