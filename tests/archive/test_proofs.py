"""Proofs of logging, as a court gets them: one text, some keys, and every way to break it."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from archive import merkle
from archive.checkpoints import (
    Checkpoint,
    CosignatureVerifier,
    cosigned_message,
    format_checkpoint,
    join_cosignature,
)
from archive.errors import CustodyError
from archive.notes import Ed25519Verifier, Signature, format_note
from archive.proofs import (
    LARGEST_PROOF_BYTES,
    MOST_HASHES,
    TlogProof,
    format_tlog_proof,
    parse_tlog_proof,
    verify_tlog_proof,
)
from archive.vkeys import ED25519, ED25519_COSIGNATURE, VKey

ORIGIN = "archive.example/log"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
COSIGNER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)
LOG = Ed25519Verifier(VKey.of(ORIGIN, ED25519, LOG_KEY.public_key().public_bytes_raw()))
COSIGNER = CosignatureVerifier(
    VKey.of("cosigner.example", ED25519_COSIGNATURE, COSIGNER_KEY.public_key().public_bytes_raw())
)

SIZE, INDEX = 11, 6
LEAVES = [merkle.leaf_hash(b"entry %d" % number) for number in range(SIZE)]


@contextmanager
def refused(code):
    with pytest.raises(CustodyError) as caught:
        yield
    assert caught.value.code == code


def frontier_root(leaves):
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def read(level, index):
    return frontier_root(LEAVES[index << level : (index + 1) << level])


def checkpoint_note(size=SIZE, time=1_790_000_000, signed_time=1_790_000_000):
    text = format_checkpoint(Checkpoint(ORIGIN, size, frontier_root(LEAVES[:size])))
    timed = join_cosignature(time, COSIGNER_KEY.sign(cosigned_message(signed_time, text)))
    return format_note(
        text,
        [
            Signature(ORIGIN, LOG.vkey.key_id, LOG_KEY.sign(text)),
            Signature("cosigner.example", COSIGNER.vkey.key_id, timed),
        ],
    )


PROOF = TlogProof(INDEX, tuple(merkle.prove_inclusion(INDEX, SIZE, read)), checkpoint_note())
WRITTEN = format_tlog_proof(PROOF)
KNOWN = [LOG, COSIGNER]


def test_an_honest_proof_gives_its_checkpoint():
    checkpoint = verify_tlog_proof(parse_tlog_proof(WRITTEN), LEAVES[INDEX], KNOWN, ORIGIN)
    assert checkpoint == Checkpoint(ORIGIN, SIZE, frontier_root(LEAVES))


def test_a_written_proof_reads_as_the_specification_shows():
    with_extra = format_tlog_proof(replace(PROOF, extra=b"salt"))
    head, _, checkpoint = with_extra.partition(b"\n\n")
    lines = head.decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra c2FsdA==", "index 6"]
    assert len(lines) == 3 + len(PROOF.hashes)
    assert checkpoint == PROOF.checkpoint


@given(
    st.integers(0, 10**19 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=MOST_HASHES),
    st.none() | st.binary(max_size=100),
)
def test_every_proof_survives_writing_and_reading(index, hashes, extra):
    proof = TlogProof(index, tuple(hashes), PROOF.checkpoint, extra)
    assert parse_tlog_proof(format_tlog_proof(proof)) == proof


def test_a_proof_in_a_log_of_one_has_no_hashes():
    proof = parse_tlog_proof(format_tlog_proof(TlogProof(0, (), checkpoint_note(1))))
    assert verify_tlog_proof(proof, LEAVES[0], KNOWN, ORIGIN).size == 1


def test_a_proof_of_64_hashes_is_read():
    longest = replace(PROOF, hashes=(bytes(32),) * MOST_HASHES)
    assert len(parse_tlog_proof(format_tlog_proof(longest)).hashes) == 64


def test_nothing_vouches_for_extra_data():
    proof = replace(PROOF, extra=b"anything")
    assert verify_tlog_proof(proof, LEAVES[INDEX], KNOWN, ORIGIN).size == SIZE


# Every step of the verification fails on its own.


def test_step_1_another_leaf_is_refused():
    with refused("C13"):
        verify_tlog_proof(PROOF, LEAVES[INDEX + 1], KNOWN, ORIGIN)
    with refused("C12"):
        verify_tlog_proof(PROOF, b"entry 6", KNOWN, ORIGIN)


def test_step_2_another_log_or_no_known_key_is_refused():
    with refused("C27"):
        verify_tlog_proof(PROOF, LEAVES[INDEX], KNOWN, "other.example/log")
    with refused("C28"):
        verify_tlog_proof(PROOF, LEAVES[INDEX], [COSIGNER], ORIGIN)
    with refused("C25"):
        verify_tlog_proof(PROOF, LEAVES[INDEX], [], ORIGIN)


def test_step_3_a_failing_cosignature_is_refused_by_those_who_know_the_cosigner():
    backdated = replace(PROOF, checkpoint=checkpoint_note(time=1_600_000_000))
    with refused("C24"):
        verify_tlog_proof(backdated, LEAVES[INDEX], KNOWN, ORIGIN)
    assert verify_tlog_proof(backdated, LEAVES[INDEX], [LOG], ORIGIN).size == SIZE


def test_step_4_another_index_path_or_tree_is_refused():
    for index in set(range(SIZE)) - {INDEX}:
        with pytest.raises(CustodyError):
            verify_tlog_proof(replace(PROOF, index=index), LEAVES[INDEX], KNOWN, ORIGIN)
    with refused("C10"):
        verify_tlog_proof(replace(PROOF, index=SIZE), LEAVES[INDEX], KNOWN, ORIGIN)
    with refused("C11"):
        verify_tlog_proof(replace(PROOF, hashes=PROOF.hashes[:-1]), LEAVES[INDEX], KNOWN, ORIGIN)
    with refused("C13"):
        verify_tlog_proof(replace(PROOF, hashes=PROOF.hashes[::-1]), LEAVES[INDEX], KNOWN, ORIGIN)
    with pytest.raises(CustodyError):
        verify_tlog_proof(replace(PROOF, checkpoint=checkpoint_note(SIZE - 1)), LEAVES[INDEX], KNOWN, ORIGIN)


def test_no_changed_byte_verifies_up_to_the_cosigners_line():
    # From there on, a changed name or key id makes the cosigner unknown, as the format wants it.
    for position in range(WRITTEN.index(b"cosigner.example")):
        changed = WRITTEN[:position] + bytes([WRITTEN[position] ^ 1]) + WRITTEN[position + 1 :]
        with pytest.raises(CustodyError):
            verify_tlog_proof(parse_tlog_proof(changed), LEAVES[INDEX], KNOWN, ORIGIN)


# The text.

HEAD = b"c2sp.org/tlog-proof@v1\nindex 6\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        WRITTEN.partition(b"\n\n")[0],
        WRITTEN.partition(b"\n\n")[0] + b"\n\n",
        WRITTEN.replace(b"@v1", b"@v2"),
        b"\n" + WRITTEN,
        b"\xef\xbb\xbf" + WRITTEN,
        WRITTEN.replace(b"\n", b"\r\n"),
        WRITTEN.replace(b"index 6\n", b""),
        WRITTEN.replace(b"index 6\n", b"6\n"),
        WRITTEN.replace(b"index 6\n", b"index\n"),
        WRITTEN.replace(b"index 6\n", b"index \n"),
        WRITTEN.replace(b"index 6\n", b"index 06\n"),
        WRITTEN.replace(b"index 6\n", b"index +6\n"),
        WRITTEN.replace(b"index 6\n", b"index -6\n"),
        WRITTEN.replace(b"index 6\n", b"index  6\n"),
        WRITTEN.replace(b"index 6\n", b"index 6 \n"),
        WRITTEN.replace(b"index 6\n", b"Index 6\n"),
        WRITTEN.replace(b"index 6\n", b"index 6\nindex 6\n"),
        WRITTEN.replace(b"index 6\n", b"index 6\nextra c2FsdA==\n"),
        WRITTEN.replace(b"index 6\n", b"extra c2FsdA==\nextra c2FsdA==\nindex 6\n"),
        WRITTEN.replace(b"index 6\n", b"extra c2FsdA\nindex 6\n"),
        WRITTEN.replace(b"index 6\n", b"extra c2FsdB==\nindex 6\n"),
        WRITTEN.replace(b"index 6\n", b"extra\nindex 6\n"),
        WRITTEN.replace(b"index 6\n", b"index 6\nc2FsdA==\n"),
        WRITTEN.replace(b"index 6\n", b"index 6\n" + b"A" * 43 + b"\n"),
        WRITTEN.replace(b"index 6\n", b"index 6\n" + b"A" * 42 + b"B=\n"),
        WRITTEN.replace(b"index 6\n", b"index 6\n" + "é\n".encode()),
        b"c2sp.org/tlog-proof@v1\n\ncheckpoint",
        b"c2sp.org/tlog-proof@v1\nextra c2FsdA==\n\ncheckpoint",
        HEAD + (b"A" * 43 + b"=\n") * (MOST_HASHES + 1) + b"\nx",
    ],
)
def test_a_malformed_proof_is_refused(data):
    with refused("C34"):
        parse_tlog_proof(data)


def test_a_proof_over_the_limit_is_refused():
    longest = WRITTEN + b"x" * (LARGEST_PROOF_BYTES - len(WRITTEN))
    assert parse_tlog_proof(longest).index == INDEX
    with refused("C34"):
        parse_tlog_proof(longest + b"x")


@pytest.mark.parametrize(
    "changes",
    [
        {"index": -1},
        {"index": 10**19},
        {"hashes": (b"short",)},
        {"checkpoint": b""},
        {"hashes": (bytes(32),) * 65},
    ],
)
def test_what_no_proof_can_say_is_not_written(changes):
    with refused("C34"):
        format_tlog_proof(replace(PROOF, **changes))


def test_a_checkpoint_that_is_no_note_is_refused():
    with refused("C22"):
        verify_tlog_proof(replace(PROOF, checkpoint=b"text\n"), LEAVES[INDEX], KNOWN, ORIGIN)
