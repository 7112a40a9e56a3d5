"""The real server over the loopback: what it writes, what it remembers, how much memory an upload takes."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browsing import PASSPHRASE

import archive.web
from archive.access import agents, grants, signin
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.nouns import Action, Role

ROOT = Path(archive.web.__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from archive.assemble import Circumstances
from archive.web.serving import Serving, serve
folder, runtime, port, workers = sys.argv[1:]
circumstances = Circumstances(log_n=10, runtimes=(Path(runtime),), allow_disk=True)
serve(Path(folder), "127.0.0.1", int(port), circumstances, how=Serving(workers=int(workers)))
"""
MARK = b"zhaunerka i ramonak "


class Visitor:
    """A browser that speaks HTTP with a real server."""

    def __init__(self, port):
        self.port = port
        self.cookies = {"language": "en"}

    def ask(self, method, path, body=None, headers=None):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            line.request(method, path, body, {"Cookie": kept, **(headers or {})})
            answer = line.getresponse()
            text = answer.read()
        finally:
            line.close()
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: one.value for name, one in SimpleCookie(header).items()}
        return answer, text

    def token(self, path):
        return re.search(rb'name="form" value="([0-9a-f]+)"', self.ask("GET", path)[1])[1].decode()

    def sign_in(self, handle):
        form = {"form": self.token("/sign-in"), "handle": handle, "passphrase": PASSPHRASE}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer, _text = self.ask("POST", "/sign-in", urlencode(form), kind)
        assert answer.status == 303
        return self

    def hand_in(self, chunks, size):
        fields = {"form": self.token("/deposit"), "compartment": "main", "rights_basis": "public"}
        head = "".join(
            f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += '--edge\r\nContent-Disposition: form-data; name="files"; filename="video.bin"\r\n\r\n'
        tail = "\r\n--edge--\r\n"

        def body():
            yield head.encode()
            yield from chunks
            yield tail.encode()

        kind = {
            "Content-Type": "multipart/form-data; boundary=edge",
            "Content-Length": str(len(head) + size + len(tail)),
        }
        return self.ask("POST", "/deposit", body(), kind)


class Server:
    def __init__(self, folder, *, workers=1):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in ("tmp", "home", "cwd", "runtime"):
            (folder / name).mkdir(exist_ok=True)
        self.output = folder / f"output-{self.port}"
        self.process = subprocess.Popen(
            [
                sys.executable, "-c", PROGRAM,
                str(folder / "archive"), str(folder / "runtime"), str(self.port), str(workers),
            ],
            cwd=folder / "cwd",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
                 "TMPDIR": str(folder / "tmp"), "HOME": str(folder / "home")},
            stdout=(said := self.output.open("wb")),
            stderr=said,
        )  # fmt: skip
        said.close()
        self._wait()

    def _wait(self):
        for _ in range(200):
            if self.process.poll() is not None:
                break
            try:
                Visitor(self.port).ask("GET", "/sign-in")
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.said())

    def workers(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def said(self):
        return self.output.read_text()

    def written(self):
        return [path for name in ("tmp", "home", "cwd") for path in (self.folder / name).rglob("*")]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    (folder / "runtime").mkdir()
    circumstances = Circumstances(log_n=10, runtimes=(folder / "runtime",), allow_disk=True)
    found_archive(folder / "archive", Founding("Proba", "custodian", PASSPHRASE), circumstances)
    with open_archive(folder / "archive", circumstances) as opened:
        custodian = signin.sign_in(opened, "custodian", PASSPHRASE)
        agents.enrol(opened, custodian, "documenter", Role.DOCUMENTER, PASSPHRASE)
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
    for _ in range(100):
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
