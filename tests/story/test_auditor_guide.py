"""The auditor's guide, followed to the letter: every block of commands in docs/auditor.md, in order.

What a reader puts in herself is put in here: where the archive answers and lies, and her files.
"""

import contextlib
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from founded import circumstances
from mirrored import serving

from archive.access.receipts import trust_of
from archive.assemble import open_archive
from archive.trust import format_trust
from archive.verifier.main import main as verify
from archive.web.application import create_app
from search.engines.tantivy_engine import TantivyEngine
from search.shelf import Shelf

sys.path.insert(0, str(Path(__file__).parent.parent / "cli"))

from town import FOR_COURT, Town

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parent.parent.parent / "docs" / "auditor.md"
BLOCK = re.compile(r"^```sh ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """An archive with one statement, its receipt, and an auditor with her two files."""
    town = Town(tmp_path_factory.mktemp("auditor"))
    town.json(
        "init", town.archive, "--name", "Ours", "--custodian", "anna",
        "--new-passphrase-file", town.remember("anna"), "--sheets", town.place / "sheets",
    )  # fmt: skip
    for handle, role in {"vera": "documenter", "olga": "auditor"}.items():
        file = town.remember(handle)
        town.json("agent", "add", handle, "--role", role, "--new-passphrase-file", file, who="anna")
    town.json("grant", "vera", "main", "--may", "contribute", "--reason", "hands in", who="anna")
    described = town.write("d.json", json.dumps({**FOR_COURT, "title": "A statement"}))
    file = town.write("statement.txt", "They took our passphrases in the bus.\n")
    [given] = town.json("deposit", file, "--into", "main", "--describe", described, who="vera")
    town.json("receipt", given["item"], "-o", town.place / "receipt.tlog-proof", who="vera")
    town.json("agent", "export", "-o", town.place / "olga.key", who="olga")
    return town


@pytest.fixture(scope="module")
def told(town):
    """What each command of the guide said, to a reader who followed it to its end."""
    told = []
    with open_archive(town.archive, circumstances()) as archive, contextlib.chdir(town.place):
        town.write("archive.trust", format_trust(trust_of(archive)))
        shelf = Shelf(archive, TantivyEngine)
        with serving(create_app(archive, shelf)) as address:
            for kind, block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
                for line in block.splitlines():
                    put_in = line.replace("https://archive.example", address)
                    put_in = put_in.replace("/srv/archive", str(town.archive))
                    told.append((line, *run(town, put_in)))
                    assert told[-1][1] == (1 if kind == "fails" else 0), told[-1]
        shelf.close()
    return told


def run(town, line):
    if not line.startswith("sviedka"):
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr
    who = None if "--archive" in line else "olga"
    result = town.run(*shlex.split(line)[1:], who=who)
    return result.exit_code, result.stdout if "--json" in line else result.output


def test_the_guide_leads_through_a_year(told):
    said = [output for line, _status, output in told if line.startswith("sviedka")]
    first, second, sample, fault, report = said
    assert "verified: everything that was compared is as it was logged" in first
    assert "receipts 1" in second
    assert re.search(r"of the log [1-9][0-9]* entries were kept", second)
    assert "(50 %: a sample of 1 by the seed 41652)" in sample
    assert "[F43]" in fault
    assert "expected" in fault
    assert json.loads(report)["mirror"]["fetched"] < 5


def test_every_code_that_the_guide_explains_is_one_of_ours():
    root = GUIDE.parent.parent
    sources = "\n".join(
        one.read_text() for part in ("archive", "storage") for one in root.glob(f"{part}/**/*.py")
    )
    for code in re.findall(r"\b[ACFI][0-9]{2}\b", GUIDE.read_text(encoding="utf-8")):
        assert f'"{code}"' in sources, code


def test_the_standalone_verifier_takes_what_an_auditor_keeps(told, town, capsys):
    kept, trust = town.place / "archive-log", town.place / "archive.trust"
    receipt, since = town.place / "receipt.tlog-proof", town.place / "first.checkpoint"
    arguments = [str(kept), "--trust", str(trust), "--since", str(since), "--with", str(receipt), "--json"]
    assert verify(arguments) == 0, capsys.readouterr()
