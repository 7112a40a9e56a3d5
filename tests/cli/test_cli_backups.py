"""Backing up and restoring at the command line, as an operator who reads nothing."""

from datetime import UTC, datetime

import pytest

from storage.backup.memory import remember
from storage.catalogue.opening import open_catalogue, sqlite_url


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


def test_a_disk_that_is_not_connected_is_not_taken_for_a_new_one(town, tmp_path):
    town.json("backup", tmp_path / "disk")
    (tmp_path / "disk").rename(tmp_path / "in a drawer")
    (tmp_path / "disk").mkdir()
    refused = town.run("backup", tmp_path / "disk")
    assert (refused.exit_code, "F70" in refused.output) == (4, True)
    assert list((tmp_path / "disk").iterdir()) == []


def test_a_backup_on_the_archives_own_disk_is_warned_of(town, tmp_path):
    assert "on the same disk" in town.run("backup", tmp_path / "disk").stderr


def test_what_the_archive_itself_lacks_is_told_with_a_status_of_its_own(town, tmp_path):
    body = next(path for path in (town.archive / "objects").rglob("*") if path.is_file())
    body.write_bytes(b"damaged")
    made = town.json("backup", tmp_path / "disk", exit_code=4)
    assert [(fault["code"], fault["object"]) for fault in made["faults"]] == [("F41", f"body {body.name}")]
    restored = town.json("restore", tmp_path / "disk", tmp_path / "again", exit_code=4)
    assert f"body {body.name}" in {fault["object"] for fault in restored["faults"]}
    assert town.json("audit", "--archive", tmp_path / "again", exit_code=1)["outcome"] == "failed"


def test_a_generation_that_is_not_there_is_named_with_those_that_are(town, tmp_path):
    made = town.json("backup", tmp_path / "disk")
    refused = town.run("restore", tmp_path / "disk", tmp_path / "again", "--generation", "20200101T000000Z")
    assert refused.exit_code == 4
    assert "F74" in refused.output
    assert made["generation"] in refused.output


def test_doctor_says_when_there_never_was_a_backup_or_only_an_old_one(town, tmp_path):
    def finding():
        return [one for one in town.json("doctor") if one["subject"] == "backup"]

    [before] = finding()
    assert (before["severity"], before["found"]) == ("serious", "there never was one")
    town.json("backup", tmp_path / "disk")
    [after] = finding()
    assert after["severity"] == "well"
    with open_catalogue(sqlite_url(town.archive / "catalogue.sqlite")) as catalogue:
        remember(catalogue.settings, tmp_path / "disk", datetime(2026, 1, 2, tzinfo=UTC), 30)
    [old] = finding()
    assert (old["severity"], old["found"]) == ("serious", "the last one was made on 2026-01-02")
