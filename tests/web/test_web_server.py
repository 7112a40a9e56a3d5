"""The real server over the loopback: what it writes, what it remembers, how much memory an upload takes."""

import re
import threading
import time
from pathlib import Path

import pytest
from browsing import PASSPHRASE
from real_server import Server, Visitor

from archive.access import agents, grants, rotation, signin
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.nouns import Action, Role

MARK = b"zhaunerka i ramonak "


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    (folder / "runtime").mkdir()
    circumstances = Circumstances(log_n=10, runtimes=(folder / "runtime",), allow_disk=True)
    found_archive(folder / "archive", Founding("Proba", "custodian", PASSPHRASE), circumstances)
    with open_archive(folder / "archive", circumstances) as opened:
        custodian = signin.sign_in(opened, "custodian", PASSPHRASE)
        agents.enrol(opened, custodian, "documenter", Role.DOCUMENTER, PASSPHRASE)
        rotation.rotate(opened, signin.sign_in(opened, "documenter", PASSPHRASE), PASSPHRASE)
        terms = grants.Terms(frozenset({Action.CONTRIBUTE}), frozenset(), None, "she hands in")
        grants.give(opened, custodian, "documenter", "main", terms)
    return folder


@pytest.fixture(scope="module")
def server(folder):
    server = Server(folder, workers=2)
    yield server
    server.stop()


def peak_kilobytes(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def test_a_large_upload_takes_little_memory_and_touches_no_disk_in_clear(server):
    megabytes = 300
    chunk = (MARK * (1 + (1 << 20) // len(MARK)))[: 1 << 20]
    documenter = Visitor(server.port).sign_in("documenter")
    documenter.hand_in([b"warm up"], 7)
    before = max(peak_kilobytes(pid) for pid in server.workers())
    seen, ended = set(), threading.Event()

    def watch():
        while not ended.wait(0.02):
            seen.update(server.written())

    watcher = threading.Thread(target=watch)
    watcher.start()
    answer, page = documenter.hand_in((chunk for _ in range(megabytes)), megabytes << 20)
    ended.set()
    watcher.join()
    assert answer.status == 200
    assert b"Taken into custody" in page
    assert max(peak_kilobytes(pid) for pid in server.workers()) - before < 120_000
    assert not seen
    for path in (server.folder / "archive").rglob("*"):
        if path.is_file():
            assert MARK not in path.read_bytes()[:1_000_000], path


def test_any_worker_serves_the_session(server):
    assert len(server.workers()) == 2
    documenter = Visitor(server.port).sign_in("documenter")
    assert {documenter.ask("GET", "/home")[0].status for _ in range(20)} == {200}


def test_a_cut_upload_leaves_nothing(server):
    documenter = Visitor(server.port).sign_in("documenter")
    before = sorted((server.folder / "archive" / "objects").rglob("*"))
    with pytest.raises(OSError, match="the line is gone"):
        documenter.hand_in(_torn(), 10 << 20)
    for _ in range(600):
        after = sorted((server.folder / "archive" / "objects").rglob("*"))
        if [path for path in after if path.is_file()] == [path for path in before if path.is_file()]:
            return
        time.sleep(0.05)
    raise AssertionError("a torn file stayed")


def _torn():
    yield b"x" * (3 << 20)
    raise ConnectionError("the line is gone")


def test_a_second_server_of_the_same_archive_is_refused(server):
    with pytest.raises(AssertionError, match="C41"):
        Server(server.folder)


def test_the_server_keeps_no_record_of_who_asked_for_what(server):
    Visitor(server.port).ask("GET", "/items/secret-path?query=secret")
    assert server.said() == ""


def test_a_stopped_server_leaves_an_empty_runtime_and_opens_no_session(folder, server):
    documenter = Visitor(server.port).sign_in("documenter")
    server.stop()
    assert not [path for path in (folder / "runtime").rglob("*") if path.is_file() and path.name != "lock"]
    again = Server(folder)
    documenter.port = again.port
    assert documenter.ask("GET", "/home")[0].status == 303
    again.stop()
