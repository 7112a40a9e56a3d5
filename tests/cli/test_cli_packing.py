"""Packing at the command line, and with the standalone tool where nothing is installed."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from town import FOR_COURT, Town

from archive.packer.build import build, platform_name
from archive.packs import parse_manifest, parse_signature, signed_manifest
from keys.bech32 import decode
from keys.identities import Identity
from keys.keyfile import open_key_file
from keys.sealing import open_, split
from keys.signing import verify_ed25519

TEXT = "Мяне білі ў Жодзіне. Яго звалі Янка Сарока.\n"
PYTHON = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"


@pytest.fixture(scope="session")
def carded(founded_town, tmp_path_factory):
    """A town that gave out its card, and the compartment's identity to open packs with."""
    town = founded_town.copied_to(tmp_path_factory.mktemp("carded") / "town")
    town.card = town.json("compartment", "card", "main", "-o", town.place / "card.txt", who="anna")
    town.json("compartment", "identity", "main", "-o", town.place / "identity", who="anna")
    town.write("said.txt", TEXT)
    town.write("d.json", json.dumps({**FOR_COURT, "title": "Сведчанне"}))
    return town


@pytest.fixture(scope="session")
def tool(tmp_path_factory):
    path = tmp_path_factory.mktemp("tool") / "sviedka-pack.pyz"
    path.write_bytes(build())
    return path


def laptop(town: Town, place: Path) -> Town:
    """A folder with the card and a file, and no archive."""
    place.mkdir()
    for name in ("card.txt", "said.txt", "d.json"):
        (place / name).write_bytes((town.place / name).read_bytes())
    return Town(place)


def opened(town: Town, pack: Path) -> dict[str, bytes]:
    """Take a pack apart with tar and open what is in it with the compartment's identity."""
    text = next(one for one in (town.place / "identity").read_text().split() if one.startswith("AGE-"))
    identity = Identity(decode("AGE-SECRET-KEY-PQ-", text))
    with tarfile.open(pack) as tar:
        found = {one.name: tar.extractfile(one).read() for one in tar.getmembers()}
    sealed = [name for name in found if name.endswith(".age") and name != "receipts.age"]
    return found | {name: open_(*split(found[name]), identity, commitment=None) for name in sealed}


def test_a_pack_is_made_with_a_card_and_nothing_else(carded, tmp_path):
    here = laptop(carded, tmp_path / "laptop")
    told = here.json(
        "pack", here.place / "said.txt", "--card", here.place / "card.txt", "-o", here.place / "p",
        "--describe", here.place / "d.json", "--claimed-at", "2026-11-20T11:05:00+03:00",
        "--fingerprint", carded.card["fingerprint"], "--language", "be",
    )  # fmt: skip
    assert (told["compared"], told["signed"], told["stored_only"]) == (True, False, 0)
    assert len(told["receipt_code"].split()) == 6
    assert told["size_bytes"] == (here.place / "p").stat().st_size
    assert (here.place / "p").stat().st_mode & 0o777 == 0o600
    found = opened(carded, here.place / "p")
    assert found["1.age"].decode() == TEXT
    claim = json.loads(found["1.description.age"])
    assert (claim["claimed_at"], claim["description"]["title"]) == ("2026-11-20T08:05:00Z", "Сведчанне")
    assert [one.item for one in parse_manifest(found["manifest.json"]).items] == told["items"]
    assert sorted(os.listdir(here.place)) == ["card.txt", "d.json", "p", "said.txt"]


def test_the_packer_is_told_what_protects_her_and_what_does_not(carded, tmp_path):
    here = laptop(carded, tmp_path / "laptop")
    result = here.run(
        "pack", here.place / "said.txt", "--card", here.place / "card.txt", "-o", here.place / "p"
    )
    assert result.exit_code == 0, result.output
    for words in ("COMPARE the fingerprint", "STILL ON THIS COMPUTER", "reads nothing", "stored only"):
        assert words in result.output
    assert "code of words: " in result.stdout


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        (["--fingerprint", "0000 0000 0000 0000 0000 0000 0000 0000"], 1, "C75"),
        (["--claimed-at", "yesterday"], 2, "I84"),
        (["--claimed-at", "2026-11-20T08:05:00"], 2, "I84"),
        (["--trust", "said.txt"], 1, "C85"),
        (["--card", "said.txt"], 2, "I91"),
        (["--card", "nowhere"], 2, "I79"),
        (["-o", "card.txt"], 2, "I76"),
    ],
)
def test_a_refused_pack_leaves_nothing_behind(carded, tmp_path, options, status, code):
    here = laptop(carded, tmp_path / "laptop")
    before = sorted(os.listdir(here.place))
    options = [
        str(here.place / one) if one in ("said.txt", "nowhere", "card.txt") else one for one in options
    ]
    result = here.run(
        "pack", here.place / "said.txt", "--card", here.place / "card.txt", "-o", here.place / "p", *options
    )
    assert (result.exit_code, f"[{code}]" in result.stderr) == (status, True), result.output
    assert sorted(os.listdir(here.place)) == before


