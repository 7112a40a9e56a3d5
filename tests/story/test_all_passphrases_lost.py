"""The worst day but one: the server is gone, and nobody remembers a passphrase.

What is left is a backup disk and the trustees' sheets. Two of the three come to a new machine, where the backup
is restored, and type their words at a terminal. Then every item is readable again, every custody event is what it
was, and the audit says so. One sheet alone gets nothing, and a mistyped word is named.
"""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
PROGRAM = "from archive.cli import main; main()"
WORDS = re.compile(r"\b\d+\. +(\S+)")


class Machine:
    """A computer with a disk of its own; only what is carried there is there."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    @property
    def archive(self) -> Path:
        return self.place / "archive"

    def environment(self, who: str = "") -> dict[str, str]:
        told = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.place),
            "PYTHONPATH": str(ROOT),
            "SVIEDKA_ARCHIVE": str(self.archive),
            "SVIEDKA_KEY_COST": "10",
            "SVIEDKA_RUNTIME": "/dev/shm",
            "SVIEDKA_ALLOW_SWAP": "1",
        }
        if who:
            told |= {"SVIEDKA_AGENT": who, "SVIEDKA_PASSPHRASE_FILE": str(self.place / f"{who}.passphrase")}
        return told

    def run(self, *words: object, who: str = "") -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", PROGRAM, *map(str, words)]
        done = subprocess.run(
            command, env=self.environment(who), cwd=self.place, capture_output=True, check=False
        )
        self.keep_passphrases((done.stdout + done.stderr).decode("utf-8", "replace"))
        return done

    def do(self, *words: object, who: str = "") -> str:
        done = self.run(*words, who=who)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def json(self, *words: object, who: str = ""):
        return json.loads(self.do(*words, "--json", who=who))

    def at_a_terminal(self, *words: object, typed: list[str]) -> tuple[int, str]:
        """Run a command at a terminal of its own, and type each line when it asks for a sheet."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(sys.executable, [sys.executable, "-c", PROGRAM, *map(str, words)], self.environment())
        said, asked, deadline = "", 0, time.monotonic() + 60
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                said += os.read(terminal, 4096).decode("utf-8", "replace")
            except OSError:
                break
            while len(re.findall(r"Sheet \d+(?: of \d+)?: ", said)) > asked and typed:
                asked += 1
                os.write(terminal, typed.pop(0).encode() + b"\n")
        else:
            os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        self.keep_passphrases(said)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said

    def keep_passphrases(self, said: str) -> None:
        for handle, passphrase in re.findall(r"passphrase of (\w+): ([^\r\n]+)", said):
            (self.place / f"{handle}.passphrase").write_text(passphrase + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """The backup disk, the sheets in the trustees' hands, and what was in the archive when it was lost."""
    lost = Machine(tmp_path_factory.mktemp("lost") / "server")
    told = {"rights_basis": "consent", "consent": {"given_by": "self", "uses": ["store", "court"]}}
    (lost.place / "told.json").write_text(json.dumps({**told, "title": "Told"}), encoding="utf-8")
    lost.do("init", lost.archive, "--name", "Lost", "--custodian", "anna", "--sheets", "sheets")
    lost.do("compartment", "add", "harbour", who="anna")
    lost.do("agent", "add", "vera", "--role", "documenter", who="anna")
    lost.do("agent", "add", "leu", "--role", "lawyer", who="anna")
    lost.do("agent", "rotate", who="vera")
    items = {}
    for label in ("main", "harbour", "harbour.identities"):
        lost.do("grant", "vera", label, "--may", "contribute,describe", "--reason", "hands in", who="anna")
        for number in range(3):
            text = f"Паведамленне {number} у {label}.\n"
            (lost.place / "told.txt").write_text(text, encoding="utf-8")
            [one] = lost.json("deposit", "told.txt", "--into", label, "--describe", "told.json", who="vera")
            items[one["item"]] = text
        # What came before and after a change of keys is in the same compartment.
        lost.do("grant", "leu", label, "--may", "read", "--for", "court", "--reason", "a case", who="anna")
        lost.do("revoke", "leu", label, "--reason", "over", "--yes", who="anna")
    carried = tmp_path_factory.mktemp("disk")
    lost.json("backup", carried / "backup")
    shutil.copytree(lost.place / "sheets", carried / "sheets")
    shutil.copytree(lost.archive / "log", carried / "log")
    shutil.rmtree(lost.place)
    return carried, items


@pytest.fixture
def machine(disk, tmp_path):
    """A new machine with the backup restored on it."""
    fresh = Machine(tmp_path / "fresh")
    fresh.json("restore", disk[0] / "backup", fresh.archive)
    return fresh


def words_of(disk, number):
    return " ".join(WORDS.findall((disk[0] / "sheets" / f"share-{number}.txt").read_text(encoding="utf-8")))


def newest_entries(log):
    """Return the bytes of the newest bundle of entries, which holds all there are: fewer than 256."""
    bundles = (log / "tile" / "entries" / "000.p").iterdir()
    return max(bundles, key=lambda one: int(one.name)).read_bytes()


def test_two_trustees_on_a_new_machine_get_everything_back_by_typing_their_words(disk, machine):
    _carried, items = disk
    right = words_of(disk, 1)
    words = right.split()
    mistyped = " ".join([*words[:4], "acadmic", *words[5:]])
    status, said = machine.at_a_terminal(
        "trustees", "recover", "--to", "masha", typed=[mistyped, right, right, words_of(disk, 3)]
    )
    assert status == 0, said
    assert "word 5" in said
    assert "typed already" in said
    machine.do("agent", "rotate", who="masha")
    for item, text in items.items():
        out = machine.place / f"{item}.txt"
        machine.do("read", item, "--purpose", "court", "-o", out, who="masha")
        assert out.read_text(encoding="utf-8") == text


def test_every_custody_event_is_what_it_was_and_the_audit_says_so(disk, machine):
    carried, items = disk
    share = [f"--share={carried}/sheets/share-{number}.txt" for number in (2, 3)]
    machine.do("trustees", "recover", *share, "--to", "masha")
    before, now = newest_entries(carried / "log"), newest_entries(machine.archive / "log")
    assert now.startswith(before)
    assert len(before) > 10_000
    for item in items:
        kinds = [one["kind"] for one in machine.json("history", item, who="masha")]
        assert "accession" in kinds
    report = machine.json("audit")
    assert (report["outcome"], report["faults"]) == ("verified", [])


def test_one_sheet_gets_nothing_and_nothing_is_logged(disk, machine):
    size = (machine.archive / "log" / "checkpoint").read_bytes()
    done = machine.run("trustees", "recover", f"--share={disk[0]}/sheets/share-1.txt", "--to", "masha")
    assert done.returncode == 3
    status, said = machine.at_a_terminal(
        "trustees", "recover", "--to", "masha", typed=[words_of(disk, 1), "\x04"]
    )
    assert status != 0, said
    assert (machine.archive / "log" / "checkpoint").read_bytes() == size
    assert not (machine.place / "masha.passphrase").exists()
