"""What the attacks share: a village whose every command is a process of its own, and what is planted in it."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from defences import Defence, prelude, without
from real_server import PROGRAM
from town import ENVIRONMENT, FOR_COURT, Town

TESTS = Path(__file__).resolve().parent.parent
PLACES = os.pathsep.join(str(place) for place in (TESTS.parent, TESTS, TESTS / "attacks"))
TEXT = "Мяне білі ў Жодзіне тры дні. Ён казаў на сябе Янка Сарокін.\n"
FILE_NAME = "паказанні-Валянціны.txt"
TITLE = "Сведчанне Валянціны"
NAME = "Сарокін"
REASON = "рыхтуе справу Валянціны"


@dataclass
class Ended:
    """How a process ended, and what it said."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


@dataclass
class Village(Town):
    """A town in which each command runs in a real process.

    Where lines of defence are lacking, commands run in this process, which is the same without them.
    """

    lacking: tuple[Defence, ...] = field(default=(), kw_only=True)

    def run(self, *words, who=None, env=None):
        if self.lacking:
            with without(*self.lacking):
                return super().run(*words, who=who, env=env)
        variables = {**os.environ, **ENVIRONMENT, "SVIEDKA_ARCHIVE": str(self.archive), "PYTHONPATH": PLACES}
        if who is not None:
            variables |= {"SVIEDKA_AGENT": who, "SVIEDKA_PASSPHRASE_FILE": str(self.passphrase_file(who))}
        done = subprocess.run(
            [sys.executable, "-c", "from archive.cli import main\nmain()", *map(str, words)],
            env=variables | (env or {}), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        # What fails in any other way than being refused is no defence, and would look like one.
        assert not re.search("Traceback|internal error", done.stderr), done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    @property
    def town(self):
        """The same archive, for what is done before an attack."""
        return Town(self.place, self.items)

    def copied_to(self, place, *lacking):
        shutil.copytree(self.place, place)
        return Village(place, dict(self.items), lacking=lacking)

    def lacking_only(self, *lacking):
        """The same archive, with commands that lack these lines."""
        return Village(self.place, dict(self.items), lacking=lacking)


def serving_program(lacking=()):
    """Return the program of a server that lacks these lines."""
    return f"import sys; sys.path.append({str(TESTS / 'attacks')!r})\n" + prelude(lacking) + PROGRAM


PEOPLE = {"vera": "documenter", "leu": "lawyer", "wanda": "documenter", "olga": "auditor"}
RIGHTS = {
    "vera": ("--may", "contribute", "--reason", "hands in"),
    "wanda": ("--may", "contribute", "--reason", "hands in"),
    "leu": ("--may", "read", "--for", "court", "--reason", REASON),
}


def settle(place, people=tuple(PEOPLE), lacking=()):
    """Found an archive: vera hands in what is planted, leu may read it, wanda hands in too, olga audits.

    All this happens in this process, without the same lines of defence.
    """
    place.mkdir(exist_ok=True)
    town = Town(place)
    with without(*lacking):
        town.json(
            "init", town.archive, "--name", "The village", "--custodian", "anna",
            "--new-passphrase-file", town.remember("anna"), "--sheets", town.place / "sheets",
        )  # fmt: skip
        for handle in people:
            enrol(town, handle, PEOPLE[handle])
        for handle in RIGHTS.keys() & set(people):
            town.json("grant", handle, "main", *RIGHTS[handle], who="anna")
        hand_in(town, "planted", "vera", TEXT)
    return Village(place, town.items, lacking=lacking)


def enrol(village, handle, role):
    file = village.remember(handle)
    village.json("agent", "add", handle, "--role", role, "--new-passphrase-file", file, who="anna")


def hand_in(village, name, who, text, label="main"):
    file = village.write(f"{name}/{FILE_NAME}", text)
    described = village.write(
        f"{name}/d.json", json.dumps({**FOR_COURT, "title": TITLE, "perpetrators": [NAME]})
    )
    [told] = village.json("deposit", file, "--into", label, "--describe", described, who=who)
    village.items[name] = told.get("item")
    return told


def steal(village, place):
    """Copy what a seizure finds: the archive's folder, and nothing of what was in memory or in people's heads."""
    shutil.copytree(village.archive, place)
    return place


def stolen_bytes(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
