"""Signed notes: what is read, what is believed, and every rule broken once."""

from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import CustodyError
from archive.notes import (
    LARGEST_NOTE_BYTES,
    MOST_SIGNATURES,
    Ed25519Verifier,
    Note,
    Signature,
    Verified,
    format_note,
    format_signature,
    open_note,
    parse_note,
)
from archive.vkeys import ED25519, ED25519_COSIGNATURE, VKey, parse_vkey

# The example of c2sp.org/signed-note.
EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

TEXT = "Першы радок\n\nдругі радок\n".encode()


@contextmanager
def refused(code):
    with pytest.raises(CustodyError) as caught:
        yield caught
    assert caught.value.code == code


def signer(name, seed=1):
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    vkey = VKey.of(name, ED25519, key.public_key().public_bytes_raw())
    return Ed25519Verifier(vkey), lambda text: Signature(name, vkey.key_id, key.sign(text))


ALPHA, sign_alpha = signer("alpha.example/log")
BETA, sign_beta = signer("beta.example", seed=2)


def test_the_published_example_opens():
    opened = open_note(EXAMPLE, [Ed25519Verifier(parse_vkey(EXAMPLE_VKEY))])
    assert opened.text == b"This is an example message.\n"
    assert opened.verified == (Verified("example.com/foo", bytes.fromhex("530d903a"), ED25519, None),)


def test_the_text_runs_to_the_last_empty_line():
    assert open_note(format_note(TEXT, [sign_alpha(TEXT)]), [ALPHA]).text == TEXT
    assert parse_note(format_note(b"\n", [sign_alpha(b"\n")])).text == b"\n"
    assert parse_note(format_note(b"a\n\n", [sign_alpha(b"a\n\n")])).text == b"a\n\n"


@settings(max_examples=50)
@given(
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"])).map(
        lambda text: f"{text}\n".encode()
    ),
    st.lists(st.binary(min_size=5, max_size=80), min_size=1, max_size=MOST_SIGNATURES),
)
def test_every_note_survives_writing_and_reading(text, blobs):
    note = Note(text, tuple(Signature(f"key{n}.example", blob[:4], blob[4:]) for n, blob in enumerate(blobs)))
    assert parse_note(format_note(note.text, note.signatures)) == note


def test_every_known_key_that_signed_is_named_once():
    note = format_note(TEXT, [sign_beta(TEXT), sign_alpha(TEXT), sign_alpha(TEXT)])
    assert [seen.name for seen in open_note(note, [ALPHA, BETA]).verified] == [
        "beta.example",
        "alpha.example/log",
    ]


def test_signatures_of_unknown_keys_are_passed_over():
    known = sign_alpha(TEXT)
    same_name = Signature(known.name, b"\x00\x00\x00\x00", b"nothing")
    same_id = Signature("other.example", known.key_id, b"nothing")
    opened = open_note(format_note(TEXT, [same_name, same_id, known]), [ALPHA])
    assert [seen.key_id for seen in opened.verified] == [known.key_id]
    with refused("C25"):
        open_note(format_note(TEXT, [same_name, same_id]), [ALPHA])


def test_a_note_that_no_known_key_signed_is_refused():
    note = format_note(TEXT, [sign_alpha(TEXT)])
    with refused("C25"):
        open_note(note, [BETA])
    with refused("C25"):
        open_note(note, [])


@pytest.mark.parametrize("failing_first", [True, False])
def test_one_failing_signature_of_a_known_key_condemns_the_note(failing_first):
    bad = Signature(ALPHA.vkey.name, ALPHA.vkey.key_id, sign_alpha(b"other\n").signature)
    for good in (sign_beta(TEXT), sign_alpha(TEXT)):
        lines = [bad, good] if failing_first else [good, bad]
        with refused("C24") as caught:
            open_note(format_note(TEXT, lines), [ALPHA, BETA])
        assert caught.value.found == ALPHA.vkey.key_id.hex()


