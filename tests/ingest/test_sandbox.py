"""The parser host's lock-down, tried by code that stands for a parser a file has taken over."""

import io
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.sandbox.launcher import Budget, Host, HostEnded
from ingest.sandbox.status import sandbox_status

ROOT = Path(__file__).resolve().parent.parent.parent

LOCKED = """
import ctypes, os, signal, socket, subprocess, sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from ingest.sandbox.landlock import confine
from ingest.sandbox.lockdown import seal, shed
libc = ctypes.CDLL(None, use_errno=True)
inside, outside = Path(sys.argv[2]), Path(sys.argv[3])
shed(cpu_seconds=5, memory_bytes=1 << 30)
"""

SEALED = LOCKED + "assert seal()\n"

SHOWS_REFUSAL = """
try:
    {attempt}
except OSError as refusal:
    print("refused", refusal.errno)
else:
    print("done")
"""


def run(code, folder, *, before=SEALED):
    """Run `code` in a process that has locked itself down as the host does; return what it printed."""
    inside, outside = folder / "inside", folder / "outside"
    inside.mkdir(exist_ok=True)
    outside.mkdir(exist_ok=True)
    (inside / "given").write_text("given")
    (outside / "secret").write_text("secret")
    found = subprocess.run(
        [sys.executable, "-I", "-c", before + code, str(ROOT), str(inside), str(outside), str(os.getpid())],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return found.stdout.strip() or f"ended {found.returncode} {found.stderr[-300:]}"


ATTEMPTS = {
    "a socket of the internet": "socket.socket()",
    "a local socket": "socket.socket(socket.AF_UNIX)",
    "a pair of sockets": "socket.socketpair()",
    "reading the list of accounts": "os.open('/etc/passwd', os.O_RDONLY)",
    "reading a file": "os.open(outside / 'secret', os.O_RDONLY)",
    "reading the parent's memory": "os.open(f'/proc/{os.getppid()}/mem', os.O_RDONLY)",
    "reading the parent's environment": "os.open(f'/proc/{sys.argv[4]}/environ', os.O_RDONLY)",
    "writing a file": "os.open(inside / 'new', os.O_WRONLY | os.O_CREAT)",
    "an anonymous file": "os.memfd_create('x')",
    "removing a file": "os.unlink(inside / 'given')",
    "renaming a file": "os.rename(inside / 'given', inside / 'other')",
    "making a folder": "os.mkdir(inside / 'folder')",
    "a link": "os.symlink('/etc/passwd', inside / 'link')",
    "changing folder": "os.chdir('/')",
    "listing a folder": "os.listdir('/')",
    "another process": "os.fork()",
    "another program": "os.execv('/bin/true', ['true'])",
    "a signal to the parent": "os.kill(int(sys.argv[4]), 0)",
    "more open pipes": "os.pipe()",
}

CALLS = {
    "tracing the parent": "libc.ptrace(16, int(sys.argv[4]), 0, 0)",
    "reading a process's memory": "libc.syscall(310, int(sys.argv[4]), None, 0, None, 0, 0)",
    "a new filter": "libc.syscall(317, 1, 0, None)",
    "io_uring": "libc.syscall(425, 8, None)",
    "a user namespace": "libc.unshare(0x10000000)",
    "memory that can be run": "-1 if libc.mmap(None, 4096, 7, 0x22, -1, 0) == -1 else 0",
    "loading a kernel program": "libc.syscall(321, 0, None, 0)",
    "becoming dumpable again": "libc.prctl(4, 1, 0, 0, 0)",
}


def test_this_kernel_filters_system_calls():
    assert sandbox_status().seccomp


@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_locked_process_is_refused(name, tmp_path):
    assert run(SHOWS_REFUSAL.format(attempt=ATTEMPTS[name]), tmp_path) == "refused 1"


def test_a_locked_process_is_refused_the_rarer_calls(tmp_path):
    code = "".join(f"print({name!r}, {call})\n" for name, call in CALLS.items())
    assert run(code, tmp_path).splitlines() == [f"{name} -1" for name in CALLS]


def test_the_same_attempts_succeed_without_the_lock(tmp_path):
    """Otherwise the tests above would prove nothing."""
    for name in ("a socket of the internet", "reading a file", "writing a file", "another process"):
        code = SHOWS_REFUSAL.format(attempt=ATTEMPTS[name])
        before = LOCKED.replace("shed(cpu", "(lambda **_: None)(cpu")
        assert "done" in run(code, tmp_path, before=before)


def test_a_locked_process_may_start_threads_and_use_memory(tmp_path):
    code = (
        "seen = []\n"
        "threads = [threading.Thread(target=lambda: seen.append(len(bytes(1 << 20)))) for _ in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\nprint(sum(seen))"
    )
    assert run(code, tmp_path) == str(4 << 20)


def test_the_filter_holds_in_threads_that_were_there_before(tmp_path):
    code = (
        "go, seen = threading.Event(), []\n"
        "def attempt():\n"
        "    go.wait()\n"
        "    try: seen.append(socket.socket())\n"
        "    except OSError as refusal: seen.append(refusal.errno)\n"
        "thread = threading.Thread(target=attempt); thread.start()\n"
        "assert seal(); go.set(); thread.join(); print(seen)"
    )
    assert run(code, tmp_path, before=LOCKED) == "[1]"


def test_a_process_that_may_read_reads_only_what_landlock_names(tmp_path):
    if not sandbox_status().landlock:
        pytest.skip("this kernel has no Landlock")
    before = LOCKED + "assert confine(readable=[inside], writable=[])\nassert seal(reading=True)\n"
    code = (
        "print(os.read(os.open(inside / 'given', os.O_RDONLY), 9))\n"
        "for path, flags in ((outside / 'secret', 0), ('/etc/passwd', 0), (inside / 'given', os.O_RDWR),"
        " (inside / 'new', os.O_CREAT), (inside / 'given', os.O_TRUNC), ('/proc/self/mem', 0)):\n"
        "    try: os.open(path, flags); print('opened', path)\n"
        "    except PermissionError: print('refused')\n"
    )
    assert run(code, tmp_path, before=before).splitlines() == ["b'given'", *["refused"] * 6]


def test_too_much_memory_is_refused_to_the_process_and_not_taken_from_the_machine(tmp_path):
    code = "try: bytearray(2 << 30)\nexcept MemoryError: print('refused')"
    assert run(code, tmp_path) == "refused"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into a process that is not dumpable")
def test_a_host_inherits_no_descriptor_and_no_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SVIEDKA_PASSPHRASE_FILE", "/somewhere")
    held = (tmp_path / "held").open("w")
    os.set_inheritable(held.fileno(), True)
    with held, Host("text", budget=Budget(20, 10, 1 << 30, 4096)) as host:
        process = Path("/proc") / str(host._process.pid)
        assert b"SVIEDKA" not in (process / "environ").read_bytes()
        assert {os.readlink(fd).partition(":")[0] for fd in (process / "fd").iterdir()} <= {
            "pipe",
            "/dev/null",
        }
        assert "NoNewPrivs:\t1" in (process / "status").read_text()
        assert "Seccomp:\t2" in (process / "status").read_text()


def test_a_host_that_announces_too_long_an_answer_is_ended():
    text = b"word " * 1000
    head = {"media_type": "text/plain", "languages": [], "size_bytes": len(text)}
    with (
        Host("text", budget=Budget(20, 10, 1 << 30, 2000)) as host,
        pytest.raises(HostEnded, match="output"),
    ):
        host.ask(head, io.BytesIO(text))


UNFILTERED = """
import ctypes, platform, sys
sys.path.insert(0, sys.argv[1])
assert ctypes.CDLL(None).personality(8) >= 0 and platform.machine() == "i686"
from ingest.extraction import Extractor, Limits
from ingest.sandbox.status import sandbox_status
with Extractor(limits=Limits(), tessdata=None) as extractor:
    for media_type in ("text/plain", "application/pdf"):
        found = extractor.extract(b"text", media_type=media_type)
        print(found.outcome, found.detail, len(found.segments))
    print(extractor.identify(b"text", name="a.pdf").media_type)
print(sandbox_status().seccomp)
"""


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="plays the machine whose system calls we do not know"
)
def test_without_a_filter_nothing_is_parsed_and_the_file_waits():
    found = subprocess.run(
        [sys.executable, "-c", UNFILTERED, str(ROOT)], capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout.splitlines() == [
        "waiting no-system-call-filter 0",
        "waiting no-system-call-filter 0",
        "application/octet-stream",
        "False",
    ]
