"""A cosigner over HTTP: each status of tlog-witness, as any client of the specification sees it."""

import hashlib
import http.client
import socket
import threading
from contextlib import contextmanager

import pytest
from two_organisations import HARBOUR, LogOwner, cosigner, known

from archive.add_checkpoint import LARGEST_REQUEST_BYTES, Request, format_request
from archive.cosignatures import cosignatures_of
from archive.cosigner_settings import KnownCosigner
from archive.cosigners.asking import Round, verifiers_of
from archive.cosigners.line import fetch, send
from archive.cosigners.serving import CosignerServer
from archive.errors import IntakeError
from storage.cosignatures import Cosignatures

OWNER = LogOwner()


@contextmanager
def serving(asked):
    with CosignerServer(asked, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def harbour(tmp_path):
    return cosigner(tmp_path / "harbour", OWNER)


@pytest.fixture
def url(harbour):
    with serving(harbour) as url:
        yield url


@pytest.fixture
def log(tmp_path):
    return OWNER.log(tmp_path / "log", 8)


def body(log, old, claimed=None):
    note, checkpoint = log.published()
    proof = tuple(log.prove_consistency(old, checkpoint.size)) if 0 < old < checkpoint.size else ()
    return format_request(Request(old if claimed is None else claimed, proof, note))


def test_each_status_of_the_specification(url, log, tmp_path):
    stranger = LogOwner(origin="stranger.example").log(tmp_path / "stranger", 2)
    thief = LogOwner(type(OWNER.key).generate(lambda size: bytes([9]) * size)).log(tmp_path / "thief", 8)
    other = OWNER.log(tmp_path / "other", 8, "another")
    assert send(url, b"no request\n").status == 400
    assert send(url, body(log, 0, claimed=9)).status == 400
    assert send(url, body(thief, 0)).status == 403
    assert send(url, body(stranger, 0)).status == 404
    signed = send(url, body(log, 0))
    assert (signed.status, signed.body.count("— ".encode())) == (200, 2)
    conflict = send(url, body(log, 0))
    assert (conflict.status, conflict.kind, conflict.body) == (409, "text/x.tlog.size", b"8\n")
    assert send(url, body(other, 8)).status == 422
    assert send(url, body(log, 8)).status == 200


def test_the_newest_cosigned_checkpoint_is_there_to_read(url, log, harbour):
    path = f"{hashlib.sha256(OWNER.origin.encode()).hexdigest()}/checkpoint"
    assert fetch(url, path, 10_000).status == 404
    send(url, body(log, 0))
    read = fetch(url, path, 10_000)
    assert OWNER.verify(read.body) == log.checkpoint()
    assert {one.name for one in cosignatures_of(read.body, verifiers_of(known(harbour)))} == {HARBOUR}
    assert fetch(url, "checkpoint", 10_000).status == 404
    assert fetch(url, f"{'0' * 64}/checkpoint", 10_000).status == 404


def test_a_damaged_memory_signs_nothing(url, log, tmp_path):
    send(url, body(log, 0))
    [state] = (tmp_path / "harbour" / "logs").glob("*.log")
    state.write_bytes(state.read_bytes()[:-5])
    answer = send(url, body(log, 8))
    assert answer.status == 500
    assert b"F17" in answer.body


def test_what_is_too_long_or_of_no_known_length_is_not_read(url):
    line = http.client.HTTPConnection(*url.removeprefix("http://").split(":"), timeout=10)
    line.request("POST", "/add-checkpoint", headers={"Content-Length": str(LARGEST_REQUEST_BYTES + 1)})
    assert line.getresponse().status == 413
    line.close()
    line.putrequest("POST", "/add-checkpoint")
    line.endheaders()
    assert line.getresponse().status == 411
    line.close()
    line.request("POST", "/elsewhere", b"")
    assert line.getresponse().status == 404
    line.close()


def test_one_connection_carries_several_requests(url, log):
    line = http.client.HTTPConnection(*url.removeprefix("http://").split(":"), timeout=10)
    statuses = []
    for old in (0, 0, 8):
        line.request("POST", "/add-checkpoint", body(log, old))
        answer = line.getresponse()
        answer.read()
        statuses.append(answer.status)
    line.close()
    assert statuses == [200, 409, 200]


def test_a_line_that_breaks_off_harms_nobody(url, log):
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as broken:
        broken.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nold 0")
    assert send(url, body(log, 0)).status == 200


def test_an_archive_asks_over_the_line(url, log, harbour, tmp_path):
    there = [KnownCosigner(HARBOUR, harbour.key.vkeys, f"{url}/some/prefix/")]
    [outcome] = Round(log, Cosignatures(tmp_path / "log")).ask(there)
    assert (outcome.word, outcome.size) == ("cosigned", 8)
    assert fetch(f"{url}/log", "checkpoint", 100).status == 404


def test_nobody_at_home_and_an_address_in_clear(log):
    with pytest.raises(IntakeError) as caught:
        send("http://127.0.0.1:9", body(log, 0))
    assert caught.value.code == "I42"
    with pytest.raises(IntakeError) as caught:
        send("http://cosigner.example", body(log, 0))
    assert caught.value.code == "I38"
