"""The contract of `Objects`, held against every implementation."""

import hashlib
import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from two_copies import copied_objects

from archive.digests import Digest
from archive.errors import FixityError
from storage.objects import LocalObjects, check_fixity

ABSENT = Digest.of(b"never stored")


@pytest.fixture(params=[LocalObjects, copied_objects], ids=["local", "copied"])
def objects(request, tmp_path):
    return request.param(tmp_path / "objects")


def store(objects, *parts):
    with objects.writer() as writer:
        for part in parts:
            writer.write(part)
        return writer.commit()


def read(objects, digest):
    with objects.open(digest) as body:
        return body.read()


@given(parts=st.lists(st.binary(max_size=300), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
def test_what_is_written_in_parts_is_found_whole_under_its_digest(objects, parts):
    digest = store(objects, *parts)
    assert digest == hashlib.sha256(b"".join(parts)).hexdigest()
    assert read(objects, digest) == b"".join(parts)
    assert objects.size(digest) == sum(map(len, parts))
    assert objects.has(digest)


def test_a_large_body_survives_in_pieces(objects):
    piece = os.urandom(1 << 20)
    digest = store(objects, *[piece] * 5, b"end")
    assert check_fixity(objects, digest) == 5 * (1 << 20) + 3


def test_a_body_does_not_exist_before_it_is_committed(objects):
    with objects.writer() as writer:
        writer.write(b"half")
        assert not objects.has(Digest.of(b"half"))
        assert list(objects.digests()) == []


def test_leaving_without_commit_forgets_everything(objects):
    with objects.writer() as writer:
        writer.write(b"half")
    assert not objects.has(Digest.of(b"half"))
    assert objects.sweep(older_than_seconds=0, now=2e9) == 0


def test_aborting_twice_and_after_commit_is_harmless(objects):
    writer = objects.writer()
    writer.write(b"body")
    digest = writer.commit()
    writer.abort()
    writer.abort()
    assert read(objects, digest) == b"body"


def test_what_is_not_here_is_said_to_be_missing(objects):
    for ask in (objects.open, objects.size):
        with pytest.raises(FixityError, match="no such body") as caught:
            ask(ABSENT)
        assert caught.value.code == "F03"
    assert not objects.has(ABSENT)


def test_the_same_bytes_may_be_stored_again(objects):
    assert store(objects, b"twice") == store(objects, b"twi", b"ce")
    assert list(objects.digests()) == [Digest.of(b"twice")]


def test_a_deleted_body_is_gone_and_deleting_again_is_no_error(objects):
    digest = store(objects, b"gone")
    objects.delete(digest)
    objects.delete(digest)
    objects.delete(ABSENT)
    assert not objects.has(digest)
    assert list(objects.digests()) == []


def test_all_bodies_are_named(objects):
    stored = {store(objects, b"%d" % number) for number in range(20)}
    assert set(objects.digests()) == stored


def test_bodies_are_seekable(objects):
    digest = store(objects, b"0123456789")
    with objects.open(digest) as body:
        body.seek(4)
        assert body.read(3) == b"456"


def test_sweeping_removes_only_what_was_long_abandoned(objects):
    writer = objects.writer()
    writer.write(b"abandoned")
    now = 2e9
    assert objects.sweep(older_than_seconds=now, now=now) == 0
    assert objects.sweep(older_than_seconds=60, now=now) == 1
    assert objects.sweep(older_than_seconds=60, now=now) == 0
    writer.abort()


def test_many_threads_store_at_once(objects):
    def work(number):
        for step in range(5):
            store(objects, b"%d" % (step % 3), b"%d" % number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = list(objects.digests())
    assert len(found) == 24
    assert all(check_fixity(objects, digest) == 2 for digest in found)


def test_a_flipped_byte_is_found_by_the_fixity_check(tmp_path):
    objects = LocalObjects(tmp_path)
    digest = store(objects, b"evidence")
    path = tmp_path / digest[:2] / digest[2:4] / digest
    path.write_bytes(b"evidenze")
    with pytest.raises(FixityError, match=digest) as caught:
        check_fixity(objects, digest)
    assert caught.value.code == "F04"


def test_storing_a_damaged_body_again_heals_it(tmp_path):
    objects = LocalObjects(tmp_path)
    digest = store(objects, b"evidence")
    (tmp_path / digest[:2] / digest[2:4] / digest).write_bytes(b"evidenze")
    store(objects, b"evidence")
    assert check_fixity(objects, digest) == 8


def test_foreign_files_in_the_folder_are_not_taken_for_bodies(tmp_path):
    objects = LocalObjects(tmp_path)
    digest = store(objects, b"body")
    (tmp_path / digest[:2] / digest[2:4] / "notes.txt").write_bytes(b"?")
    (tmp_path / "readme").write_bytes(b"?")
    assert list(objects.digests()) == [digest]
