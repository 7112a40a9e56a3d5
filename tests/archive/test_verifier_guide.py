"""docs/verifier.md followed to the letter: every line of its blocks, in order, as a court's expert would."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ledger_builder import ORIGIN, Builder, receipt_for
from log_folder import write_log

from archive.trust import Trust, format_trust
from archive.verifier.build import build, noted

GUIDE = Path(__file__).parent.parent.parent / "docs" / "verifier.md"
BLOCK = re.compile(r"^```sh ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ORIGINAL = b"what was handed in"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """What the expert was given, in one folder."""
    place, builder = tmp_path_factory.mktemp("expert"), Builder()
    vera = builder.enrol("vera", "documenter")
    builder.grant(vera, "main", ["contribute"], [])
    (place / "earlier").write_bytes(builder.note())
    (place / "receipt.tlog-proof").write_bytes(receipt_for(builder, vera, "main", "statement.pdf", ORIGINAL))
    (place / "statement.pdf").write_bytes(ORIGINAL)
    (place / "archive.trust").write_bytes(format_trust(Trust(ORIGIN, builder.log_keys)))
    builder.accession(vera, "main")
    write_log(builder, place / "log")
    (place / "sviedka-verify.pyz").write_bytes(build())
    return place


def followed(place, block):
    """Run a block as it stands, in a shell with nothing in its environment but where programs are."""
    programs = place / "programs"
    programs.mkdir(exist_ok=True)
    if not (programs / "python3").exists():
        (programs / "python3").symlink_to(sys.executable)
    return subprocess.run(
        ["sh", "-e", "-c", block],
        cwd=place,
        env={"PATH": f"{programs}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


def blocks(kind):
    return [block for found, block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")) if found == kind]


def test_every_line_of_the_guide_does_what_it_says(place):
    said = ""
    for block in blocks(""):
        done = followed(place, block)
        assert (done.returncode, done.stderr) == (0, ""), f"{block}\n{done.stdout}{done.stderr}"
        said += done.stdout
    assert said.count("verified: ") == 4
    for words in (
        "archive/merkle.py",
        "the file is the one handed in",
        "continues the earlier checkpoint of 5",
    ):
        assert words in said


@pytest.mark.openssl
def test_openssl_checks_a_checkpoint_as_the_guide_shows(place):
    [block] = blocks("openssl")
    done = followed(place, block)
    assert (done.returncode, done.stdout.strip()) == (0, "Signature Verified Successfully"), done.stderr
    text = (place / "text").read_bytes()
    (place / "text").write_bytes(text.replace(b"\n7\n", b"\n6\n"))
    done = followed(place, block.splitlines()[-1])
    assert done.returncode == 1


def test_the_guide_names_the_digest_of_what_these_sources_build():
    guide, made = GUIDE.read_text(encoding="utf-8"), build()
    assert hashlib.sha256(made).hexdigest() in guide, (
        "the sources of the verifier have changed: run `make verifier`, which notes its SHA-256 in "
        "docs/verifier.md, and commit that"
    )
    assert noted(guide, made) == guide
    assert noted(guide.replace(hashlib.sha256(made).hexdigest(), "0" * 64), made) == guide


def test_the_guide_names_every_option(place):
    shown = followed(place, "python3 -I -S sviedka-verify.pyz --help").stdout
    options = set(re.findall(r"--[a-z]+", shown)) - {"--help"}
    unnamed = options - set(re.findall(r"--[a-z]+", GUIDE.read_text(encoding="utf-8")))
    assert unnamed <= {"--plain"}, unnamed
