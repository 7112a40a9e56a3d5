"""Sealing and opening as a whole: headers, commitments, rewrapping."""

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.digests import Digest
from archive.errors import KeysError
from keys.errors import CommitmentError, HeaderError, MacError, NoMatch, PayloadError
from keys.filekey import FileKey
from keys.identities import Identity, PassphraseIdentity, X25519Identity
from keys.recipients import PassphraseRecipient
from keys.sealing import Sealer, open_, open_stream, rewrap, seal, split, unwrap
from keys.stanzas import end_line, format_header
from keys.wrapping import hkdf

CHEAPEST = 1
ALICE = Identity(bytes(range(32)))
BORIS = Identity(bytes(range(1, 33)))
CLASSIC = X25519Identity(bytes(range(2, 34)))
WORDS = PassphraseIdentity("six words that nobody will guess", CHEAPEST)
PASSPHRASE = PassphraseRecipient("six words that nobody will guess", CHEAPEST)
TEXT = "Ён сказаў: я бачыў гэта сам.".encode()

PAIRS = [
    pytest.param(ALICE, [ALICE.recipient], id="post-quantum"),
    pytest.param(BORIS, [ALICE.recipient, BORIS.recipient], id="second of two"),
    pytest.param(CLASSIC, [CLASSIC.recipient], id="classic"),
    pytest.param(WORDS, [PASSPHRASE], id="passphrase"),
]


@pytest.mark.parametrize(("identity", "recipients"), PAIRS)
def test_what_is_sealed_opens_for_its_recipients(identity, recipients):
    sealed = seal(TEXT, recipients)
    assert open_(sealed.header, sealed.body, identity, commitment=sealed.commitment) == TEXT
    assert open_(sealed.header, sealed.body, [CLASSIC, identity], commitment=None) == TEXT


@pytest.mark.parametrize(("_identity", "recipients"), PAIRS)
def test_nobody_else_opens_it(_identity, recipients):
    sealed = seal(TEXT, recipients)
    others = [Identity.generate(), X25519Identity.generate(), PassphraseIdentity("something else", CHEAPEST)]
    for other in [*others, others, []]:
        with pytest.raises(NoMatch) as caught:
            open_(sealed.header, sealed.body, other, commitment=None)
        assert (caught.value.code, caught.value.exit_status) == ("K13", 3)


def test_header_and_body_together_are_one_age_file():
    sealed = seal(TEXT, [ALICE.recipient])
    age_file = sealed.header + sealed.body
    assert split(age_file) == (sealed.header, sealed.body)
    header, rest = split(io.BytesIO(age_file))
    assert (header, rest.read()) == (sealed.header, sealed.body)


def test_what_is_no_age_file_is_not_split():
    for noise in (
        b"",
        b"%PDF-1.7\n",
        b"age-encryption.org/v1\n--- short\n",
        b"age-encryption.org/v2\n-> a\n",
    ):
        for source in (noise, io.BytesIO(noise)):
            with pytest.raises(HeaderError):
                split(source)


@given(st.binary(max_size=1000), st.integers(0))
@settings(deadline=None)
def test_any_flipped_byte_fails(plaintext, at):
    sealed = seal(plaintext, [ALICE.recipient])
    age_file = bytearray(sealed.header + sealed.body)
    age_file[at % len(age_file)] ^= 0x01
    header, body = bytes(age_file[: len(sealed.header)]), bytes(age_file[len(sealed.header) :])
    with pytest.raises((HeaderError, NoMatch, MacError, PayloadError)):
        open_(header, body, ALICE, commitment=sealed.commitment)


def test_every_truncation_of_a_file_fails():
    sealed = seal(TEXT, [CLASSIC.recipient])
    for kept in range(len(sealed.header)):
        with pytest.raises(HeaderError):
            unwrap(sealed.header[:kept], CLASSIC)
    for kept in range(len(sealed.body)):
        with pytest.raises((HeaderError, PayloadError)):
            open_(sealed.header, sealed.body[:kept], CLASSIC, commitment=None)


def test_a_stanza_added_by_somebody_without_the_key_fails():
    sealed = seal(TEXT, [ALICE.recipient])
    covered, mac = sealed.header.split(b"---")
    grease = format_header(())[len(b"age-encryption.org/v1\n") : -3] + b"-> grease\n\n"
    with pytest.raises(MacError) as caught:
        unwrap(covered + grease + b"---" + mac, ALICE)
    assert (caught.value.code, caught.value.exit_status) == ("K14", 4)


