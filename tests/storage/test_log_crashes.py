"""The log after kill -9 and on a full disk, judged by what was acknowledged."""

import os
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import small_log
from test_log import slow_root

PROJECT = Path(__file__).parents[2]
APPENDER = Path(small_log.__file__)


def run(*arguments, **options):
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT}:{APPENDER.parent}"}
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env=environment, **options
    )


def check_acknowledged(found, lines):
    """Every batch said to be logged is where it was said to be."""
    for line in lines:
        name, number, size, first = line.split()
        for offset in range(int(size)):
            assert found[int(first) + offset].strip() == f"{name} {int(number) + offset}".encode()


def test_kill_9_at_any_moment_loses_nothing_acknowledged_and_half_makes_nothing(tmp_path):
    root = tmp_path / "log"
    small_log.new_log(root)
    pick = random.Random(5)
    size, acknowledged = 0, []
    for number in range(15):
        writer = run(str(APPENDER), str(root), f"w{number}", "1,1,40,1,700,3")
        # The first line comes once the process is at work; then it is killed somewhere in what follows.
        lines = [writer.stdout.readline() for _ in range(pick.randrange(1, 12))]
        try:
            writer.wait(timeout=pick.random() * 0.02)
        except subprocess.TimeoutExpired:
            writer.kill()
        lines += writer.stdout.read().splitlines(keepends=True)
        writer.stdout.close()
        writer.wait()
        acknowledged += [line for line in lines if line.endswith("\n")]
        log = small_log.open_log(root)
        found = list(log.entries(0))
        assert len(found) >= size
        size = len(found)
        assert log.checkpoint().size == size
        assert log.checkpoint().root == slow_root(found)
        check_acknowledged(found, acknowledged)
    assert len(acknowledged) > 15
    appended = log.append([b"after all that"])
    assert appended.first_index == size
    assert appended.checkpoint.root == slow_root([*found, b"after all that"])


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mounted)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("cannot mount a small file system here")
    yield mounted
    subprocess.run(["umount", str(mounted)], check=True)


@pytest.mark.parametrize("count", [1, 30, 300])
def test_on_a_full_disk_the_log_keeps_its_size_and_goes_on_when_there_is_room(small_disk, count):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    root = small_disk / "log"
    log = small_log.new_log(root)
    command = "import sys, small_log; from pathlib import Path; "
    command += f"small_log.append_batches(Path(sys.argv[1]), 'w', [{count}] * 2000, until_full=True)"
    writer = run("-c", command, str(root))
    *lines, last = writer.communicate()[0].splitlines()
    assert last == "refused F02"
    size = count * len(lines)
    found = list(log.entries(0))
    assert len(found) == size
    check_acknowledged(found, lines)
    assert log.checkpoint().root == slow_root(found)
    ballast.unlink()
    appended = log.append([b"there is room again"])
    assert appended.checkpoint.root == slow_root([*found, b"there is room again"])


def test_at_the_limit_of_a_files_size_the_log_keeps_its_size(tmp_path):
    root = tmp_path / "log"
    log = small_log.new_log(root)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    command = "import signal, sys, small_log; from pathlib import Path; "
    command += "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    command += "small_log.append_batches(Path(sys.argv[1]), 'w', [30] * 20, until_full=True)"
    writer = run("-c", command, str(root), preexec_fn=limit)
    *lines, last = writer.communicate()[0].splitlines()
    assert last == "refused F02"
    found = list(log.entries(0))
    assert len(found) == 30 * len(lines) == 90
    assert not list(root.rglob("*.new"))
    assert log.append([b"next"]).checkpoint.root == slow_root([*found, b"next"])
