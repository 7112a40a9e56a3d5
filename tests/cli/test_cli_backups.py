"""Backing up and restoring at the command line, as an operator who reads nothing."""

import pytest


def test_a_backup_restored_elsewhere_is_verified_and_everybody_reads_as_before(town, tmp_path):
    made = town.json("backup", tmp_path / "disk")
    assert (made["bodies"], made["bodies_copied"], made["faults"]) == (2, 2, [])
    restored = town.json("restore", tmp_path / "disk", tmp_path / "again")
    assert (restored["outcome"], restored["faults_found"], restored["behind"]) == ("verified", 0, 0)
    assert restored["checkpoint"] == made["checkpoint"]
    elsewhere = ("--archive", tmp_path / "again")
    assert town.json("audit", *elsewhere)["outcome"] == "verified"
    out = tmp_path / "read.txt"
    town.json("read", town.items["statement"], "--purpose", "court", "-o", out, *elsewhere, who="lena")
    assert out.read_bytes() == (town.place / "statement.txt").read_bytes()
    found = town.json("search", "білі", "--purpose", "court", *elsewhere, who="lena")
    assert [hit["item"] for hit in found["hits"]] == [town.items["statement"]]


def test_a_backup_and_a_restore_say_what_they_did_in_words(town, tmp_path):
    made = town.run("backup", tmp_path / "disk")
    assert made.exit_code == 0
    assert "bodies 2, of which copied now 2" in made.stdout
    restored = town.run("restore", tmp_path / "disk", tmp_path / "again")
    assert restored.exit_code == 0
    assert "everything is there that the log tells of" in restored.stdout


@pytest.mark.parametrize("place", ["archive/backup", "."])
def test_a_backup_in_the_archive_itself_or_around_it_is_refused(town, place):
    refused = town.run("backup", town.place / place)
    assert (refused.exit_code, "I88" in refused.output) == (2, True)


def test_a_folder_with_anything_else_in_it_is_neither_backed_up_to_nor_restored_into(town, tmp_path):
    full = tmp_path / "full"
    full.mkdir()
    (full / "holiday.jpg").write_bytes(b"mine")
    assert "I67" in town.run("backup", full).output
    town.json("backup", tmp_path / "disk")
    assert "I67" in town.run("restore", tmp_path / "disk", full).output
    assert [path.name for path in full.iterdir()] == ["holiday.jpg"]
    assert "I67" in town.run("restore", tmp_path / "disk", town.archive).output


def test_a_folder_without_a_backup_is_not_restored_from(town, tmp_path):
    refused = town.run("restore", tmp_path, tmp_path / "again")
    assert (refused.exit_code, "F70" in refused.output) == (4, True)
    assert not (tmp_path / "again").exists()


def test_another_archives_backup_is_not_overwritten(town, tmp_path):
    town.json("backup", tmp_path / "disk")
    before = {path: path.read_bytes() for path in (tmp_path / "disk").rglob("*") if path.is_file()}
    other = tmp_path / "other"
    town.json(
        "init", other, "--name", "Another", "--custodian", "eva",
        "--new-passphrase-file", town.remember("eva"), "--sheets", tmp_path / "sheets",
    )  # fmt: skip
    refused = town.run("backup", tmp_path / "disk", "--archive", other)
    assert (refused.exit_code, "F71" in refused.output) == (4, True)
    assert {path: path.read_bytes() for path in before} == before


def test_doctor_says_when_there_never_was_a_backup(town, tmp_path):
    def finding():
        return [one for one in town.json("doctor") if one["subject"] == "backup"]

    [before] = finding()
    assert (before["severity"], before["found"]) == ("serious", "there never was one")
    town.json("backup", tmp_path / "disk")
    [after] = finding()
    assert after["severity"] == "well"
