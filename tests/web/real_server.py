"""A real server over the loopback, in a process of its own, and a browser that speaks HTTP with it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from browsing import PASSPHRASE

import archive.web

ROOT = Path(archive.web.__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from archive.assemble import Circumstances
from archive.web.serving import Serving, serve
folder, runtime, port, workers, cost = sys.argv[1:]
circumstances = Circumstances(log_n=int(cost), runtimes=(Path(runtime),), allow_disk=True)
serve(Path(folder), "127.0.0.1", int(port), circumstances, how=Serving(workers=int(workers)))
"""


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

    def post(self, path, data=None, *, of="/sign-in"):
        """Send a form, with the token that the page `of` was given."""
        form = urlencode({"form": self.token(of), **(data or {})})
        return self.ask("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})

    def try_to_sign_in(self, handle, passphrase=PASSPHRASE, **more):
        return self.post("/sign-in", {"handle": handle, "passphrase": passphrase, **more})

    def sign_in(self, handle, **more):
        assert self.try_to_sign_in(handle, **more)[0].status == 303
        return self

    def is_in(self):
        return self.ask("GET", "/home")[0].status == 200

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
    """`runtime` and `cost` are where opened secrets may be and what a key file costs to open."""

    def __init__(self, folder, *, workers=1, runtime=None, cost=10, program=PROGRAM):
        self.folder = folder
        self.runtime = runtime or folder / "runtime"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in ("tmp", "home", "cwd", "runtime"):
            (folder / name).mkdir(exist_ok=True)
        self.output = folder / f"output-{self.port}"
        self.process = subprocess.Popen(
            [
                sys.executable, "-c", program,
                str(folder / "archive"), str(self.runtime), str(self.port), str(workers), str(cost),
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
        for _ in range(1200):
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

    @contextmanager
    def only(self, worker):
        """Let one worker process answer, and the others stand still."""
        others = [pid for pid in self.workers() if pid != worker]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    def kill(self):
        """Pull the plug: nobody may see another die and put things away."""
        os.kill(self.process.pid, signal.SIGSTOP)
        workers = self.workers()
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait(60)
        while any(Path(f"/proc/{pid}").exists() for pid in workers):
            time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
