"""Receipts: what they prove offline, to whom, and that nothing in them can be exchanged."""

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_builder import ORIGIN, SALT, Builder, receipt_for

from archive.digests import Digest
from archive.errors import CustodyError, SviedkaError
from archive.receipts import Openings, Receipt, check_file, format_receipt, parse_receipt, verify_receipt
from archive.trust import Trust, format_trust, parse_trust
from keys.signing import LogKey, verify_ed25519, verify_mldsa44

ORIGINAL = b"what was handed in"
OPENINGS = Openings(SALT, Digest.of(b"one"), Digest.of(b"two"), "a name.txt")


@pytest.fixture(scope="module")
def builder():
    return Builder()


@pytest.fixture(scope="module")
def receipt(builder) -> bytes:
    return receipt_for(builder, builder.anna, "main", "акт.txt", ORIGINAL)


@pytest.fixture(scope="module")
def trust(builder):
    return Trust(ORIGIN, builder.log_keys)


def verified(data: bytes | Receipt, trust=None):
    parsed = parse_receipt(data) if isinstance(data, bytes) else data
    return verify_receipt(parsed, trust=trust, check_ed25519=verify_ed25519, check_mldsa44=verify_mldsa44)


def refused(data, trust=None):
    with pytest.raises(SviedkaError) as raised:
        verified(data, trust)
    return raised.value.code


def test_it_proves_what_was_accessioned_and_where(builder, receipt, trust):
    proven = verified(receipt, trust)
    assert proven.trusted
    assert proven.index == proven.checkpoint.size - 1 == len(builder.entries) - 1
    assert (proven.openings.name, proven.openings.sha256) == ("акт.txt", Digest.of(ORIGINAL))
    assert not verified(receipt).trusted


def test_writing_and_reading_give_the_same(receipt):
    assert format_receipt(parse_receipt(receipt)) == receipt


def test_pure_python_says_the_same(receipt, trust):
    assert verify_receipt(parse_receipt(receipt), trust=trust).index == verified(receipt, trust).index


def test_the_keys_of_another_log_do_not_vouch_for_it(receipt):
    other = Builder(LogKey(b"\x01" * 32, b"\x01" * 32))
    assert refused(receipt, Trust(ORIGIN, other.log_keys)) in {"C25", "C82"}


def test_another_origin_is_another_log(receipt, trust):
    assert refused(receipt, replace(trust, origin="sviedka.invalid/other")) == "C82"


@pytest.mark.parametrize("field", ["sha256", "blake3", "name", "salt"])
def test_openings_of_something_else_do_not_fit(receipt, trust, field):
    parsed = parse_receipt(receipt)
    other = {"salt": bytes(32), "name": "other"}.get(field, Digest.of(b"something else"))
    assert refused(replace(parsed, openings=replace(parsed.openings, **{field: other})), trust) == "C83"


def test_an_entry_that_is_no_accession_makes_no_receipt(builder, receipt, trust):
    assert refused(replace(parse_receipt(receipt), entry=builder.genesis), trust) == "C82"


def test_an_entry_of_elsewhere_in_the_log_does_not_stand_at_its_index(builder, trust):
    earlier = parse_receipt(receipt_for(builder, builder.anna, "main", "first.txt", b"1"))
    later = parse_receipt(receipt_for(builder, builder.anna, "main", "second.txt", b"2"))
    assert refused(replace(later, entry=earlier.entry, openings=earlier.openings), trust) == "C13"


def test_a_key_that_did_not_sign_the_entry_is_not_the_agents(builder, receipt, trust):
    other = builder.person().key.public
    assert refused(replace(parse_receipt(receipt), agent_key=other), trust) == "C81"


@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_no_byte_of_it_can_be_changed(receipt, trust, place, change):
    data = bytearray(receipt)
    data[int(place * len(data))] ^= change
    assert refused(bytes(data), trust)[0] in "CIK"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"c2sp.org/tlog-proof@v1\nindex 0\n\nnote", b"\xff\n\nx"])
def test_what_is_no_receipt_is_refused(data):
    with pytest.raises(CustodyError) as raised:
        parse_receipt(data)
    assert raised.value.code in {"C34", "C80"}


def test_a_file_is_the_one_or_another():
    openings = replace(OPENINGS, sha256=Digest.of(ORIGINAL))
    stream = io.BytesIO(ORIGINAL)
    assert check_file(openings, lambda: stream.read(5)) == len(ORIGINAL)
    with pytest.raises(CustodyError) as raised:
        check_file(openings, io.BytesIO(b"").read)
    assert raised.value.code == "C84"


def test_each_field_is_committed_to_by_itself():
    own, other = OPENINGS.commitments(), replace(OPENINGS, name="other").commitments()
    assert {label for label in own if own[label] != other[label]} == {"name"}
    assert len(set(own.values())) == 3


def test_a_trust_file_has_one_spelling(trust):
    data = format_trust(trust)
    assert parse_trust(data) == trust
    for other in (data + b"\n", data[:-1] + b" \n", b"{}", b"", data.replace(b'"v":1', b'"v":2')):
        with pytest.raises(CustodyError) as raised:
            parse_trust(other)
        assert raised.value.code == "C85"