def test_no_byte_of_the_text_may_change():
    verifier = Ed25519Verifier(parse_vkey(EXAMPLE_VKEY))
    for position in range(len(b"This is an example message.")):
        changed = EXAMPLE[:position] + bytes([EXAMPLE[position] ^ 1]) + EXAMPLE[position + 1 :]
        with refused("C24"):
            open_note(changed, [verifier])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        EXAMPLE[:-1],
        EXAMPLE[:-1] + b"x",
        EXAMPLE.partition(b"\n\n")[2],
        EXAMPLE + b"\n",
        EXAMPLE + b"more\n",
        EXAMPLE.replace(b"\n\n", b"\n"),
        EXAMPLE.replace(b"\n", b"\r\n"),
        EXAMPLE.replace(b"example m", b"example\tm"),
        EXAMPLE.replace(b"example m", b"example\x00m"),
        EXAMPLE.replace(b"example m", b"example\xff"),
        EXAMPLE.replace("— ".encode(), b"- "),
        EXAMPLE.replace("— ".encode(), "—".encode()),
        EXAMPLE.replace("— ".encode(), "—  ".encode()),
        EXAMPLE.replace("— ".encode(), " — ".encode()),
        EXAMPLE.replace(b"com/foo", b"com+foo"),
        EXAMPLE.replace(b"com/foo", "com\u00a0foo".encode()),
        EXAMPLE.replace(b"example.com/foo ", b" "),
        EXAMPLE.replace(b"aQM=", b"aQM"),
        EXAMPLE.replace(b"aQM=", b"aQN="),
        EXAMPLE.replace(b"aQM=", b"aQM=="),
        EXAMPLE.replace(b"aQM=", b"aQM= "),
        EXAMPLE.replace(b"8srV", b"8s-V"),
        "text\n\n— a.example AAAAAA==\n".encode(),
        "text\n\n— a.example AAAA\n".encode(),
    ],
)
def test_a_malformed_note_is_refused(data):
    with refused("C22"):
        parse_note(data)
    with refused("C22"):
        open_note(data, [Ed25519Verifier(parse_vkey(EXAMPLE_VKEY))])


def test_sixty_four_signatures_are_read_and_no_more():
    line = Signature("many.example", b"abcd", bytes(64))
    assert len(parse_note(format_note(TEXT, [line] * MOST_SIGNATURES)).signatures) == 64
    with refused("C23"):
        parse_note(TEXT + b"\n" + format_signature(line).encode() * (MOST_SIGNATURES + 1))


def test_a_note_of_a_million_bytes_is_read_and_no_longer():
    tail = b"\n\n" + format_signature(sign_alpha(b"x")).encode()
    longest = b"x" * (LARGEST_NOTE_BYTES - len(tail)) + tail
    assert len(parse_note(longest).signatures) == 1
    with refused("C23"):
        parse_note(b"x" + longest)


@pytest.mark.parametrize("text", [b"", b"no newline", b"carriage\r\n", b"\xff\n"])
def test_text_that_no_note_can_hold_is_not_written(text):
    with refused("C22"):
        format_note(text, [sign_alpha(TEXT)])


def test_a_note_without_signatures_or_with_a_bad_name_is_not_written():
    with refused("C22"):
        format_note(TEXT, [])
    with refused("C20"):
        format_note(TEXT, [Signature("a b", b"abcd", bytes(64))])
    with refused("C22"):
        format_note(TEXT, [Signature("a.example", b"abcd", b"")])


def test_two_known_keys_under_one_name_and_id_are_refused():
    with refused("C35"):
        open_note(EXAMPLE, [ALPHA, ALPHA])


def test_a_key_serves_only_its_own_type():
    with refused("C20"):
        Ed25519Verifier(VKey.of("a.example", ED25519_COSIGNATURE, ALPHA.vkey.public))
