"""The guide for cosigners, followed to the letter: every block of docs/cosigner.md, in order, on two computers."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parent.parent.parent / "docs" / "cosigner.md"
BLOCK = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = "from archive.cli import main; main()"


class Readers:
    """The partner and the archive's operator, with the guide before them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "srv").mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        self.server = None

    def words(self, line: str) -> list[str]:
        put_in = line.replace("/srv/", f"{self.place}/srv/").replace("8100", self.port)
        return [sys.executable, "-c", PROGRAM, *shlex.split(put_in)[1:]]

    def settings(self, *, archive: bool) -> dict:
        env = {
            **os.environ,
            "PYTHONPATH": str(GUIDE.parent.parent),
            "SVIEDKA_KEY_COST": "10",
            "SVIEDKA_RUNTIME": "/dev/shm",
            "SVIEDKA_ALLOW_SWAP": "1",
        }
        env.pop("SVIEDKA_ARCHIVE", None)
        if archive:
            env["SVIEDKA_ARCHIVE"] = str(self.place / "srv" / "archive")
        return {"env": env, "cwd": self.place, "text": True, "stdin": subprocess.DEVNULL}

    def run(self, line: str, *, archive: bool = True) -> subprocess.CompletedProcess:
        settings = self.settings(archive=archive)
        return subprocess.run(self.words(line), **settings, capture_output=True, check=False)

    def serve(self, line: str) -> None:
        self.server = subprocess.Popen(
            self.words(line), **self.settings(archive=False), stderr=subprocess.PIPE
        )
        assert "cosigning as" in self.server.stderr.readline()

    def follow(self, line: str, *, archive: bool) -> None:
        if " cosign serve " in line:
            self.serve(line)
            return
        done = self.run(line, archive=archive)
        # An archive in which nothing was handed in is audited, and says that there was nothing to compare.
        expected = (1,) if " audit " in line else (0,)
        assert done.returncode in expected, f"{line}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    """The two who followed the guide to its end."""
    readers = Readers(tmp_path_factory.mktemp("guide"))
    readers.run("sviedka init /srv/archive --name Archive --custodian anna --sheets sheets")
    try:
        for kind, block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
            for line in filter(None, block.splitlines()):
                readers.follow(line, archive=kind == "archive")
        yield readers
    finally:
        if readers.server is not None:
            readers.server.terminate()
            readers.server.communicate()


def test_the_log_is_cosigned_at_the_end_of_the_guide(readers):
    covered = json.loads(readers.run("sviedka audit --policy archive.policy --json").stdout)["cosigned"]
    assert covered["uncovered"] == 0
    assert [one["name"] for one in covered["cosigners"]] == ["harbour.example/cosigner"]


def test_every_command_that_the_guide_only_names_is_there(readers):
    for words in re.findall(r"`sviedka ((?:[a-z-]+ ?)+)", BLOCK.sub("", GUIDE.read_text(encoding="utf-8"))):
        assert readers.run(f"sviedka {words} --help").returncode == 0, words
