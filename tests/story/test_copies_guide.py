"""The operator's guide to copies and fixity, followed to the letter: every block marked `sh`, in order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from founded import found_house, leave_nothing, opened_house

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDE = ROOT / "docs" / "operations.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENDS = re.compile(r"# ends with (\d)")
PROGRAM = f'#!/bin/sh\nexec {sys.executable} -c "from archive.cli import main; main()" "$@"\n'


@pytest.fixture
def place(tmp_path):
    """A machine with the archive of the guide, and its disks."""
    for name in ("srv", "media", "bin"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin" / "sviedka").write_text(PROGRAM)
    (tmp_path / "bin" / "sviedka").chmod(0o700)
    found_house(tmp_path / "srv" / "archive")
    with opened_house(tmp_path / "srv" / "archive") as house:
        house.deposit_one(house.documenter(), "Сведчанне: дубінка.")
    yield tmp_path
    leave_nothing(tmp_path / "srv" / "archive")


def follow(place, line):
    """Run one line; a variable that it sets is for the lines after it."""
    env = {
        **os.environ,
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "SVIEDKA_ARCHIVE": str(place / "srv" / "archive"),
        "SVIEDKA_KEY_COST": "10",
        "SVIEDKA_RUNTIME": "/dev/shm",
        "SVIEDKA_ALLOW_SWAP": "1",
    }
    line = re.sub(r"(?<![\w.])/(srv|media)/", rf"{place}/\1/", line)
    return subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, check=False)


def test_every_block_of_the_guide_does_what_it_says(place):
    told, before = "", ""
    for block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("body="):
                before = f"{line}; "
                continue
            done = follow(place, before + line)
            expected = int(ENDS.search(line)[1]) if ENDS.search(line) else 0
            assert done.returncode == expected, f"{line}\n{done.stdout}{done.stderr}"
            told += done.stdout
    assert "a body is damaged" in told
    assert "repaired: 1; everything that was compared is as it was logged" in told
    assert not (place / "srv" / "drill").exists()
