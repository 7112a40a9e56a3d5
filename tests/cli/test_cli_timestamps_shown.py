"""What timestamps are for: a receipt, a history and a court that has `openssl` and nothing of ours."""

import json
import re
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stamping import Authority, openssl, serving
from town import Town

from archive.receipts import parse_receipt

pytestmark = pytest.mark.openssl
GUIDE = Path(__file__).parent.parent.parent / "docs" / "timestamps.md"
BLOCK = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def shown(founded_town, tmp_path_factory):
    """A town with a receipt, a timestamp made after it, and another entry after that."""
    place = tmp_path_factory.mktemp("shown")
    town, authority = founded_town.copied_to(place / "town"), Authority(place / "authority")
    words = ("--into", "main", "--receipts", town.place / "receipts")
    [result] = town.json("deposit", town.write("photo.txt", "A yard with a bus."), *words, who="vera")
    town.items["photo"] = result["item"]
    town.json("compartment", "add", "brest", who="anna")
    with serving(authority) as server:
        town.json("anchor", "authority", "add", "clock", "--url", server.url, "--certificate", authority.file)
        town.json("anchor", "now")
    town.json("compartment", "add", "minsk", who="anna")
    return town, authority


def receipt_of(town):
    return town.place / "receipts" / f"{town.items['photo']}.tlog-proof"


@pytest.fixture
def exported(shown, tmp_path):
    shown[0].json("anchor", "export", "--receipt", receipt_of(shown[0]), "-o", tmp_path / "out")
    return tmp_path / "out"


def verify(town, receipt, exported, *words, authority=None):
    given = (
        "--timestamp",
        exported / "timestamp.tsr",
        "--authority",
        authority or exported / "authority.pem",
    )
    trust = town.place / "receipts" / "archive.trust"
    return Town(town.place / "elsewhere").run("verify", receipt, "--trust", trust, *given, *words)


def test_openssl_finds_an_exported_timestamp_good(shown, exported):
    pins, checkpoint = exported / "authority.pem", exported / "checkpoint"
    words = ("ts", "-verify", "-in", exported / "timestamp.tsr", "-CAfile", pins, "-untrusted", pins)
    assert b"Verification: OK" in openssl(*words, "-data", checkpoint).stdout
    other = exported / "other"
    other.write_bytes(checkpoint.read_bytes() + b"\n")
    with pytest.raises(AssertionError, match="imprint"):
        openssl(*words, "-data", other)


def test_openssl_finds_it_good_after_its_certificate_ended_if_told_the_moment(shown, exported, tmp_path):
    pins, now = exported / "authority.pem", datetime.now(UTC)
    words = ("ts", "-verify", "-data", exported / "checkpoint", "-in", exported / "timestamp.tsr")
    words = (*words, "-CAfile", pins, "-untrusted", pins, "-attime")
    openssl(*words, int(now.timestamp()))
    with pytest.raises(AssertionError, match="expired"):
        openssl(*words, int((now + timedelta(days=4000)).timestamp()))


def test_a_receipt_with_its_timestamp_says_by_when_it_existed(shown, exported):
    town, _ = shown
    result = verify(
        town, exported / "receipt.tlog-proof", exported, "--file", town.place / "photo.txt", "--json"
    )
    told = json.loads(result.stdout)
    assert (told["verified"], told["timestamp_signer"]) == (True, "CN=Time")
    [stretch] = town.json("anchor", "status")["stretches"]
    assert told["existed_by"] == stretch["existed_by"] >= told["at"]
    line = f"existed by {told['existed_by']}, says the authority CN=Time"
    assert line in verify(town, exported / "receipt.tlog-proof", exported).stdout


def test_the_receipt_made_anew_is_the_same_but_for_its_checkpoint(shown, exported):
    old, new = (
        parse_receipt(p.read_bytes()) for p in (receipt_of(shown[0]), exported / "receipt.tlog-proof")
    )
    assert (new.entry, new.openings, new.proof.index) == (old.entry, old.openings, old.proof.index)
    assert new.proof.checkpoint == (exported / "checkpoint").read_bytes()


def test_a_timestamp_over_another_checkpoint_than_the_receipts_proves_nothing(shown, exported):
    result = verify(shown[0], receipt_of(shown[0]), exported)
    assert (result.exit_code, result.stdout, "[C57]" in result.stderr) == (1, "", True)


