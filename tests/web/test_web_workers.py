"""Several worker processes behind one address: one session, one lock, and nothing left after the plug is pulled."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import PASSPHRASE
from real_server import ROOT, Visitor

from archive.access import agents, rotation, signin
from archive.assemble import Circumstances, Founding, found_archive, load_settings, open_archive
from archive.nouns import Role
from storage.runtime import USUAL


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    (folder / "runtime").mkdir()
    circumstances = Circumstances(log_n=10, runtimes=(folder / "runtime",), allow_disk=True)
    found_archive(folder / "archive", Founding("Proba", "custodian", PASSPHRASE), circumstances)
    with open_archive(folder / "archive", circumstances) as opened:
        custodian = signin.sign_in(opened, "custodian", PASSPHRASE)
        agents.enrol(opened, custodian, "lawyer", Role.LAWYER, PASSPHRASE)
        rotation.rotate(opened, signin.sign_in(opened, "lawyer", PASSPHRASE), PASSPHRASE)
    return folder


@pytest.fixture
def server(folder, serving):
    return serving(folder, workers=2)


def lock(folder, **env):
    command = [sys.executable, "-c", "from archive.cli import main; main()", "lock", "--json"]
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SVIEDKA_ARCHIVE": str(folder / "archive"),
        **env,
    }
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def test_two_processes_answer_for_one_session_and_none_after_the_plug_was_pulled(folder, server, serving):
    lawyer = Visitor(server.port).sign_in("lawyer")
    workers = server.workers()
    assert len(workers) == 2
    for worker in workers:
        with server.only(worker):
            assert [lawyer.is_in() for _ in range(10)] == [True] * 10
    server.kill()
    again = serving(folder, workers=2)
    lawyer.port = again.port
    for worker in again.workers():
        with again.only(worker):
            assert not lawyer.is_in()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_opens_no_session_though_a_command_runs_on_and_keeps_the_runtime_directory(
    folder, server, serving, end
):
    lawyer = Visitor(server.port).sign_in("lawyer")
    circumstances = Circumstances(log_n=10, runtimes=(server.runtime,), allow_disk=True)
    with open_archive(folder / "archive", circumstances) as command:
        getattr(server, end)()
        assert (command.runtime.shared / "boot").exists() is (end == "kill")
        lawyer.port = serving(folder).port
        assert not lawyer.is_in()


def test_a_lock_in_one_process_holds_in_the_other_at_once(server):
    lawyer, custodian = Visitor(server.port).sign_in("lawyer"), Visitor(server.port).sign_in("custodian")
    here, there = server.workers()
    for worker in (here, there):
        with server.only(worker):
            assert lawyer.is_in()
    with server.only(here):
        answer, _page = custodian.post("/sessions/lock-archive/now", of="/sessions")
        assert answer.status == 303
    with server.only(there):
        assert not lawyer.is_in()
        assert not custodian.is_in()
        assert Visitor(server.port).sign_in("lawyer").is_in()


def test_the_operator_locks_a_running_server_without_any_passphrase(folder, server):
    lawyer = Visitor(server.port).sign_in("lawyer")
    code, told, _said = lock(folder, SVIEDKA_RUNTIME=str(server.runtime))
    assert (code, told) == (0, {"locked": True, "serving": True})
    for worker in server.workers():
        with server.only(worker):
            assert not lawyer.is_in()
    assert lawyer.sign_in("lawyer").is_in()


def test_a_lock_finds_the_server_wherever_the_operators_shell_would_keep_things(folder, serving, tmp_path):
    server = serving(folder, runtime=USUAL)
    boot = USUAL / f"sviedka-{load_settings(folder / 'archive').archive}" / "shared" / "boot"
    before = boot.read_bytes()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code, told, _said = lock(folder, XDG_RUNTIME_DIR=str(elsewhere))
    assert (code, told["serving"]) == (0, True)
    Visitor(server.port).ask("GET", "/sign-in")
    assert boot.read_bytes() != before
    server.stop()
    shutil.rmtree(boot.parent.parent)


def test_a_lock_that_does_not_reach_the_server_says_so_and_ends_the_sessions_all_the_same(folder, server):
    lawyer = Visitor(server.port).sign_in("lawyer")
    code, _told, said = lock(folder)
    assert code == 3
    assert "[A71]" in said
    assert not lawyer.is_in()


def test_a_lock_without_a_server_is_no_error(folder):
    assert lock(folder)[:2] == (0, {"locked": True, "serving": False})


def test_worker_processes_are_never_dumped(server):
    for pid in [server.process.pid, *server.workers()]:
        assert re.search(r"^Max core file size\s+0\s+0\s", Path(f"/proc/{pid}/limits").read_text(), re.M)
