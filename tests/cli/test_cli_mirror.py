"""`sviedka audit --mirror` from the command line: options, the report in JSON, what is kept, the exit status."""

import json

import pytest
from mirrored import mirrored_town
from stamping import Authority

from archive.timestamps import Kept, Name
from keys.pins import parse_pins
from keys.timestamps import new_request, verify_timestamp
from storage.timestamps import Timestamps


@pytest.fixture
def mirrored(town):
    """The town's archive on the loopback; olga has her key file and the trust file."""
    town.json("agent", "export", "-o", town.place / "olga.key", who="olga")
    with mirrored_town(town) as (address, trust):
        trust.rename(town.place / "archive.trust")
        yield town, address


def options(town, address, *more):
    kept, key = town.place / "kept", town.place / "olga.key"
    return ("audit", "--mirror", address, "--keep", kept, "--key", key, *more)


def test_an_auditor_audits_from_her_own_machine_and_comes_back(mirrored):
    town, address = mirrored
    trust = ("--trust", town.place / "archive.trust")
    first = town.json(*options(town, address, *trust, "--save", town.place / "seen"), who="olga")
    assert (first["outcome"], first["faults"], first["mirror"]["logged"]) == ("verified", [], True)
    assert first["counts"]["bodies"] == first["counts"]["bodies_held"] == 2
    assert first["read_percent"] == 100
    assert (town.place / "seen").read_bytes() == (town.place / "kept" / "checkpoint").read_bytes()
    result = town.run(
        *options(town, address, "--since", town.place / "seen", "--sample", 1, "--seed", "s"), who="olga"
    )
    assert result.exit_code == 0, result.output
    assert "bodies 1 of 2 (50 %: a sample of 1 by the seed s)" in result.stdout
    assert f"{first['size']} entries were kept" in result.stdout


def test_a_fault_ends_with_1_and_says_what_was_expected_and_found(mirrored):
    town, address = mirrored
    header = next((town.archive / "headers").glob("??/*"))
    header.write_bytes(header.read_bytes() + b"x")
    found = town.json(
        *options(town, address, "--trust", town.place / "archive.trust"), who="olga", exit_code=1
    )
    [fault] = found["faults"]
    assert (fault["code"], fault["object"]) == ("F43", f"header {header.name}")
    assert len({fault["expected"], fault["found"], None}) == 3


def test_what_does_not_belong_together_is_said(mirrored):
    town, address = mirrored
    key, kept = town.place / "olga.key", town.place / "kept"
    trust = town.place / "archive.trust"
    for words, code in (
        (("--keep", kept), "I19"),
        (("--mirror", address), "I19"),
        (("--mirror", address, "--keep", kept), "I19"),
        (("--mirror", address, "--keep", kept, "--key", key), "I19"),
        (("--mirror", "http://archive.example", "--keep", kept, "--key", key), "I16"),
        (("--mirror", address, "--keep", kept, "--key", trust, "--trust", trust), "K21"),
        (("--mirror", address, "--keep", kept, "--key", key, "--trust", key), "C85"),
    ):
        result = town.run("audit", *words, who="olga")
        assert (result.exit_code > 0, f"[{code}]" in result.output) == (True, True), (words, result.output)
    other = json.loads(trust.read_bytes())
    other["origin"] = "sviedka.invalid/" + "a" * 26
    forged = town.write("other.trust", json.dumps(other, sort_keys=True, separators=(",", ":")) + "\n")
    result = town.run(*options(town, address, "--trust", forged), who="olga")
    assert (result.exit_code, "[I19]" in result.output) == (2, True), result.output
    assert "[K10]" in town.run(*options(town, address, "--trust", trust), who="anna").output


@pytest.mark.openssl
def test_timestamps_that_an_auditor_has_are_held_against_the_mirrored_log(mirrored, tmp_path):
    town, address = mirrored
    authority, checkpoint = (
        Authority(tmp_path / "authority"),
        (town.archive / "log" / "checkpoint").read_bytes(),
    )
    answer = authority.answer(new_request(checkpoint).data)
    size = int(checkpoint.splitlines()[1])
    stamp = verify_timestamp(parse_pins(authority.pins), checkpoint, answer)
    copies = Timestamps(tmp_path, "copies")
    copies.keep(Name.of(size, "clock", stamp), Kept(checkpoint, answer))
    trust = ("--trust", town.place / "archive.trust", "--timestamps", copies.folder)
    told = town.json(*options(town, address, *trust, "--authority", authority.file), who="olga")
    assert (told["outcome"], told["counts"]["timestamps"], told["timestamped"]) == ("verified", 1, size)
    forger = Authority(tmp_path / "forger")
    told = town.json(*options(town, address, *trust, "--authority", forger.file), who="olga", exit_code=1)
    assert [one["code"] for one in told["faults"]] == ["C56"]
    assert "[I19]" in town.run(*options(town, address, *trust), who="olga").output
