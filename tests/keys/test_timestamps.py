"""Timestamps under pinned certificates: what holds, and each way of forging one."""

from datetime import UTC, datetime, timedelta

import pytest
from rfc3161_client import TimestampRequestBuilder
from rfc3161_client.base import HashAlgorithm
from stamping import Authority, certificate, key, pem

from archive.errors import KeysError
from keys.pins import Pins, parse_pins
from keys.timestamps import new_request, verify_answer, verify_timestamp, verify_under_any

pytestmark = pytest.mark.openssl
NOTE = b"a checkpoint\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("time") / "authority")


@pytest.fixture(scope="module")
def pins(authority):
    return parse_pins(authority.pins)


@pytest.fixture(scope="module")
def stamped(authority):
    return authority.answer(new_request(NOTE).data)


def request_with_certificates(data=NOTE):
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes()


def refused(code, act, *arguments):
    with pytest.raises(KeysError) as caught:
        act(*arguments)
    assert caught.value.code == code, caught.value


def test_a_timestamp_of_a_pinned_authority_holds(authority, pins):
    request = new_request(NOTE)
    now = datetime.now(UTC)
    stamp = verify_answer(pins, NOTE, authority.answer(request.data), request, now)
    assert abs(stamp.made - now) < timedelta(seconds=10)
    assert (stamp.signer, stamp.accuracy) == ("CN=Time", timedelta(seconds=1))
    assert stamp.existed_by == (stamp.made + stamp.accuracy).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_one_that_brings_its_certificates_along_holds_too(authority, pins):
    assert verify_timestamp(pins, NOTE, authority.answer(request_with_certificates())).signer == "CN=Time"


def test_one_over_another_checkpoint_is_refused(pins, stamped):
    refused("K38", verify_timestamp, pins, NOTE + b".", stamped)


def test_one_over_a_digest_of_another_kind_is_refused(authority, pins):
    builder = TimestampRequestBuilder().data(NOTE).hash_algorithm(HashAlgorithm.SHA512)
    request = builder.cert_request(cert_request=False).build().as_bytes()
    refused("K38", verify_timestamp, pins, NOTE, authority.answer(request))


def test_the_answer_to_another_request_is_refused(pins, stamped):
    refused("K39", verify_answer, pins, NOTE, stamped, new_request(NOTE), datetime.now(UTC))


def test_an_authority_whose_clock_is_far_from_ours_is_refused(authority, pins):
    request = new_request(NOTE)
    answer = authority.answer(request.data)
    for days in (-1, 1):
        refused("K40", verify_answer, pins, NOTE, answer, request, datetime.now(UTC) + timedelta(days=days))


def test_one_of_another_authority_is_refused(tmp_path, pins):
    other = Authority(
        tmp_path / "other", root_name="Another root, of another time altogether, or so it is said"
    )
    refused("K37", verify_timestamp, pins, NOTE, other.answer(new_request(NOTE).data))


def test_a_forged_chain_with_the_same_names_and_numbers_is_refused(tmp_path, pins):
    forger = Authority(tmp_path / "forger")
    for request in (new_request(NOTE).data, request_with_certificates()):
        refused("K37", verify_timestamp, pins, NOTE, forger.answer(request))


def test_a_certificate_that_the_root_gave_to_somebody_else_is_refused(tmp_path, authority, pins):
    other = Authority(tmp_path / "other", root_key=authority.root_key)
    for serial in (7, 8):
        other.install(other.signing(serial=serial))
        refused("K37", verify_timestamp, pins, NOTE, other.answer(request_with_certificates()))


@pytest.mark.parametrize("days", [(-30, -1), (1, 30)])
def test_one_made_when_its_certificate_was_not_valid_is_refused(tmp_path, days):
    late = Authority(tmp_path / "late", days=days)
    answer = late.answer(new_request(NOTE).data)
    refused("K37", verify_timestamp, parse_pins(late.pins), NOTE, answer)


def test_one_by_a_certificate_that_is_not_for_timestamps_is_refused(authority, stamped):
    without = authority.signing(purpose=False)
    refused("K34", parse_pins, pem(without, authority.root))
    refused("K37", verify_timestamp, Pins((without,), (), (authority.root,)), NOTE, stamped)


def test_an_altered_one_is_refused_or_says_the_same(pins, stamped):
    said, refusals = verify_timestamp(pins, NOTE, stamped), 0
    for place in range(len(stamped)):
        for bit in (0x01, 0x80):
            altered = bytearray(stamped)
            altered[place] ^= bit
            try:
                assert verify_timestamp(pins, NOTE, bytes(altered)) == said, place
            except KeysError:
                refusals += 1
    assert refusals > len(stamped) * 1.9


def test_what_was_cut_off_or_is_something_else_is_refused(pins, stamped):
    for length in range(0, len(stamped), 7):
        refused("K35", verify_timestamp, pins, NOTE, stamped[:length])
    refused("K35", verify_timestamp, pins, NOTE, b"<html>no</html>" * 10_000)


def test_a_refusal_of_the_authority_is_told(authority, pins):
    builder = TimestampRequestBuilder().data(NOTE).hash_algorithm(HashAlgorithm.SHA512)
    config = authority.place / "ts.cnf"
    usual = config.read_text()
    config.write_text(usual.replace("sha256, sha512", "sha256"))
    try:
        answer = authority.answer(builder.build().as_bytes())
    finally:
        config.write_text(usual)
    refused("K36", verify_timestamp, pins, NOTE, answer)


def test_the_pins_that_fit_are_found_among_several(tmp_path, pins, stamped):
    other = Authority(
        tmp_path / "other", root_name="Another root, of another time altogether, or so it is said"
    )
    others = parse_pins(other.pins)
    assert verify_under_any([others, pins], NOTE, stamped).signer == "CN=Time"
    same_names = parse_pins(Authority(tmp_path / "namesake").pins)
    assert verify_under_any([same_names, pins], NOTE, stamped).signer == "CN=Time"
    refused("K38", verify_under_any, [pins], b"", stamped)
    refused("K37", verify_under_any, [others, same_names], NOTE, stamped)
    refused("K37", verify_under_any, [], NOTE, stamped)


def test_an_authority_may_have_several_certificates_and_chains(authority):
    middle_key, name = key(), "The one between the root and the clock"
    middle = certificate(name, middle_key, authority.root_name, authority.root_key, authority=True, serial=8)
    below = certificate("Time", authority.signer_key, name, middle_key, serial=9)
    found = parse_pins(pem(below, middle, authority.signer, authority.root))
    assert (len(found.signers), found.intermediates, found.roots) == (2, (middle,), (authority.root,))
    authority_of_two = authority.place.parent / "two"
    two = Authority(authority_of_two, root_key=authority.root_key, signer_key=authority.signer_key)
    two.install(below)
    assert verify_timestamp(found, NOTE, two.answer(new_request(NOTE).data)).signer == "CN=Time"


def test_pins_that_are_not_all_there_are_refused(authority):
    lonely = certificate("Time", key(), "Nobody", key())
    for data in (
        b"",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        pem(authority.root),
        pem(authority.signer),
        pem(authority.signer, lonely, authority.root),
        authority.pins * 200,
    ):
        refused("K34", parse_pins, data)
