"""Core dumps: forbidden for good, for forked children too, and told apart by where they would go."""

import json
import subprocess
import sys

import pytest

SHOW = """
import json, os, resource, sys
from pathlib import Path
from keys.secrecy import forbid_cores
from storage.cores import core_destination
piped, plain = map(Path, sys.argv[1:])
def told():
    return [core_destination(pattern=piped), core_destination(pattern=plain)]
found = {"before": told()}
resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
found["limited"] = told()
forbid_cores()
found["forbidden"] = told()
reading, writing = os.pipe()
if os.fork() == 0:
    os.write(writing, json.dumps(told()).encode())
    os._exit(0)
os.wait()
found["child"] = json.loads(os.read(reading, 1000))
print(json.dumps(found))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where cores go")
def test_forbidden_is_neither_file_nor_program_and_a_limit_alone_stops_no_program(tmp_path):
    piped, plain = tmp_path / "piped", tmp_path / "plain"
    piped.write_text("|/usr/lib/systemd/systemd-coredump %P\n")
    plain.write_text("core\n")
    shown = subprocess.run(
        [
            "sh",
            "-c",
            'ulimit -S -c 1 2>/dev/null; exec "$0" -c "$1" "$2" "$3"',
            sys.executable,
            SHOW,
            piped,
            plain,
        ],
        capture_output=True,
        check=True,
    )
    found = json.loads(shown.stdout)
    program = "to a program that collects crashes"
    assert found["before"] in ([program, "to a file"], [program, None])  # None where the hard limit is 0
    assert found["limited"] == [program, None]
    assert found["forbidden"] == [None, None]
    assert found["child"] == [None, None]
