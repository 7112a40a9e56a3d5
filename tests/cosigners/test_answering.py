"""A cosigner signs one history, whatever it is asked, by however many at once, and wherever it is stopped."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cosigner_driver
import pytest
from founded import refusal
from two_organisations import HARBOUR, NOW, LogOwner, cosigner, numbered

from archive.add_checkpoint import Declined, Request, format_request, parse_answer
from archive.cosignatures import cosignatures_of, cosigner_verifiers, with_cosignatures
from archive.cosigner_settings import parse_public
from archive.cosigners.answering import KEY, PUBLIC, is_sealed, new_cosigner, open_cosigner
from keys.signing import verify_ed25519, verify_mldsa44

TESTS = Path(__file__).resolve().parent.parent
OWNER = LogOwner()


def request_of(log, old):
    note, checkpoint = log.published()
    proof = tuple(log.prove_consistency(old, checkpoint.size)) if 0 < old < checkpoint.size else ()
    return format_request(Request(old, proof, note))


def status_of(asked, body):
    with pytest.raises(Declined) as caught:
        asked.add_checkpoint(body)
    return caught.value.status, caught.value.size


def signed_size(asked):
    return asked.files.followed(OWNER.origin).last.size


@pytest.fixture
def harbour(tmp_path):
    return cosigner(tmp_path / "harbour", OWNER)


def test_what_is_answered_holds_and_is_remembered_with_the_logs_signatures(harbour, tmp_path):
    log = OWNER.log(tmp_path / "log", 5)
    note = with_cosignatures(log.note(), parse_answer(harbour.add_checkpoint(request_of(log, 0))))
    verifiers = cosigner_verifiers(harbour.key.vkeys, verify_ed25519, verify_mldsa44)
    assert [(one.name, one.timestamp) for one in cosignatures_of(note, verifiers)] == [(HARBOUR, NOW)] * 2
    remembered = harbour.files.followed(OWNER.origin)
    assert OWNER.verify(remembered.note) == log.checkpoint()
    assert cosignatures_of(remembered.note, verifiers)
    OWNER.log(tmp_path / "log", 300)
    harbour.add_checkpoint(request_of(OWNER.log(tmp_path / "log"), 5))
    assert signed_size(harbour) == 305


def test_a_log_that_nobody_follows_is_unknown(harbour, tmp_path):
    other = LogOwner(origin="other.example/log").log(tmp_path / "log", 5)
    assert status_of(harbour, request_of(other, 0)) == (404, None)


def test_a_log_that_shows_two_histories_gets_no_second_cosignature(harbour, tmp_path):
    shown, hidden = OWNER.log(tmp_path / "shown", 8), OWNER.log(tmp_path / "hidden", 8, "another")
    harbour.add_checkpoint(request_of(shown, 0))
    assert status_of(harbour, request_of(hidden, 0)) == (409, 8)
    assert status_of(harbour, request_of(hidden, 8)) == (422, None)
    OWNER.log(tmp_path / "hidden", 5)
    assert status_of(harbour, request_of(OWNER.log(tmp_path / "hidden"), 8)) == (422, None)
    assert signed_size(harbour) == 8


def test_an_archive_that_was_set_back_is_refused(harbour, tmp_path):
    log = OWNER.log(tmp_path / "log", 3)
    before = request_of(log, 0)
    OWNER.log(tmp_path / "log", 5)
    harbour.add_checkpoint(request_of(OWNER.log(tmp_path / "log"), 0))
    assert status_of(harbour, before) == (409, 8)
    assert status_of(harbour, before.replace(b"old 0", b"old 8")) == (400, None)


def test_of_two_histories_at_once_one_is_cosigned(harbour, tmp_path):
    bodies = [request_of(OWNER.log(tmp_path / f"log{n}", 4, f"history {n}"), 0) for n in range(8)]

    def ask(body):
        try:
            return harbour.add_checkpoint(body)
        except Declined as declined:
            return declined.status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, bodies))
    assert sorted(map(str, answers))[:7] == ["409"] * 7
    assert sum(isinstance(one, bytes) for one in answers) == 1


def test_growth_asked_for_by_two_at_once_is_signed_in_order(harbour, tmp_path):
    log = OWNER.log(tmp_path / "log", 2)
    harbour.add_checkpoint(request_of(log, 0))
    bodies = []
    for _ in range(6):
        OWNER.log(tmp_path / "log", 3)
        bodies.append(request_of(OWNER.log(tmp_path / "log"), 2))

    def ask(body):
        try:
            harbour.add_checkpoint(body)
        except Declined as declined:
            return declined.status
        return 200

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(ask, bodies))
    # Whoever came first was signed; all others named a size that was no longer the last.
    assert answers == [200] + [409] * 5


def test_a_line_of_a_stranger_is_not_remembered(harbour, tmp_path):
    log = OWNER.log(tmp_path / "log", 2)
    stranger = cosigner(tmp_path / "stranger", OWNER, "stranger.example", 8)
    lines = parse_answer(stranger.add_checkpoint(request_of(log, 0)))
    harbour.add_checkpoint(format_request(Request(0, (), with_cosignatures(log.note(), lines))))
    assert b"stranger" not in harbour.files.followed(OWNER.origin).note


def test_a_cosigner_is_made_once_and_opened_again(tmp_path):
    made = new_cosigner(tmp_path / "new", HARBOUR, None, log_n=10, random=numbered(7))
    name, vkeys = parse_public((tmp_path / "new" / PUBLIC).read_bytes(), OWNER.origin)
    assert (name, vkeys) == (HARBOUR, made.vkeys)
    assert (tmp_path / "new" / KEY).stat().st_mode & 0o777 == 0o600
    assert open_cosigner(tmp_path / "new", None, log_n=10).key.vkeys == made.vkeys
    assert not is_sealed(tmp_path / "new")
    with refusal("I67"):
        new_cosigner(tmp_path / "new", HARBOUR, None, log_n=10)
    with refusal("F18"):
        open_cosigner(tmp_path / "nowhere", None, log_n=10)


def test_stopped_after_any_durable_write_it_never_signs_two_histories(tmp_path):
    found = os.pathsep.join(map(str, (TESTS.parent, TESTS, Path(__file__).parent)))
    words = [sys.executable, cosigner_driver.__file__, str(tmp_path)]
    subprocess.run(words, env={**os.environ, "PYTHONPATH": found}, check=True)
    places = sorted(tmp_path.glob("place*"), key=lambda path: int(path.name[5:]))
    signed = []
    for place in places:
        answer, asked = place / "answer", cosigner_driver.opened(place)
        last = signed_size(asked)
        # Whatever was answered is remembered.
        assert last == cosigner_driver.GROWN if answer.exists() else last in cosigner_driver.SIZES
        signed.append(last)
        other = cosigner_driver.request(place / "other", last)
        with pytest.raises(Declined):
            asked.add_checkpoint(other)
        asked.add_checkpoint(cosigner_driver.request(place / "log", last))
        assert signed_size(asked) == cosigner_driver.GROWN
    assert signed == sorted(signed)
    assert set(signed) == set(cosigner_driver.SIZES)
    assert len(places) > 3
