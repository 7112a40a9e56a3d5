"""Verifying at the command line: receipts offline, and the whole archive."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from town import Town


@pytest.fixture(scope="session")
def proofs(founded_town, tmp_path_factory):
    """A town whose one receipt is saved, and the trust file."""
    town = founded_town.copied_to(tmp_path_factory.mktemp("proofs") / "town")
    file = town.place / "statement.txt"
    town.json("deposit", file, "--into", "main", "--receipts", town.place / "receipts", who="vera")
    return town


def receipt_of(town: Town):
    return town.place / "receipts" / f"{town.items['statement']}.tlog-proof"


def test_a_receipt_verifies_with_nothing_of_the_archive(proofs):
    told = json.loads(
        Town(proofs.place / "elsewhere").run(
            "verify", receipt_of(proofs), "--file", proofs.place / "statement.txt",
            "--trust", proofs.place / "receipts" / "archive.trust", "--json",
        ).stdout
    )  # fmt: skip
    assert (told["verified"], told["trusted"], told["name"]) == (True, True, "statement.txt")
    assert told["file_size_bytes"] == (proofs.place / "statement.txt").stat().st_size


def test_without_a_trust_file_it_says_whose_word_it_is(proofs):
    result = proofs.run("verify", receipt_of(proofs))
    assert result.exit_code == 0
    assert "the receipt's own claim" in result.stdout


def test_another_file_is_not_the_one(proofs):
    result = proofs.run("verify", receipt_of(proofs), "--file", proofs.place / "d.json")
    assert result.exit_code == 1
    assert "[C84]" in result.stderr


def test_another_archives_keys_are_not_trusted(proofs):
    proofs.json("init", proofs.place / "other", "--name", "Other", "--custodian", "ivan")
    other = json.loads((proofs.place / "other" / "archive.json").read_text())
    trust = {"log_keys": other["log_keys"], "origin": other["origin"], "v": 1}
    file = proofs.write("other.trust", json.dumps(trust, separators=(",", ":")) + "\n")
    result = proofs.run("verify", receipt_of(proofs), "--trust", file)
    assert (result.exit_code, result.stdout) == (1, "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(place=0.5, change=1)
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_a_receipt_with_a_flipped_byte_is_refused_as_one(proofs, place, change):
    data = bytearray(receipt_of(proofs).read_bytes())
    data[int(place * len(data))] ^= change
    trust = proofs.place / "receipts" / "archive.trust"
    result = proofs.run("verify", proofs.write("flipped", bytes(data)), "--trust", trust)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    assert "internal error" not in result.stderr


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"c2sp.org/tlog-proof@v1\n"])
def test_what_is_no_receipt_is_refused_as_one(proofs, content):
    result = proofs.run("verify", proofs.write("none", content))
    assert (result.exit_code, result.stdout) == (1, "")


def test_a_receipt_that_is_not_there_is_a_usage_fault(proofs):
    assert proofs.run("verify", proofs.place / "nowhere").exit_code == 2


def test_an_untouched_archive_is_verified_and_the_next_audit_continues_it(proofs):
    kept, receipt = proofs.place / "checkpoint", receipt_of(proofs)
    told = proofs.json("audit", "--with", receipt, "--save", kept)
    assert (told["outcome"], told["faults"], told["counts"]["receipts"]) == ("verified", [], 1)
    proofs.run("search", "білі", who="lena")
    assert proofs.json("audit", "--since", kept, "--sample", 1, "--seed", "x")["counts"]["bodies"] == 1


def test_an_auditor_has_her_audit_logged(town):
    before = town.json("audit")["size"]
    assert town.json("audit", who="olga")["outcome"] == "verified"
    assert town.json("audit")["size"] == before + 1


def test_a_flipped_byte_is_named_by_the_audit(town):
    [body] = [
        one for one in (town.archive / "objects").rglob("*") if one.stat().st_size > 100 and one.is_file()
    ][:1]
    data = body.read_bytes()
    body.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    result = town.run("audit")
    assert result.exit_code == 1
    assert f"body {body.name}" in result.stdout


def test_an_audit_that_compared_nothing_does_not_say_verified(tmp_path):
    town = Town(tmp_path)
    town.json("init", town.archive, "--name", "Empty", "--custodian", "anna")
    told = town.json("audit", exit_code=1)
    assert told["outcome"] == "nothing"


def test_there_is_nothing_to_audit_in_an_ordinary_folder(tmp_path):
    result = Town(tmp_path).run("audit", "--archive", tmp_path)
    assert (result.exit_code, result.stdout) == (4, "")
