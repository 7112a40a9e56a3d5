"""add-checkpoint: strict bodies, and a cosigner's decision as the table of tlog-witness has it."""

import base64
from dataclasses import replace

import pytest
from founded import refusal
from hypothesis import given
from hypothesis import strategies as st
from two_organisations import LogOwner

from archive.add_checkpoint import (
    LARGEST_REQUEST_BYTES,
    Declined,
    Last,
    Request,
    format_answer,
    format_request,
    judge,
    origin_of_request,
    parse_answer,
    parse_request,
    parse_size,
)
from archive.checkpoints import Checkpoint, format_checkpoint
from archive.errors import IntakeError, SviedkaError
from archive.merkle import EMPTY_ROOT
from archive.notes import Signature, format_note

OWNER = LogOwner()
#: The example of the specification, without its checkpoint's signatures.
EXAMPLE = b"""old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

"""
CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
""".encode()


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return OWNER.log(tmp_path_factory.mktemp("log") / "log", 20)


def note_at(log, size):
    return OWNER.sign(Checkpoint(OWNER.origin, size, log.root_at(size)))


def asked(log, old, size, **other):
    proof = tuple(log.prove_consistency(old, size)) if 0 < old < size else ()
    return replace(Request(old, proof, note_at(log, size)), **other)


def judged(request, last):
    return judge(request, OWNER.verifiers, OWNER.origin, last)


def declined(request, last):
    with pytest.raises(Declined) as caught:
        judged(request, last)
    return caught.value.status, caught.value.size


def at(log, size):
    return Last(size, log.root_at(size))


def test_the_example_of_the_specification_is_read():
    request = parse_request(EXAMPLE + CHECKPOINT)
    assert (request.old, len(request.proof), request.note) == (20852014, 4, CHECKPOINT)
    assert format_request(request) == EXAMPLE + CHECKPOINT
    assert origin_of_request(request) == "example.com/behind-the-sofa"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        EXAMPLE,
        EXAMPLE[:-1] + CHECKPOINT,
        EXAMPLE.replace(b"old 2", b"old 02") + CHECKPOINT,
        EXAMPLE.replace(b"old ", b"old  ") + CHECKPOINT,
        EXAMPLE.replace(b"old ", b"") + CHECKPOINT,
        EXAMPLE.replace(b"kaw=", b"kax=") + CHECKPOINT,
        EXAMPLE.replace(b"\n", b"\r\n") + CHECKPOINT,
        EXAMPLE.replace(b"PlRN", b"") + CHECKPOINT,
        b"old 1\n" + base64.b64encode(bytes(32)) * 2 + b"\n\n" + CHECKPOINT,
        b"old 1\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\n" + CHECKPOINT,
        b"old 0\n\n" + CHECKPOINT + b" " * LARGEST_REQUEST_BYTES,
        b"old 0\n\nno note\n",
    ],
)
def test_every_other_spelling_is_refused(data):
    with refusal("I36"):
        parse_request(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(data):
    code = "I36"
    try:
        assert format_request(parse_request(data)) == data
    except SviedkaError as fault:
        code = fault.code
    assert code == "I36"


def test_the_first_checkpoint_and_each_that_continues_it_are_cosigned(log):
    assert judged(asked(log, 0, 7), Last()).size == 7
    assert judged(asked(log, 7, 20), at(log, 7)).size == 20
    assert judged(asked(log, 20, 20), at(log, 20)).size == 20


def test_an_empty_log_is_cosigned(log):
    assert judged(asked(log, 0, 0), Last()).root == EMPTY_ROOT


def test_400_an_old_size_above_the_new_one(log):
    assert declined(replace(asked(log, 0, 7), old=8), at(log, 8)) == (400, None)


def test_400_a_checkpoint_that_is_none():
    note = format_note(b"two\nlines\n", [Signature(OWNER.origin, bytes(4), bytes(64))])
    with refusal("I36"):
        judged(Request(0, (), note), Last())


def test_403_without_a_signature_of_the_log_or_with_one_that_fails(log):
    stranger = LogOwner(type(OWNER.key).generate(lambda size: bytes([99]) * size))
    text = format_checkpoint(Checkpoint(OWNER.origin, 7, log.root_at(7)))
    for note in (
        stranger.sign(Checkpoint(OWNER.origin, 7, log.root_at(7))),
        note_at(log, 7).replace(text, format_checkpoint(Checkpoint(OWNER.origin, 8, log.root_at(8)))),
        b"".join(note_at(log, 7).splitlines(keepends=True)[:-1]),
    ):
        assert declined(Request(0, (), note), Last()) == (403, None)


def test_409_names_the_size_that_was_cosigned_last(log):
    for old in (0, 6, 8):
        assert declined(asked(log, old, 20), at(log, 7)) == (409, 7)
    # A log that was set back is asked to continue what it had come to.
    assert declined(asked(log, 0, 7), at(log, 20)) == (409, 20)


def test_422_a_proof_that_does_not_lead_there(log):
    good = asked(log, 7, 20)
    for proof in ((), good.proof[:-1], (*good.proof, bytes(32)), good.proof[::-1]):
        assert declined(replace(good, proof=proof), at(log, 7)) == (422, None)


def test_422_another_history(log, tmp_path):
    other = OWNER.log(tmp_path / "other", 20, "another")
    assert declined(asked(other, 7, 20), at(log, 7)) == (422, None)
    assert declined(asked(other, 20, 20), at(log, 20)) == (422, None)


def test_422_a_proof_from_nothing_and_an_empty_tree_with_a_root(log):
    assert declined(asked(log, 0, 7, proof=(bytes(32),)), Last()) == (422, None)
    note = format_note(
        f"{OWNER.origin}\n0\n{base64.b64encode(bytes(32)).decode()}\n".encode(),
        [Signature(OWNER.origin, bytes(4), bytes(64))],
    )
    assert declined(Request(0, (), note), Last()) == (422, None)


def test_an_answer_is_signature_lines_and_nothing_else():
    lines = (Signature("a.example", bytes(4), bytes(72)), Signature("b.example", bytes(4), bytes(72)))
    assert parse_answer(format_answer(lines)) == lines
    for data in (
        b"",
        b"\n",
        b"cosigned\n",
        format_answer(lines)[:-1],
        format_answer(lines) + b"\n",
        b"x" * 10**6,
    ):
        with refusal("I37"):
            parse_answer(data)


@pytest.mark.parametrize("data", [b"", b"7", b"07\n", b"7\n\n", b"-1\n", b"7 \n", "٧\n".encode()])
def test_the_size_of_a_conflict_has_one_spelling(data):
    assert parse_size(b"7\n") == 7
    with pytest.raises(IntakeError):
        parse_size(data)