def test_a_timestamp_of_somebody_else_proves_nothing(shown, exported, tmp_path):
    forger = Authority(tmp_path / "forger")
    result = verify(shown[0], exported / "receipt.tlog-proof", exported, authority=forger.file)
    assert (result.exit_code, result.stdout, "[K37]" in result.stderr) == (1, "", True)


def test_a_receipt_of_another_archive_is_not_made_anew(shown, exported, tmp_path):
    data = bytearray((exported / "receipt.tlog-proof").read_bytes())
    data[len(data) // 3] ^= 1
    (tmp_path / "bad").write_bytes(data)
    result = shown[0].run("anchor", "export", "--receipt", tmp_path / "bad", "-o", tmp_path / "no")
    assert (result.exit_code, (tmp_path / "no").exists()) == (1, False)


def test_a_receipt_that_no_timestamp_covers_is_told_so(shown, tmp_path):
    town = shown[0].copied_to(tmp_path / "town")
    words = ("--into", "main", "--receipts", town.place / "later")
    [result] = town.json("deposit", town.write("later.txt", "Later."), *words, who="vera")
    receipt = town.place / "later" / f"{result['item']}.tlog-proof"
    for words in (("--receipt", receipt), ("--size", 1)):
        refused = town.run("anchor", "export", *words, "-o", tmp_path / "no")
        assert (refused.exit_code, "[I34]" in refused.stderr) == (2, True)


def test_the_timestamp_over_a_size_and_the_newest_are_exported(shown, tmp_path):
    town, [stretch] = shown[0], shown[0].json("anchor", "status")["stretches"]
    for place, words in (("a", ("--size", stretch["end"])), ("b", ())):
        value = town.json("anchor", "export", *words, "-o", tmp_path / place)
        assert (value["size"], value["existed_by"]) == (stretch["end"], stretch["existed_by"])
        assert value["files"] == ["authority.pem", "checkpoint", "timestamp.tsr"]


def test_a_history_says_by_when_each_event_existed(shown):
    town, [stretch] = shown[0], shown[0].json("anchor", "status")["stretches"]
    told = town.json("history", town.items["photo"], who="vera")
    assert {one["existed_by"] for one in told} == {stretch["existed_by"]}
    last = max(one["index"] for one in told)
    line = f"up to entry {last} existed by {stretch['existed_by']}, as a timestamp confirms"
    assert line in town.run("history", town.items["photo"], who="vera").stdout


def test_without_timestamps_a_history_says_nothing_of_them(town):
    told = town.json("history", town.items["statement"], who="vera")
    assert {one["existed_by"] for one in told} == {None}
    assert "existed by" not in town.run("history", town.items["statement"], who="vera").stdout


def test_every_block_of_the_guide_works_as_it_stands(founded_town, tmp_path):
    """The operator's commands, and then the court's with `openssl`, in the order of docs/timestamps.md."""
    town, authority = founded_town.copied_to(tmp_path / "town"), Authority(tmp_path / "authority")
    words = ("--into", "main", "--receipts", town.place / "receipts")
    [result] = town.json("deposit", town.write("photo.jpg", "A yard with a bus."), *words, who="vera")
    court = tmp_path / "court"
    court.mkdir()
    receipts = town.place / "receipts"
    names = {f"{result['item']}.tlog-proof": "old.tlog-proof", "archive.trust": "archive.trust"}
    for name, called in names.items():
        (court / called).write_bytes((receipts / name).read_bytes())
    (court / "photo.jpg").write_bytes((town.place / "photo.jpg").read_bytes())
    (court / "tsa.pem").write_bytes(authority.pins)
    run = 0
    with serving(authority) as server:
        for kind, block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines() if kind == "sh" else ():
                follow(town, court, line.replace("https://clock.example/tsr", server.url))
                run += 1
    assert run > 8


def follow(town, court, line):
    """Run one line of the guide in the folder of whoever reads it."""
    words = shlex.split(line)
    if words[0] == "sviedka":
        files = [word if not (court / word).exists() else str(court / word) for word in words[1:]]
        files = [str(court / "stamped") if word == "stamped" else word for word in files]
        files = [str(court / word) if word.startswith("stamped/") else word for word in files]
        done = town.run(*files, who="vera" if words[1] == "history" else None)
        assert done.exit_code == 0, f"{line}\n{done.output}"
        return
    assert words[0] == "openssl", line
    done = subprocess.run(line, shell=True, cwd=court, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
