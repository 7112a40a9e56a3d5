"""Verifying receipts with the core alone, and the standalone verifier that is made of it."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ledger_builder import ORIGIN, Builder, receipt_for

from archive.errors import CustodyError
from archive.trust import Trust, format_trust
from archive.verifier.build import build
from archive.verifier.main import main
from archive.verifying import fingerprint, verify_file

ORIGINAL = b"what was handed in"


@pytest.fixture(scope="module")
def handed_in():
    """A receipt, and the trust file that goes with it."""
    builder = Builder()
    vera = builder.enrol("vera", "documenter")
    builder.grant(vera, "main", ["contribute"], [])
    receipt = receipt_for(builder, vera, "main", "акт.txt", ORIGINAL)
    return receipt, format_trust(Trust(ORIGIN, builder.log_keys))


@pytest.fixture(scope="module")
def zipapp(tmp_path_factory):
    path = tmp_path_factory.mktemp("verifier") / "sviedka-verify.pyz"
    path.write_bytes(build())
    return path


@pytest.fixture
def files(tmp_path, handed_in):
    """The receipt, the trust file and the original as files."""
    paths = {name: tmp_path / name for name in ("receipt", "trust", "file")}
    for path, data in zip(paths.values(), (*handed_in, ORIGINAL), strict=True):
        path.write_bytes(data)
    return paths


def isolated(zipapp, *arguments):
    """Run the verifier where nothing is installed, in an empty folder of its own."""
    command = [sys.executable, "-I", "-S", str(zipapp), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=zipapp.parent)


def test_it_says_whose_word_the_keys_are(handed_in):
    receipt, trust = handed_in
    alone = verify_file(receipt)
    assert alone.as_data()["trusted"] is False
    [key] = alone.as_data()["log_keys"]
    assert any("the receipt's own claim" in line for line in alone.lines())
    assert any(fingerprint(key["key"]) in line for line in alone.lines())
    trusted = verify_file(receipt, trust=trust)
    assert trusted.as_data()["trusted"] is True
    assert not any("log's keys are the receipt's own claim" in line for line in trusted.lines())


def test_it_says_when_no_file_was_compared(handed_in):
    assert any("no file was compared" in line for line in verify_file(handed_in[0]).lines())
    compared = verify_file(handed_in[0], read=io.BytesIO(ORIGINAL).read)
    assert compared.as_data()["file_size_bytes"] == len(ORIGINAL)
    with pytest.raises(CustodyError, match="not the one") as raised:
        verify_file(handed_in[0], read=io.BytesIO(ORIGINAL + b"!").read)
    assert raised.value.code == "C84"


def test_a_file_name_cannot_redraw_the_terminal():
    builder = Builder()
    receipt = receipt_for(builder, builder.anna, "main", "a\x1b[2Jb\u202etxt", ORIGINAL)
    assert "a?[2Jb?txt" in verify_file(receipt).lines()[0]


def test_the_zipapp_verifies_where_nothing_is_installed(zipapp, files):
    run = isolated(zipapp, files["receipt"], "--file", files["file"], "--trust", files["trust"], "--json")
    assert (run.returncode, run.stderr) == (0, "")
    told = json.loads(run.stdout)
    assert (told["verified"], told["trusted"], told["name"]) == (True, True, "акт.txt")
    assert isolated(zipapp, files["receipt"]).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["receipt", "--file", "trust"], 1, "C84"),
        (["file"], 1, "C34"),
        (["receipt", "--trust", "file"], 1, "C85"),
        (["nowhere"], 2, "I79"),
        (["receipt", "--file", "nowhere"], 2, "I79"),
    ],
)
def test_its_refusals_have_a_status_and_a_code(files, capsys, arguments, status, code):
    named = [one if one.startswith("--") else str(files.get(one, Path("nowhere"))) for one in arguments]
    assert main([*named, "--json"]) == status
    told = capsys.readouterr()
    assert json.loads(told.out)["code"] == code
    assert code in told.err


def test_misuse_is_status_2(files):
    with pytest.raises(SystemExit) as raised:
        main([str(files["receipt"]), "--unknown"])
    assert raised.value.code == 2


def test_the_same_sources_give_the_same_bytes(zipapp):
    assert build() == zipapp.read_bytes()


def test_it_holds_core_modules_and_nothing_else(zipapp):
    with zipfile.ZipFile(zipapp) as archive:
        names = set(archive.namelist())
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
    assert names >= {"__main__.py", "archive/merkle.py", "archive/ed25519.py", "archive/receipts.py"}
    folders = {name.rpartition("/")[0] for name in names}
    assert folders == {"", "archive", "archive/verifier"}
    assert not names & {"archive/verifier/build.py", "archive/assemble.py", "archive/audit.py"}
