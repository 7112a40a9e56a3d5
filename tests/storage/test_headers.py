"""The contract of `Headers`, held against every implementation."""

import threading

import pytest
from two_copies import copied_headers

from archive.digests import Digest
from archive.errors import FixityError
from storage.headers import LocalHeaders

BODY = Digest.of(b"body")
OTHER = Digest.of(b"other")


@pytest.fixture(params=[LocalHeaders, copied_headers], ids=["local", "copied"])
def headers(request, tmp_path):
    return request.param(tmp_path / "headers")


def test_a_header_is_found_under_its_body(headers):
    headers.put(BODY, b"header")
    headers.put(BODY, b"header")
    assert headers.get(BODY) == b"header"
    assert list(headers.bodies()) == [BODY]


def test_creating_never_overwrites_another_header(headers):
    headers.put(BODY, b"header")
    with pytest.raises(FixityError) as caught:
        headers.put(BODY, b"forged")
    assert caught.value.code == "F01"
    assert headers.get(BODY) == b"header"


def test_replacing_leaves_only_the_new_header(headers):
    headers.put(BODY, b"old epoch")
    headers.replace(BODY, b"new epoch")
    assert headers.get(BODY) == b"new epoch"


def test_a_destroyed_header_cannot_be_replaced_back_into_being(headers):
    headers.put(BODY, b"header")
    headers.delete(BODY)
    headers.delete(BODY)
    with pytest.raises(FixityError, match="no such header") as caught:
        headers.replace(BODY, b"header")
    assert caught.value.code == "F03"
    with pytest.raises(FixityError, match="no such header"):
        headers.get(BODY)
    assert list(headers.bodies()) == []


def test_while_rotation_and_destruction_race_what_is_destroyed_stays_destroyed(headers):
    for _ in range(20):
        headers.put(BODY, b"old")
        refused = []

        def rotate(refused=refused):
            for number in range(5):
                try:
                    headers.replace(BODY, b"%d" % number)
                except FixityError as fault:
                    refused.append(fault.code)

        threads = [threading.Thread(target=rotate), threading.Thread(target=headers.delete, args=(BODY,))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(headers.bodies()) == []
        assert set(refused) <= {"F03"}


def test_a_reader_sees_one_whole_header_during_replacement(headers):
    headers.put(BODY, b"a" * 5000)
    headers.put(OTHER, b"untouched")
    done = threading.Event()

    def rotate():
        for number in range(50):
            headers.replace(BODY, (b"b" if number % 2 else b"a") * 5000)
        done.set()

    thread = threading.Thread(target=rotate)
    thread.start()
    while not done.is_set():
        assert headers.get(BODY) in (b"a" * 5000, b"b" * 5000)
    thread.join()
    assert headers.get(OTHER) == b"untouched"


def test_nothing_of_a_destroyed_header_stays_on_the_file_system(tmp_path):
    headers = LocalHeaders(tmp_path)
    headers.put(BODY, b"wrapped file key")
    (tmp_path / BODY[:2] / f".{BODY}.0123.new").write_bytes(b"wrapped file key")
    headers.delete(BODY)
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"wrapped" in p.read_bytes()]
