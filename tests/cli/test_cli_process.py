"""What only a process of its own can show: its environment, its limits, and how it ends."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from town import ENVIRONMENT

SHOW = """
import os, resource, sys
from archive.cli import main
import archive.cli.program as program
import click
def show(prog_name):
    import json, tempfile
    names = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    print(json.dumps({"core": resource.getrlimit(resource.RLIMIT_CORE), "temporary": tempfile.gettempdir(),
                      "mode": os.stat(os.environ["HOME"]).st_mode, **{n: os.environ[n] for n in names}}))
program.program = show
main()
"""


def command(*words, env=None, **settings):
    environ = {"PATH": os.environ["PATH"], **ENVIRONMENT, **(env or {})}
    line = [sys.executable, "-c", "from archive.cli import main; main()", *map(str, words)]
    return subprocess.Popen(
        line,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )


def opened_for_writing(pipe):
    """Open a pipe as soon as somebody reads from it."""
    for _ in range(600):
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nobody reads from the pipe")


def run(*words, env=None):
    process = command(*words, env=env)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_homes_and_temporary_files_are_in_memory_and_cores_are_not_dumped():
    found = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**ENVIRONMENT, "HOME": "/root", "TMPDIR": "/var/tmp"},
        check=True,
        capture_output=True,
    )
    told = json.loads(found.stdout)
    assert told.pop("core") == [0, 0]
    assert stat.S_IMODE(told.pop("mode")) == 0o700
    assert all(place.startswith("/dev/shm/sviedka-") for place in told.values())
    assert not Path(told["HOME"]).exists()


def test_the_doctor_looks_at_swap_and_core_dumps_as_a_real_command_meets_them():
    _code, out, _err = run("doctor", "--json")
    found = {one["subject"]: one for one in json.loads(out)}
    assert found["core dumps"] == {
        "severity": "well",
        "subject": "core dumps",
        "found": "off",
        "prevents": "",
    }
    assert found["swap"]["severity"] in ("well", "serious")


def test_without_memory_to_work_in_nothing_opens(founded_town):
    environ = {
        "SVIEDKA_RUNTIME": str(founded_town.place),
        "SVIEDKA_AGENT": "anna",
        "SVIEDKA_PASSPHRASE_FILE": str(founded_town.passphrase_file("anna")),
    }
    code, out, err = run("compartment", "list", "--archive", founded_town.archive, env=environ)
    assert (code, out) == (4, "")
    assert "[F15]" in err


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["serch"], 2), (["compartment", "list"], 2)])
def test_exit_statuses_reach_the_shell(words, code):
    assert run(*words)[0] == code


def test_json_is_one_value_and_the_rest_is_said_beside_it(town):
    environ = {
        "SVIEDKA_ARCHIVE": str(town.archive),
        "SVIEDKA_AGENT": "lena",
        "SVIEDKA_PASSPHRASE_FILE": str(town.passphrase_file("lena")),
    }
    code, out, err = run("search", "білі", "--json", env=environ)
    assert code == 0
    assert json.loads(out)["hits"][0]["title"] == "Сведчанне"
    assert "SVIEDKA_KEY_COST" in err


def test_a_prompt_without_a_terminal_is_an_error(founded_town):
    code, _, err = run("compartment", "list", "--archive", founded_town.archive, "--as", "anna")
    assert code == 2
    assert "--passphrase-file" in err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_being_stopped_leaves_nothing_in_memory(town, number, code):
    pipe = town.place / "pipe"
    os.mkfifo(pipe)
    environ = {
        "SVIEDKA_ARCHIVE": str(town.archive),
        "SVIEDKA_AGENT": "anna",
        "SVIEDKA_PASSPHRASE_FILE": str(pipe),
    }
    # A shell makes its background jobs ignore this signal, and they hand that on to whatever they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = command("compartment", "list", env=environ)
    writer = opened_for_writing(pipe)  # by now it waits for the passphrase, which nobody writes
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    os.close(writer)
    assert process.returncode == code, err
    assert "Traceback" not in err
