"""However a worker process ends, no key of anybody's is on disk or in the output afterwards.

Known keys are planted by signing in; then the process fails or dies in every way there is, with the keys in
memory and in the text of its exceptions; then every file is searched, in all spellings of these bytes.
"""

import base64
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPException

import pytest
from browsing import PASSPHRASE
from real_server import PROGRAM, Visitor
from traces import traces

from archive.access import agents, rotation, signin
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.nouns import Role

CRASHING = (
    """
import ctypes, os, signal, threading
from archive.web import routes
from archive.web.door import door, sitting
from archive.web.gate import session_cookie, signed_in

class Panic(BaseException):
    pass

class Grave:
    def __init__(self, text):
        self.text = text
    def __del__(self):
        raise RuntimeError(self.text)

def fail(text, kind=RuntimeError):
    raise kind(text)

@signed_in()
def crash(how):
    secret = sitting().secret
    seed, boot = secret.signing.seed, door().vigil.boot()
    text = f"{secret.identity.text} {seed.hex()} {seed!r} {boot.hex()} {boot!r} {session_cookie()}"
    {
        "page": lambda: fail(text),
        "panic": lambda: fail(text, Panic),
        "exit": lambda: fail(text, SystemExit),
        "thread": lambda: threading.Thread(target=fail, args=(text,)).start(),
        "grave": lambda: Grave(text),
        "segv": lambda: ctypes.string_at(0),
        "abort": os.abort,
        "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "trap": lambda: os.kill(os.getpid(), signal.SIGTRAP),
        "quit": lambda: signal.raise_signal(signal.SIGBUS),
    }[how]()
    return "still there"

routes.ROUTES += (("GET", "/crash/<how>", crash),)
"""
    + PROGRAM
)
#: Each way of failing, and whether the process is dead after it.
WAYS = {
    "page": False, "thread": False, "grave": False, "panic": False, "exit": False,
    "segv": True, "abort": True, "kill": True, "trap": True, "quit": True,
}  # fmt: skip
CONTROL = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
secret = bytes.fromhex(sys.argv[1])[::-1]
os.abort()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crashes")
    (folder / "runtime").mkdir()
    circumstances = Circumstances(log_n=10, runtimes=(folder / "runtime",), allow_disk=True)
    found_archive(folder / "archive", Founding("Proba", "custodian", PASSPHRASE), circumstances)
    with open_archive(folder / "archive", circumstances) as opened:
        custodian = signin.sign_in(opened, "custodian", PASSPHRASE)
        agents.enrol(opened, custodian, "lawyer", Role.LAWYER, PASSPHRASE)
        rotation.rotate(opened, signin.sign_in(opened, "lawyer", PASSPHRASE), PASSPHRASE)
    return folder


@pytest.fixture(scope="module")
def keys(folder):
    circumstances = Circumstances(log_n=10, runtimes=(folder / "runtime",), allow_disk=True)
    with open_archive(folder / "archive", circumstances) as opened:
        secret = signin.sign_in(opened, "lawyer", PASSPHRASE).secret
    return {
        "signing seed": secret.signing.seed,
        "identity seed": secret.identity.seed,
        "identity": secret.identity.text.encode(),
        "passphrase": PASSPHRASE.encode(),
    }


def in_again(visitor):
    """Wait until a new worker stands where one died."""
    for _ in range(1200):
        with suppress(OSError, HTTPException):
            if visitor.is_in():
                return True
        time.sleep(0.05)
    return False


def test_after_every_kind_of_crash_no_key_is_anywhere(folder, keys, serving):
    server = serving(folder, program=CRASHING)
    lawyer = Visitor(server.port).sign_in("lawyer")
    for how, dies in WAYS.items():
        before = server.workers()
        with suppress(OSError, HTTPException):
            lawyer.ask("GET", f"/crash/{how}")
        assert in_again(lawyer), how
        assert (server.workers() != before) is dies, how
    [boot] = (folder / "runtime").glob("*/shared/boot")
    secrets = {**keys, "session": lawyer.cookies["session"].encode(), "boot secret": boot.read_bytes()}
    server.kill()
    said = server.said()
    assert all(kind in said for kind in ("incident", "RuntimeError", "Panic", "failure outside a page"))
    assert "SIGSEGV" in said
    assert "Traceback" not in said
    places = [folder / name for name in ("archive", "tmp", "home", "cwd", "runtime")]
    assert traces([*places, server.output], secrets) == [(boot, "boot secret")]
    assert not list((folder / "cwd").iterdir())


def test_the_search_finds_a_key_in_every_spelling(tmp_path, keys):
    for name, secret in keys.items():
        for number, written in enumerate(
            [
                secret,
                secret.hex().encode(),
                base64.b64encode(b"x" + secret + b"y"),
                repr(secret).encode(),
                secret.lower(),
            ]
        ):
            file = tmp_path / f"{number}"
            file.write_bytes(b"before " + written + b" after")
            if written != secret.lower() or name == "identity":
                assert (file, name) in traces([file], keys)


def test_where_cores_are_not_forbidden_the_search_finds_the_key_in_one(tmp_path, keys):
    seed = keys["signing seed"]
    subprocess.run(
        [sys.executable, "-c", CONTROL, seed[::-1].hex()], cwd=tmp_path, capture_output=True, check=False
    )
    if not list(tmp_path.iterdir()):
        pytest.skip("on this machine cores go elsewhere, or may not be allowed")
    assert traces([tmp_path], {"signing seed": seed})
