"""Copies and fixity at the command line, as an operator who reads nothing."""

import json
import shutil

import pytest


@pytest.fixture
def copied(town, tmp_path):
    town.json("copies", "add", tmp_path / "one")
    return town


def bodies(folder):
    return sorted(path for path in (folder / "objects").rglob("*") if path.is_file())


def test_a_copy_is_added_listed_and_removed(town, tmp_path):
    added = town.json("copies", "add", tmp_path / "one")
    assert (added["copied"], added["faults"], added["acknowledge"]) == (4, 0, 2)
    assert town.json("copies", "add", tmp_path / "one")["copied"] == 0
    listed = town.json("copies", "list")
    assert listed["acknowledge"] == 2
    [copy] = listed["copies"]
    assert (copy["bodies"], copy["headers"], copy["lacking"], copy["there"]) == (2, 2, 0, True)
    assert "1 of 2 stores" in town.run("copies", "add", tmp_path / "one", "--acknowledge", 1).output
    assert town.json("copies", "remove", tmp_path / "one")["erased"] is False
    assert len(bodies(tmp_path / "one")) == 2
    assert town.json("copies", "list") == {"acknowledge": 1, "copies": []}
    assert "there are no copies" in town.run("copies", "list").output
    # It is taken up again where it was, under the same id.
    again = town.json("copies", "add", tmp_path / "one")
    assert (again["copied"], again["copy"]) == (0, added["copy"])
    town.json("copies", "remove", tmp_path / "one")
    # What was only taken off the list is erased later.
    town.json("copies", "remove", tmp_path / "one", "--erase")
    assert bodies(tmp_path / "one") == []
    assert not (tmp_path / "one" / "copy.json").exists()


def test_a_disk_that_is_mounted_elsewhere_is_the_same_copy(copied, tmp_path):
    (tmp_path / "one").rename(tmp_path / "elsewhere")
    assert "CANNOT BE REACHED" in copied.run("copies", "list").output
    refused = copied.run("copies", "add", tmp_path / "one")
    assert (refused.exit_code, "F63" in refused.output) == (4, True)
    copied.json("copies", "add", tmp_path / "elsewhere")
    assert [one["folder"] for one in copied.json("copies", "list")["copies"]] == [str(tmp_path / "elsewhere")]


def test_folders_that_are_no_place_for_a_copy_are_refused(copied, tmp_path):
    for place in (copied.archive / "inside", copied.place, tmp_path / "one" / "inside", tmp_path):
        assert "I43" in copied.run("copies", "add", place).output, place
    full = tmp_path / "full"
    full.mkdir()
    (full / "holiday.jpg").write_bytes(b"mine")
    assert "I67" in copied.run("copies", "add", full).output
    shutil.copytree(tmp_path / "one", tmp_path / "doubled")
    assert "F64" in copied.run("copies", "add", tmp_path / "doubled").output
    assert "I44" in copied.run("copies", "add", tmp_path / "two", "--acknowledge", 4).output
    assert "I45" in copied.run("copies", "remove", tmp_path / "full").output
    assert [path.name for path in full.iterdir()] == ["holiday.jpg"]


def test_another_archives_copy_is_not_taken(copied, tmp_path):
    mark = json.loads((tmp_path / "one" / "copy.json").read_text())
    copied.json("copies", "remove", tmp_path / "one")
    changed = {**mark, "archive": "a" * 26}
    text = json.dumps(changed, separators=(",", ":"), sort_keys=True) + "\n"
    (tmp_path / "one" / "copy.json").write_text(text)
    refused = copied.run("copies", "add", tmp_path / "one")
    assert (refused.exit_code, "F64" in refused.output) == (4, True)


def test_fixity_names_what_is_damaged_and_repairs_it(copied, tmp_path):
    assert copied.json("fixity")["outcome"] == "success"
    body = bodies(copied.archive)[0]
    body.write_bytes(b"something else")
    told = copied.run("fixity")
    assert told.exit_code == 4
    assert f"body {body.name}: a body is damaged; expected {body.name}; found" in told.output
    assert copied.run("audit").exit_code == 1
    repaired = copied.json("fixity", "--repair", "--limit-rate", "100M")
    assert (repaired["outcome"], repaired["faults_found"], repaired["faults_left"]) == ("warning", 1, 0)
    assert copied.json("audit")["outcome"] == "verified"
    shutil.rmtree(tmp_path / "one")
    assert "NOT COMPARED" in copied.run("fixity").output


def test_an_archive_with_nothing_in_it_is_not_said_to_be_well(town, tmp_path):
    town.json("init", tmp_path / "new", "--name", "New", "--custodian", "anna",
              "--new-passphrase-file", town.passphrase_file("anna"), "--sheets", tmp_path / "sheets")  # fmt: skip
    told = town.run("--archive", tmp_path / "new", "fixity")
    assert "nothing was compared" in told.output
    assert town.json("--archive", tmp_path / "new", "fixity")["outcome"] == "warning"


@pytest.mark.parametrize("rate", ["", "0", "-1", "fast", "1.5M", "10T", "²"])
def test_what_is_no_rate_is_refused(town, rate):
    assert "I46" in town.run("fixity", "--limit-rate", rate).output
    assert "I75" in town.run("fixity", "--sample", 1).output


def test_the_doctor_tells_of_copies_and_of_fixity(town, tmp_path):
    def told(subject):
        return [(one["severity"], one["found"]) for one in town.json("doctor") if one["subject"] == subject]

    assert [severity for severity, _ in told("copies")] == ["missing"]
    assert told("fixity") == [("missing", "never checked: sviedka fixity")]
    town.json("copies", "add", tmp_path / "one")
    town.json("fixity")
    assert [severity for severity, _ in told("copies") + told("fixity")] == ["well", "well"]
    bodies(tmp_path / "one")[0].unlink()
    assert told("copies") == [("serious", f"{tmp_path / 'one'} lacks 1: sviedka fixity --repair")]
    town.run("fixity")
    assert told("fixity")[0][0] == "serious"
    (tmp_path / "one").rename(tmp_path / "away")
    assert told("copies") == [("serious", f"{tmp_path / 'one'} cannot be reached")]
