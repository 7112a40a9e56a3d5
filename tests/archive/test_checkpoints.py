"""Checkpoints: their text, who has to sign them, and cosignatures down to the byte."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from hypothesis import given
from hypothesis import strategies as st

from archive.checkpoints import (
    Checkpoint,
    CosignatureVerifier,
    Mldsa44Verifier,
    cosigned_message,
    format_checkpoint,
    join_cosignature,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
    subtree_message,
)
from archive.errors import CustodyError
from archive.merkle import EMPTY_ROOT
from archive.notes import Ed25519Verifier, Signature, format_note, open_note, parse_note
from archive.vkeys import ED25519, ED25519_COSIGNATURE, MLDSA44, VKey

ORIGIN = "archive.example/log"
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 70_000, ROOT)
TEXT = b"archive.example/log\n70000\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
NOW = 1_790_000_000


@contextmanager
def refused(code):
    with pytest.raises(CustodyError) as caught:
        yield caught
    assert caught.value.code == code


def check_mldsa44(public, message, signature):
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise CustodyError("C19", "ML-DSA-44 signature does not verify") from None


def ed25519_key(seed):
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def ed25519_vkey(seed, name=ORIGIN, kind=ED25519):
    return VKey.of(name, kind, ed25519_key(seed).public_key().public_bytes_raw())


def mldsa44_key(seed):
    return MLDSA44PrivateKey.from_seed_bytes(bytes([seed]) * 32)


def mldsa44_vkey(seed, name=ORIGIN):
    return VKey.of(name, MLDSA44, mldsa44_key(seed).public_key().public_bytes_raw())


PLAIN = Ed25519Verifier(ed25519_vkey(1))
TIMED = Mldsa44Verifier(mldsa44_vkey(2), check_mldsa44)
COSIGNER = CosignatureVerifier(ed25519_vkey(3, "cosigner.example", ED25519_COSIGNATURE))
COSIGNER44 = Mldsa44Verifier(mldsa44_vkey(4, "cosigner44.example"), check_mldsa44)


def signed(checkpoint=CHECKPOINT, timestamp=NOW, **changes):
    keys = {
        "sign_ed25519": ed25519_key(1).sign,
        "ed25519_vkey": PLAIN.vkey,
        "sign_mldsa44": mldsa44_key(2).sign,
        "mldsa44_vkey": TIMED.vkey,
    }
    return sign_checkpoint(checkpoint, timestamp=timestamp, **(keys | changes))


def cosignature(verifier, key, message, timestamp=NOW):
    vkey = verifier.vkey
    return Signature(vkey.name, vkey.key_id, join_cosignature(timestamp, key.sign(message)))


def cosigned(text=TEXT, timestamp=NOW):
    return cosignature(COSIGNER, ed25519_key(3), cosigned_message(timestamp, text), timestamp)


def cosigned44(checkpoint=CHECKPOINT, timestamp=NOW):
    message = subtree_message(COSIGNER44.vkey.name, timestamp, checkpoint)
    return cosignature(COSIGNER44, mldsa44_key(4), message, timestamp)


def with_lines(*lines, note=None):
    note = parse_note(note or signed())
    return format_note(note.text, (*note.signatures, *lines))


# The text.


def test_the_text_is_origin_size_and_root():
    assert format_checkpoint(CHECKPOINT) == TEXT
    assert parse_checkpoint(TEXT) == CHECKPOINT


def test_the_published_example_is_read():
    text = b"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = parse_checkpoint(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert format_checkpoint(checkpoint) == text


def test_an_origin_need_not_look_like_an_address():
    odd = Checkpoint("журнал + архіва", 1, ROOT)
    assert parse_checkpoint(format_checkpoint(odd)) == odd


def test_extension_lines_are_kept_but_never_signed_by_us():
    extended = replace(CHECKPOINT, extensions=("one", "two words"))
    assert parse_checkpoint(format_checkpoint(extended)) == extended
    with refused("C26"):
        signed(extended)


@given(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1),
    st.integers(1, 10**19 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_every_checkpoint_survives_writing_and_reading(origin, size, root):
    checkpoint = Checkpoint(origin, size, root)
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        TEXT[:-1],
        TEXT + b"\n",
        b"\n" + TEXT,
        TEXT + b"one\n\ntwo\n",
        TEXT + b"no newline",
        b"\xff" + TEXT,
        TEXT.replace(b"archive.example/log", b""),
        TEXT.replace(b"70000", b"070000"),
        TEXT.replace(b"70000", b"+70000"),
        TEXT.replace(b"70000", b"-1"),
        TEXT.replace(b"70000", b" 70000"),
        TEXT.replace(b"70000", b"70_000"),
        TEXT.replace(b"70000", b"0x11170"),
        TEXT.replace(b"70000", "٧".encode()),
        TEXT.replace(b"70000", b"9" * 20),
        TEXT.replace(b"70000", b""),
        TEXT.replace(b"70000", b"0"),
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.replace(b"Hh8=", b"Hh8"),
        TEXT.replace(b"Hh8=", b"Hh9="),
        TEXT.replace(b"Hh8=", b"Hg=="),
        TEXT.replace(b"Hh8=", b"Hh8g"),
    ],
)
def test_malformed_text_is_refused(text):
    with refused("C26"):
        parse_checkpoint(text)


def test_an_empty_tree_has_the_empty_root_and_no_other():
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert parse_checkpoint(format_checkpoint(empty)) == empty
    with refused("C26"):
        format_checkpoint(Checkpoint(ORIGIN, 0, ROOT))


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": ""},
        {"origin": "two\nlines"},
        {"origin": "\ud800"},
        {"size": -1},
        {"size": 10**19},
        {"root": b""},
        {"root": bytes(31)},
        {"extensions": ("",)},
        {"extensions": ("two\nlines",)},
    ],
)
def test_what_no_text_can_say_is_not_written(changes):
    with refused("C26"):
        format_checkpoint(replace(CHECKPOINT, **changes))


# Messages.


def test_an_ed25519_cosigner_signs_header_time_and_text():
    assert cosigned_message(1679315147, TEXT) == b"cosignature/v1\ntime 1679315147\n" + TEXT


def test_an_mldsa44_cosigner_signs_the_structure_of_the_specification():
    expected = (
        b"subtree/v1\n\x00"
        + b"\x10cosigner.example"
        + (1679315147).to_bytes(8, "big")
        + b"\x13archive.example/log"
        + bytes(8)
        + (70_000).to_bytes(8, "big")
        + ROOT
    )
    assert subtree_message("cosigner.example", 1679315147, CHECKPOINT) == expected


@pytest.mark.parametrize("name", ["", "n" * 256, "ы" * 128])
def test_a_name_that_does_not_fit_its_length_byte_is_refused(name):
    with refused("C29"):
        subtree_message(name, 0, CHECKPOINT)
    with refused("C29"):
        subtree_message("cosigner.example", 0, replace(CHECKPOINT, origin=name))


@pytest.mark.parametrize("timestamp", [-1, 2**63])
def test_a_time_out_of_range_is_refused(timestamp):
    with refused("C29"):
        cosigned_message(timestamp, TEXT)
    with refused("C29"):
        subtree_message("cosigner.example", timestamp, CHECKPOINT)
    with refused("C29"):
        join_cosignature(timestamp, bytes(64))


@pytest.mark.parametrize("name", ["n", "n" * 255, "ы" * 127])
def test_names_of_1_to_255_bytes_fit_their_length_byte(name):
    length = len(name.encode())
    assert subtree_message(name, 0, CHECKPOINT)[12:][: length + 1] == bytes([length]) + name.encode()
    assert bytes([length]) + name.encode() in subtree_message("c", 0, replace(CHECKPOINT, origin=name))


def test_the_last_time_there_is_fits():
    assert cosigned_message(2**63 - 1, TEXT).startswith(b"cosignature/v1\ntime 9223372036854775807\n")
    assert join_cosignature(2**63 - 1, b"")[:8] == b"\x7f" + b"\xff" * 7


# Signing and opening.


def test_our_log_signs_with_both_keys_under_its_origin():
    note = signed()
    assert open_checkpoint(note, [PLAIN, TIMED], ORIGIN) == CHECKPOINT
    seen = open_note(note, [PLAIN, TIMED]).verified
    assert [(one.name, one.type, one.timestamp) for one in seen] == [
        (ORIGIN, ED25519, None),
        (ORIGIN, MLDSA44, NOW),
    ]


def test_cosigners_are_named_with_the_time_they_state():
    note = with_lines(cosigned(timestamp=NOW + 5), cosigned44(timestamp=0))
    assert open_checkpoint(note, [PLAIN, TIMED, COSIGNER, COSIGNER44], ORIGIN) == CHECKPOINT
    times = {one.name: one.timestamp for one in open_note(note, [COSIGNER, COSIGNER44]).verified}
    assert times == {"cosigner.example": NOW + 5, "cosigner44.example": 0}


def test_a_verifier_that_knows_one_of_the_keys_opens_what_both_signed():
    assert open_checkpoint(signed(), [PLAIN], ORIGIN) == CHECKPOINT
    assert open_checkpoint(signed(), [TIMED], ORIGIN) == CHECKPOINT


@pytest.mark.parametrize("dropped", [0, 1])
def test_dropping_one_of_the_logs_signatures_does_not_go_unnoticed(dropped):
    note = parse_note(signed())
    left = format_note(note.text, [line for n, line in enumerate(note.signatures) if n != dropped])
    with refused("C28"):
        open_checkpoint(left, [PLAIN, TIMED], ORIGIN)


def test_an_older_key_of_the_log_may_stay_known():
    older = Ed25519Verifier(ed25519_vkey(9))
    assert open_checkpoint(signed(), [older, PLAIN, TIMED], ORIGIN) == CHECKPOINT


def test_cosigners_alone_do_not_make_a_checkpoint():
    note = format_note(TEXT, [cosigned(), cosigned44()])
    for known in ([COSIGNER, COSIGNER44], [PLAIN, COSIGNER], [TIMED, COSIGNER44]):
        with refused("C28"):
            open_checkpoint(note, known, ORIGIN)


def test_a_checkpoint_of_another_log_is_refused():
    with refused("C27") as caught:
        open_checkpoint(signed(), [PLAIN, TIMED], "other.example/log")
    assert ORIGIN in caught.value.found


def test_a_key_of_another_log_does_not_sign():
    for changes in (
        {"ed25519_vkey": ed25519_vkey(1, "other.example/log")},
        {"mldsa44_vkey": mldsa44_vkey(2, "other.example/log")},
    ):
        with refused("C27"):
            signed(**changes)
    with refused("C20"):
        signed(ed25519_vkey=TIMED.vkey)
    with refused("C20"):
        signed(mldsa44_vkey=PLAIN.vkey)


@pytest.mark.parametrize(
    "changes", [{"size": 70_001}, {"root": ROOT[::-1]}, {"origin": "archive.example/lug"}]
)
def test_signatures_do_not_move_to_another_checkpoint(changes):
    other = replace(CHECKPOINT, **changes)
    note = format_note(format_checkpoint(other), parse_note(with_lines(cosigned(), cosigned44())).signatures)
    for known in (PLAIN, TIMED, COSIGNER, COSIGNER44):
        with refused("C24"):
            open_checkpoint(note, [known], other.origin)


@pytest.mark.parametrize(("verifier", "line"), [(COSIGNER, cosigned()), (COSIGNER44, cosigned44())])
def test_a_cosignature_holds_only_with_its_own_time_and_length(verifier, line):
    later = join_cosignature(NOW + 1, line.signature[8:])
    beyond = (2**63).to_bytes(8, "big") + line.signature[8:]
    malformed = (beyond, line.signature[8:], line.signature[:-1], line.signature + b"\x00", b"\x00")
    for blob in malformed:
        with refused("C29"):
            verifier.verify(TEXT, blob)
    for blob in (later, *malformed):
        with refused("C24"):
            open_checkpoint(with_lines(replace(line, signature=blob)), [PLAIN, verifier], ORIGIN)


def test_an_mldsa44_cosignature_is_bound_to_the_cosigners_name():
    renamed = Mldsa44Verifier(mldsa44_vkey(4, "another.example"), check_mldsa44)
    line = replace(cosigned44(), name="another.example", key_id=renamed.vkey.key_id)
    with refused("C24"):
        open_checkpoint(with_lines(line), [PLAIN, renamed], ORIGIN)


def test_a_plain_signature_does_not_pass_for_a_cosignature():
    vkey = ed25519_vkey(1, "cosigner.example", ED25519_COSIGNATURE)
    plain = Signature(vkey.name, vkey.key_id, join_cosignature(NOW, ed25519_key(1).sign(TEXT)))
    with refused("C24"):
        open_checkpoint(with_lines(plain), [PLAIN, CosignatureVerifier(vkey)], ORIGIN)


def test_cosignatures_are_only_of_checkpoints():
    text = b"no checkpoint\n"
    with refused("C24"):
        open_note(format_note(text, [cosigned(text)]), [COSIGNER])
    with refused("C24"):
        open_note(format_note(text, [cosigned44()]), [COSIGNER44])


def test_a_well_signed_note_that_is_no_checkpoint_is_refused():
    text = b"no checkpoint\n"
    note = format_note(text, [Signature(ORIGIN, PLAIN.vkey.key_id, ed25519_key(1).sign(text))])
    with refused("C26"):
        open_checkpoint(note, [PLAIN], ORIGIN)


def test_a_key_serves_only_its_own_type():
    with refused("C20"):
        CosignatureVerifier(PLAIN.vkey)
    with refused("C20"):
        Mldsa44Verifier(PLAIN.vkey, check_mldsa44)
