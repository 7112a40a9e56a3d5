"""Cosigning at the command line: both sides of it, over a real line."""

import json
import threading
from contextlib import contextmanager

import pytest
from mirrored import mirrored_town
from town import Town

from archive.cosigners.answering import open_cosigner
from archive.cosigners.serving import CosignerServer

HARBOUR, LANTERN = "harbour.example/cosigner", "lantern.example/cosigner"


@contextmanager
def serving(folder):
    with CosignerServer(open_cosigner(folder, None, log_n=10), "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def partner(town: Town, name: str, *more: object) -> object:
    """Make a cosigner who follows the town's log."""
    folder = town.place / name.partition(".")[0]
    town.json("cosign", "new", folder, "--name", name, *more)
    [receipt] = [*(town.place / "receipts").glob("*.trust")] or [hand_in(town)]
    town.json("cosign", "add-log", folder, "--trust", receipt)
    return folder


def hand_in(town: Town):
    town.json(
        "deposit",
        town.place / "statement.txt",
        "--into",
        "main",
        "--receipts",
        town.place / "receipts",
        who="vera",
    )
    return town.place / "receipts" / "archive.trust"


@pytest.fixture
def cosigned(town):
    """A town, a cosigner who serves, and one who is asked in vain."""
    harbour, lantern = partner(town, HARBOUR), partner(town, LANTERN)
    with serving(harbour) as url:
        town.json("cosigner", "add", harbour / "cosigner.pub", "--url", url)
        town.json("cosigner", "add", lantern / "cosigner.pub", "--url", "http://127.0.0.1:9")
        yield town


def findings(town):
    told = json.loads(town.run("doctor", "--json").stdout)
    return [(one["severity"], one["found"]) for one in told if one["subject"] == "cosigners"]


def test_two_cosigners_of_whom_one_is_away(cosigned):
    outcomes = cosigned.json("cosigner", "ask")
    assert [(one["name"], one["outcome"]) for one in outcomes] == [
        (HARBOUR, "cosigned"),
        (LANTERN, "unreachable"),
    ]
    told = cosigned.json("cosigner", "list")
    assert [one["signed"] for one in told["cosigners"]] == [told["size"], 0]
    assert [severity for severity, _ in findings(cosigned)] == ["serious", "well"]
    # What is handed in now is in custody at once, and covered at the next round.
    cosigned.run("search", "білі", who="lena")
    report = cosigned.json("audit")
    assert report["outcome"] == "verified"
    assert report["cosigned"]["uncovered"] == report["size"] - told["size"] > 0
    cosigned.json("cosigner", "ask")
    assert cosigned.json("audit")["cosigned"]["uncovered"] == 0


def test_a_receipt_and_an_audit_under_a_policy(cosigned):
    cosigned.json("cosigner", "ask")
    receipt, item = cosigned.place / "fetched.tlog-proof", cosigned.items["statement"]
    cosigned.json("receipt", item, "-o", receipt, who="vera")
    for need, enough in ((1, True), (2, False)):
        policy = cosigned.place / f"{need}.policy"
        cosigned.json("cosigner", "policy", "--need", need, "-o", policy)
        told = cosigned.json("verify", receipt, "--policy", policy)
        assert (told["trusted"], told["cosigned_enough"]) == (True, enough)
        covered = cosigned.json("audit", "--policy", policy)["cosigned"]
        assert (covered["by_policy"], covered["uncovered"] == 0) == (True, enough)
    assert "logged, not yet cosigned" in cosigned.run("verify", receipt, "--policy", policy).stdout
    refused = cosigned.run("verify", receipt, "--policy", receipt)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "[C42]" in refused.stderr


def test_an_archive_that_was_set_back_is_told_by_its_cosigner(cosigned, tmp_path):
    older = cosigned.copied_to(tmp_path / "older")
    cosigned.run("search", "білі", who="lena")
    cosigned.json("cosigner", "ask")
    result = older.run("cosigner", "ask")
    assert result.exit_code == 1
    assert "longer log than this one" in result.stdout


def test_a_cosigned_checkpoint_of_another_history_is_a_fault(cosigned):
    cosigned.json("cosigner", "ask")
    kept = cosigned.archive / "log" / "cosignatures"
    [size] = [path for path in kept.iterdir() if path.name.isdecimal()]
    good = size.read_bytes()
    head, _, line = good.rstrip(b"\n").rpartition(b" ")
    other = b"A" if line[60:61] != b"A" else b"B"
    for damaged in (
        head + b" " + line[:60] + other + line[61:] + b"\n",
        good.replace(b"\n", b"\n\n", 1),
        b"",
    ):
        size.write_bytes(damaged)
        report = cosigned.json("audit", exit_code=1)
        assert [(one["code"], one["object"]) for one in report["faults"]] == [
            ("C39", f"log/cosignatures/{size.name}")
        ]
    size.rename(size.with_name("3"))
    (kept / "3").write_bytes(good)
    assert [one["code"] for one in cosigned.json("audit", exit_code=1)["faults"]] == ["C39"]
    (kept / "3").rename(kept / "03")
    assert [one["code"] for one in cosigned.json("audit", exit_code=1)["faults"]] == ["F51"]


def test_who_runs_no_server_looks_and_brings_what_was_signed(town):
    harbour = partner(town, HARBOUR, "--new-passphrase-file", town.remember("harbour"))
    town.json("cosigner", "add", harbour / "cosigner.pub")
    assert town.json("cosigner", "ask") == []
    signed = town.place / "signed.checkpoint"
    once = ("cosign", "once", harbour, "--mirror", town.archive / "log", "-o", signed)
    assert town.run(*once).exit_code == 2
    told = town.json(*once, who="harbour")
    assert town.json("cosigner", "take", signed)["cosigners"] == [HARBOUR]
    assert town.json("cosign", "logs", harbour)[0]["size"] == told["size"]
    assert town.json("audit")["cosigned"]["size"] == told["size"]
    assert town.run("cosigner", "take", town.archive / "log" / "checkpoint").exit_code == 2


def test_cosigners_come_and_go(town):
    harbour = partner(town, HARBOUR)
    public = harbour / "cosigner.pub"
    assert findings(town)[0][0] == "missing"
    town.json("cosigner", "add", public)
    assert town.run("cosigner", "add", public).exit_code == 2
    assert town.run("cosigner", "add", public.read_text().split()[0]).exit_code == 2
    assert town.run("cosigner", "add", town.place / "statement.txt").exit_code == 2
    assert town.run("cosigner", "policy", "--need", 2, "-o", town.place / "p").exit_code == 2
    town.json("cosigner", "remove", HARBOUR)
    assert town.run("cosigner", "remove", HARBOUR).exit_code == 2
    town.json("cosigner", "add", public.read_text().split()[0])
    assert town.json("cosigner", "list")["cosigners"][0]["name"] == HARBOUR
    assert town.run("cosign", "logs", town.place / "nowhere").exit_code == 4


def test_an_auditor_elsewhere_is_told_who_cosigned(cosigned):
    cosigned.json("cosigner", "ask")
    policy, key = cosigned.place / "policy", cosigned.place / "olga.key"
    cosigned.json("cosigner", "policy", "--need", 1, "-o", policy)
    cosigned.json("agent", "export", "-o", key, who="olga")
    size = cosigned.json("audit")["size"]
    with mirrored_town(cosigned) as (address, trust):
        words = (
            "audit",
            "--mirror",
            address,
            "--keep",
            cosigned.place / "kept",
            "--key",
            key,
            "--trust",
            trust,
        )
        told = cosigned.json(*words, "--policy", policy, who="olga")["cosigned"]
        assert (told["by_policy"], told["size"], told["uncovered"]) == (True, size, 1)
        listed = cosigned.json(*words, who="olga")["cosigned"]
        assert [one["name"] for one in listed["cosigners"]] == [HARBOUR, LANTERN]
        kept = cosigned.archive / "log" / "cosignatures" / str(size)
        kept.write_bytes(kept.read_bytes()[:-3])
        report = cosigned.json(*words, who="olga", exit_code=1)
        assert [(one["code"], one["object"]) for one in report["faults"]] == [
            ("C39", f"log/cosignatures/{size}")
        ]
