"""The custodian's guide, followed to the letter: every block of commands in docs/custodian.md, in order.

What a reader puts in herself is put in here: where the archive and the disks are, the id of the item that came
in last, the proposal that waits, and the passphrases that she was shown.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parent.parent.parent / "docs" / "custodian.md"
BLOCK = re.compile(r"^( *)```(\S*) ?(\S*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PROGRAM = "from archive.cli import main; main()"
SHOWN = re.compile(r"passphrase of (\w+): (.+)")
#: What the guide's people have before they begin.
FILES = {
    "statement.txt": "Yesterday they took our passphrases in the bus.\n",
    "blackened.txt": "████ in the bus.\n",
}


class Reader:
    """Somebody with the guide before her, a terminal, and a place for everything."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.disks = {"/srv": place / "srv", "/media": place / "media"}
        for folder in self.disks.values():
            folder.mkdir()
        for name, text in FILES.items():
            (place / name).write_text(text, encoding="utf-8")
        self.item = ""

    def follow(self, line: str) -> subprocess.CompletedProcess:
        """Run one line of the guide, and remember the passphrases that it shows."""
        words = shlex.split(self._put_in(line))
        done = self.run(*words[1:])
        for handle, passphrase in SHOWN.findall(done.stdout + done.stderr):
            self._passphrase_of(handle).write_text(passphrase + "\n", encoding="utf-8")
        if "deposit" in words:
            self.item = re.search(r"[a-z2-7]{26}", done.stdout)[0]
        return done

    def run(self, *words: str) -> subprocess.CompletedProcess:
        """Run `sviedka` with these words, in a process of its own."""
        handle = words[words.index("--as") + 1] if "--as" in words else ""
        env = {
            **os.environ,
            "PYTHONPATH": str(GUIDE.parent.parent),
            "SVIEDKA_ARCHIVE": str(self.disks["/srv"] / "archive"),
            "SVIEDKA_KEY_COST": "10",
            "SVIEDKA_RUNTIME": "/dev/shm",
            "SVIEDKA_ALLOW_SWAP": "1",
        }
        if self._passphrase_of(handle).exists():
            env["SVIEDKA_PASSPHRASE_FILE"] = str(self._passphrase_of(handle))
        command = [sys.executable, "-c", PROGRAM, *words]
        return subprocess.run(command, env=env, cwd=self.place, capture_output=True, text=True, check=False)

    def write(self, name: str, text: str) -> None:
        (self.place / name).write_text(self._put_in(text), encoding="utf-8")

    def _put_in(self, line: str) -> str:
        for disk, folder in self.disks.items():
            line = line.replace(f"{disk}/", f"{folder}/")
        if "PROPOSAL" in line:
            waiting = json.loads(self.run("--as", "anna", "proposal", "list", "--json").stdout)
            line = line.replace("PROPOSAL", waiting[0]["proposal"])
        if "TRANSFER" in line:
            offered = json.loads(self.run("--as", "zina", "transfer", "list", "--json").stdout)
            line = line.replace("TRANSFER", offered[0]["transfer"])
        return line.replace("ITEM", self.item)

    def _passphrase_of(self, handle: str) -> Path:
        return self.place / f"{handle or 'nobody'}.passphrase"


#: Lines that are meant to answer with something else than 0, in the state the guide is in there.
ANSWERS = {"sviedka doctor": (0, 1, 3)}


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """The reader who followed the guide to its end."""
    reader = Reader(tmp_path_factory.mktemp("guide"))
    for _indent, kind, name, block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if kind == "json":
            reader.write(name, block)
            continue
        for line in (one.strip() for one in block.splitlines()):
            if line.startswith("sviedka"):
                done = reader.follow(line)
                expected = ANSWERS.get(line, (0,))
                assert done.returncode in expected, f"{line}\n{done.stdout}{done.stderr}"
    return reader


def test_the_guide_sets_up_two_partners_and_three_trustees(reader):
    held = json.loads(reader.run("--as", "masha", "compartment", "list", "--json").stdout)
    labels = {one["label"] for one in held}
    assert {"harbour", "harbour.identities", "lantern", "lantern.identities"} <= labels


def test_who_left_is_refused_and_the_sheets_before_open_nothing(reader):
    usb = str(reader.disks["/media"] / "usb")
    old = [f"--share={usb}/share-{number}.txt" for number in (1, 2)]
    assert reader.run("--as", "leu", "--purpose", "court", "search", "passphrases").returncode == 3
    assert reader.run("--as", "anna", "trustees", "drill", *old).returncode == 3
    assert reader.run("trustees", "recover", *old, "--to", "mallory").returncode == 3


def test_every_command_that_the_guide_only_names_is_there(reader):
    blocks = BLOCK.sub("", GUIDE.read_text(encoding="utf-8"))
    for words in re.findall(r"`sviedka ((?:[a-z-]+ ?)+)", blocks):
        assert reader.run(*words.split(), "--help").returncode == 0, words