def test_an_agent_signs_with_the_key_file_she_exported(carded, tmp_path):
    here = laptop(carded, tmp_path / "laptop")
    key_file = here.place / "vera.key"
    told = carded.json("agent", "export", "-o", key_file, who="vera")
    made = here.json(
        "pack", here.place / "said.txt", "--card", here.place / "card.txt", "-o", here.place / "p",
        "--key-file", key_file, "--passphrase-file", carded.passphrase_file("vera"),
    )  # fmt: skip
    found = opened(carded, here.place / "p")
    signature = parse_signature(found["signature.json"])
    assert (made["signed"], signature.agent) == (True, told["agent"])
    wrong = here.run(
        "pack", here.place / "said.txt", "--card", here.place / "card.txt", "-o", here.place / "q",
        "--key-file", key_file, "--passphrase-file", carded.passphrase_file("lena"),
    )  # fmt: skip
    assert (wrong.exit_code, "[K10]" in wrong.stderr) == (3, True)
    assert not (here.place / "q").exists()
    key = open_key_file(key_file.read_bytes(), "the passphrase of vera", log_n=10).signing.public
    verify_ed25519(key, signed_manifest(found["manifest.json"]), signature.signature)


def bare(tool, *words, **options):
    """Run the tool where nothing is installed and nothing is set."""
    return subprocess.run(
        [PYTHON, "-I", "-S", tool, *map(str, words)],
        env={},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_tool_packs_where_nothing_is_installed(carded, tool, tmp_path):
    here = laptop(carded, tmp_path / "laptop")
    before = {*Path("/dev/shm").glob("sviedka-pack-*"), *Path("/tmp").glob("sviedka-pack-*")}
    run = bare(
        tool, "said.txt", "--card", "card.txt", "-o", "p", "--describe", "d.json", "--language", "ru", "--json",
        "--fingerprint", carded.card["fingerprint"], cwd=here.place,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["compared"], told["stored_only"], len(told["receipt_code"].split())) == (True, 0, 6)
    found = opened(carded, here.place / "p")
    assert found["1.age"].decode() == TEXT
    assert json.loads(found["1.description.age"])["description"]["consent"]["uses"] == ["store", "court"]
    assert "STILL ON THIS COMPUTER" in run.stderr
    # The libraries it unpacked are gone, and no other file came to be.
    assert {*Path("/dev/shm").glob("sviedka-pack-*"), *Path("/tmp").glob("sviedka-pack-*")} <= before
    assert sorted(os.listdir(here.place)) == ["card.txt", "d.json", "p", "said.txt"]


def test_the_tool_describes_each_file_by_its_nearest_entry(carded, tool, tmp_path):
    here = laptop(carded, tmp_path / "laptop")
    here.write("two/a.txt", "а")
    here.write("two/b.txt", "б")
    here.write("d.json", json.dumps([{"path": "two", "title": "both"}, {"path": "b.txt", "title": "second"}]))
    run = bare(tool, "two", "--card", "card.txt", "-o", "p", "--describe", "d.json", cwd=here.place)
    assert run.returncode == 0, run.stderr
    found = opened(carded, here.place / "p")
    titles = [json.loads(found[f"{n}.description.age"])["description"]["title"] for n in (1, 2)]
    assert titles == ["both", "second"]


@pytest.mark.parametrize(
    "said",
    [
        {"rights_basis": "consents"},
        {"consent": {"uses": ["store", "cuort"]}},
        {"uses": "court"},
        {"consent": ["court"]},
        [{"path": "elsewhere.txt"}],
        [{"title": "no path"}],
        "text",
    ],
)
def test_the_tool_refuses_words_that_would_count_for_nothing(carded, tool, tmp_path, said):
    here = laptop(carded, tmp_path / "laptop")
    here.write("d.json", json.dumps(said))
    run = bare(tool, "said.txt", "--card", "card.txt", "-o", "p", "--describe", "d.json", cwd=here.place)
    assert (run.returncode, "[I14]" in run.stderr) == (2, True), run.stderr
    assert not (here.place / "p").exists()


def test_the_tool_refuses_a_false_card_and_says_why(carded, tool, tmp_path):
    here = laptop(carded, tmp_path / "laptop")
    thief = Identity.generate().recipient.text
    lines = (here.place / "card.txt").read_text().split("\n")
    lines[7] = f"recipient: {thief}"
    here.write("card.txt", "\n".join(lines))
    run = bare(tool, "said.txt", "--card", "card.txt", "-o", "p", cwd=here.place)
    assert (run.returncode, run.stdout, "[C74]" in run.stderr) == (1, "", True)


def test_the_tool_says_for_which_computers_it_is_and_stops_where_it_is_not(tool, tmp_path):
    assert platform_name() in " ".join(bare(tool, "--help").stdout.split())
    assert platform_name().startswith(f"Python {sys.version_info[0]}.{sys.version_info[1]}, Linux on ")
    other = tmp_path / "other.pyz"
    with zipfile.ZipFile(tool) as archive, zipfile.ZipFile(other, "w") as changed:
        for name in archive.namelist():
            changed.writestr(name, b"broken" if name.endswith(".so") else archive.read(name))
    run = bare(other, "a", "--card", "b", "-o", "c")
    assert (run.returncode, "is for Python" in run.stderr) == (2, True)
    assert "Traceback" not in run.stderr


def test_the_same_sources_give_the_same_tool_and_it_holds_no_more_than_it_needs(tool):
    assert build() == tool.read_bytes()
    with zipfile.ZipFile(io.BytesIO(tool.read_bytes())) as archive:
        names = archive.namelist()
        ours = {name.partition("/")[0] for name in names}
        libraries = {name.split("/")[1] for name in names if name.startswith("lib/")}
    assert ours == {"__main__.py", "platform.txt", "archive", "ingest", "keys", "storage", "lib"}
    assert {one.partition("-")[0] for one in libraries if "." not in one or one.endswith(".dist-info")} <= {
        "cryptography", "cffi", "blake3",
    }  # fmt: skip
    assert not [name for name in names if "/cli/" in name or "/web/" in name or "sqlalchemy" in name]


def test_the_tool_removes_its_libraries_when_it_is_stopped(carded, tool, tmp_path):
    here = laptop(carded, tmp_path / "laptop")
    before = set(Path("/dev/shm").glob("sviedka-pack-*"))
    with (here.place / "large").open("wb") as file:
        file.truncate(8 << 30)
    command = [PYTHON, "-I", "-S", tool, "large", "--card", "card.txt", "-o", "p"]
    with subprocess.Popen(command, cwd=here.place, env={}, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while not (here.place / "p").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 128 + signal.SIGTERM
    assert set(Path("/dev/shm").glob("sviedka-pack-*")) <= before
    assert not (here.place / "p").exists()


@pytest.mark.slow
def test_four_gigabytes_are_packed_in_flat_memory(carded, tool, tmp_path):
    here = laptop(carded, tmp_path / "laptop")
    peaks = {}
    for name, size in (("small", 1 << 20), ("large", 4 << 30)):
        with (here.place / name).open("wb") as file:
            file.truncate(size)
        measured = (
            "import resource, subprocess, sys; "
            "code = subprocess.run(sys.argv[1:]).returncode; "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
        )
        command = [
            PYTHON,
            "-c",
            measured,
            PYTHON,
            "-I",
            "-S",
            tool,
            name,
            "--card",
            "card.txt",
            "-o",
            f"{name}.p",
        ]
        run = subprocess.run(command, cwd=here.place, env={}, capture_output=True, text=True, check=True)
        peaks[name] = int(run.stdout.split()[-1])
        assert (here.place / f"{name}.p").stat().st_size > size
        (here.place / f"{name}.p").unlink()
    assert peaks["large"] - peaks["small"] < 16 << 10