def test_the_commitment_is_the_one_of_the_design():
    sealer = Sealer([ALICE.recipient])
    raw = unwrap(sealer.header, ALICE).raw
    assert sealer.commitment == hkdf(raw, salt=b"", info=b"sviedka/file-key").hex()
    assert isinstance(sealer.commitment, Digest)


def test_a_body_made_to_open_under_another_key_is_refused_by_its_commitment():
    sealed = seal(TEXT, [ALICE.recipient])
    planted = seal(b"something else entirely", [ALICE.recipient])
    with pytest.raises(CommitmentError) as caught:
        open_(planted.header, planted.body, ALICE, commitment=sealed.commitment)
    assert (caught.value.code, caught.value.exit_status) == ("K16", 4)


def test_the_commitment_is_checked_before_any_plaintext():
    sealed = seal(TEXT, [ALICE.recipient])
    with pytest.raises(CommitmentError):
        open_stream(sealed.header, io.BytesIO(sealed.body), ALICE, commitment=Digest("0" * 64))


@given(st.integers(0, 200_000))
@settings(deadline=None, max_examples=20)
def test_rewrapping_keeps_the_body_and_the_commitment(size):
    sealed = seal(bytes(size), [ALICE.recipient])
    header = rewrap(sealed.header, ALICE, BORIS.recipient)
    assert open_(header, sealed.body, BORIS, commitment=sealed.commitment) == bytes(size)
    with pytest.raises(NoMatch):
        unwrap(header, ALICE)


def test_rewrapping_for_an_outside_recipient_gives_a_classic_header():
    sealed = seal(TEXT, [ALICE.recipient])
    header = rewrap(sealed.header, ALICE, CLASSIC.recipient)
    assert open_(header, sealed.body, CLASSIC, commitment=sealed.commitment) == TEXT


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [ALICE.recipient, CLASSIC.recipient],
        [PASSPHRASE, PASSPHRASE],
        [PASSPHRASE, ALICE.recipient],
        [PASSPHRASE, CLASSIC.recipient],
        [CLASSIC.recipient] * 65,
        [ALICE.recipient] * 50,
    ],
    ids=["none", "mixed", "two passphrases", "passphrase and pq", "passphrase and classic", "many", "long"],
)
def test_recipients_that_may_not_stand_together_are_refused(recipients):
    with pytest.raises(KeysError) as caught:
        seal(TEXT, recipients)
    assert caught.value.code == "K17"


def test_a_mixed_file_from_elsewhere_is_read():
    file_key = FileKey(bytes(16))
    stanzas = tuple(one.recipient.wrap(file_key.raw, bytes_of_ones) for one in (CLASSIC, ALICE))
    covered = format_header(stanzas)
    header = covered + end_line(file_key.header_mac(covered))
    assert unwrap(header, ALICE).raw == unwrap(header, CLASSIC).raw == file_key.raw


def bytes_of_ones(count):
    return b"\x01" * count


def test_randomness_is_the_one_given():
    drawn = []

    def source(count):
        drawn.append(count)
        return bytes_of_ones(count)

    one, two = (seal(TEXT, [CLASSIC.recipient], random=source) for _ in range(2))
    assert (one.header, one.body) == (two.header, two.body)
    assert drawn == [16, 32, 16] * 2


def test_two_sealings_of_the_same_bytes_share_nothing():
    one, two = (seal(TEXT, [ALICE.recipient]) for _ in range(2))
    assert one.commitment != two.commitment
    assert one.body[:16] != two.body[:16]
    assert one.header != two.header


def test_the_nonce_comes_with_the_first_output_and_only_once():
    sealer = Sealer([ALICE.recipient])
    first = sealer.update(b"")
    assert len(first) == 16
    assert sealer.update(b"text") == b""
    assert open_(sealer.header, first + sealer.finish(), ALICE, commitment=None) == b"text"


def test_an_empty_file_seals_and_opens():
    sealed = seal(b"", [ALICE.recipient])
    assert len(sealed.body) == 32
    assert open_(sealed.header, sealed.body, ALICE, commitment=sealed.commitment) == b""


def test_memory_stays_flat_whatever_the_size():
    sealer, block = Sealer([ALICE.recipient]), bytes(1 << 20)
    tracemalloc.start()
    try:
        for _ in range(32):
            sealer.update(block)
        sealer.finish()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(block)
