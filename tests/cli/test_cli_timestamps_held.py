"""Timestamps in audits, backups and checkups: each holds and is of this log, wherever they are copied."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from founded import circumstances
from stamping import Authority, serving

from archive.assemble import open_archive
from archive.cli.checkup_timestamps import check_timestamps

pytestmark = pytest.mark.openssl


@pytest.fixture(scope="module")
def stamped_town(founded_town, tmp_path_factory):
    """A town with one timestamp over its whole log, and the authority that gave it."""
    place = tmp_path_factory.mktemp("stamped")
    town, authority = founded_town.copied_to(place / "town"), Authority(place / "authority")
    with serving(authority) as server:
        add(town, server)
        town.json("anchor", "now")
    return town, authority


@pytest.fixture
def stamped(stamped_town, tmp_path):
    return stamped_town[0].copied_to(tmp_path / "stamped")


def add(town, server, name="clock"):
    words = ("anchor", "authority", "add", name, "--url", server.url, "--certificate", server.authority.file)
    return town.json(*words)


def kept(town, ending):
    [path] = (town.archive / "timestamps").glob(f"*{ending}")
    return path


def codes(report):
    return [one["code"] for one in report["faults"]]


def test_an_audit_verifies_timestamps_and_says_what_they_cover(stamped):
    report = stamped.json("audit")
    assert (report["outcome"], report["counts"]["timestamps"]) == ("verified", 1)
    assert report["timestamped"] == report["size"]
    assert f"over the first {report['size']} of {report['size']} entries" in stamped.run("audit").stdout


def test_an_auditor_believes_whom_she_pinned_whatever_the_archive_says(stamped, stamped_town, tmp_path):
    report = stamped.json("audit", "--authority", stamped_town[1].file)
    assert (report["outcome"], report["timestamped"]) == ("verified", report["size"])
    other = Authority(
        tmp_path / "other", root_name="Another root, of another time altogether, or so it is said"
    )
    report = stamped.json("audit", "--authority", other.file)
    assert (report["timestamped"], [one["code"] for one in report["warnings"]]) == (0, ["C56"])
    # The archive's own pins count for nothing then: whoever has the folder could have written them.
    forger = Authority(tmp_path / "forger")
    (stamped.archive / "authorities" / "clock.pem").write_bytes(forger.pins)
    report = stamped.json("audit", "--authority", stamped_town[1].file)
    assert (report["outcome"], report["timestamped"]) == ("verified", report["size"])
    assert codes(stamped.json("audit", exit_code=1)) == ["C56"]


@pytest.mark.parametrize(("ending", "code"), [(".tsr", "C56"), (".checkpoint", "C57")])
def test_an_audit_names_a_timestamp_that_was_changed_and_a_file_that_is_gone(stamped, ending, code):
    path = kept(stamped, ending)
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    report = stamped.json("audit", exit_code=1)
    assert codes(report) == [code]
    assert report["faults"][0]["object"] == f"timestamp {path.stem}"
    path.unlink()
    if ending == ".checkpoint":
        assert codes(stamped.json("audit", exit_code=1)) == ["F57"]
    else:
        assert stamped.json("audit")["counts"]["timestamps"] == 0


def test_an_audit_names_a_timestamp_of_another_log(stamped, stamped_town, tmp_path):
    stamped.json("init", tmp_path / "archive", "--name", "Other", "--custodian", "ivan", "--trustees", "1/1")
    other = stamped.__class__(tmp_path)
    with serving(stamped_town[1]) as server:
        add(other, server)
        other.json("anchor", "now")
    for path in (other.archive / "timestamps").iterdir():
        shutil.copy(path, stamped.archive / "timestamps")
    assert codes(stamped.json("audit", exit_code=1)) == ["C57"]


def test_a_log_that_was_cut_short_contradicts_its_timestamp(stamped, stamped_town):
    """Whoever has the log's keys takes the log back and signs that; the timestamp tells."""
    before = shutil.copytree(stamped.archive, stamped.place / "before")
    with serving(stamped_town[1]) as server:
        add(stamped, server)
        stamped.json("compartment", "add", "minsk", who="anna")
        stamped.json("anchor", "now")
    shutil.copytree(stamped.archive / "timestamps", before / "timestamps", dirs_exist_ok=True)
    result = stamped.run("audit", "--json", env={"SVIEDKA_ARCHIVE": str(before)})
    assert codes(json.loads(result.stdout)) == ["C57"]


def test_timestamps_that_an_auditor_kept_count_where_the_archives_were_taken_away(stamped, stamped_town):
    kept_by_her = shutil.copytree(stamped.archive / "timestamps", stamped.place / "hers")
    before = shutil.copytree(stamped.archive, stamped.place / "before")
    shutil.rmtree(stamped.archive / "timestamps")
    assert stamped.json("audit")["timestamped"] == 0
    hers = ("--timestamps", kept_by_her, "--authority", stamped_town[1].file)
    report = stamped.json("audit", *hers)
    assert (report["outcome"], report["timestamped"]) == ("verified", report["size"])
    # And where the log was put back with them.
    with serving(stamped_town[1]) as server:
        add(stamped, server)
        stamped.json("compartment", "add", "minsk", who="anna")
        stamped.json("anchor", "now")
    shutil.copytree(stamped.archive / "timestamps", kept_by_her, dirs_exist_ok=True)
    result = stamped.run("audit", *hers, "--json", env={"SVIEDKA_ARCHIVE": str(before)})
    assert codes(json.loads(result.stdout)) == ["C57"]
    assert "[I79]" in stamped.run("audit", "--timestamps", stamped.place / "nowhere").stderr


def test_what_is_no_timestamp_is_named(stamped):
    (stamped.archive / "timestamps" / "notes.txt").write_text("hello")
    report = stamped.json("audit", exit_code=1)
    assert [(one["code"], one["object"]) for one in report["faults"]] == [("F51", "timestamps/notes.txt")]


def test_a_crash_between_the_two_files_of_a_timestamp_leaves_none_and_no_fault(stamped):
    kept(stamped, ".tsr").unlink()
    report = stamped.json("audit")
    assert (report["outcome"], report["counts"]["timestamps"]) == ("verified", 0)


def test_timestamps_and_pins_come_back_from_a_backup(stamped, tmp_path):
    stamped.json("backup", tmp_path / "disk")
    assert stamped.run("restore", tmp_path / "disk", tmp_path / "again").exit_code == 0
    for name in ("timestamps", "authorities"):
        before, after = stamped.archive / name, tmp_path / "again" / name
        assert {one.name: one.read_bytes() for one in before.iterdir()} == {
            one.name: one.read_bytes() for one in after.iterdir()
        }
    again = tmp_path / "again"
    report = json.loads(stamped.run("audit", "--json", env={"SVIEDKA_ARCHIVE": str(again)}).stdout)
    assert (report["outcome"], report["timestamped"]) == ("verified", first_size(stamped))
    # The next backup of a timestamp that was damaged meanwhile keeps the good one.
    good = kept(stamped, ".tsr").read_bytes()
    kept(stamped, ".tsr").write_bytes(b"damaged")
    stamped.run("backup", tmp_path / "disk")
    assert (tmp_path / "disk" / "timestamps" / kept(stamped, ".tsr").name).read_bytes() == good


def test_after_a_loss_timestamps_hold_for_what_is_left_and_the_others_are_no_fault(
    stamped, stamped_town, tmp_path
):
    stamped.json("backup", tmp_path / "disk")
    receipt = tmp_path / "receipt"
    stamped.json("receipt", stamped.items["statement"], "-o", receipt, who="vera")
    with serving(stamped_town[1]) as server:
        add(stamped, server)
        stamped.json("compartment", "add", "minsk", who="anna")
        stamped.json("anchor", "now")
        assert stamped.run("restore", tmp_path / "disk", tmp_path / "archive").exit_code == 0
        shutil.copytree(
            stamped.archive / "timestamps", tmp_path / "archive" / "timestamps", dirs_exist_ok=True
        )
        again = stamped.__class__(tmp_path)
        report, status = again.json("audit"), again.json("anchor", "status")
        assert (report["counts"]["timestamps"], report["timestamped"]) == (1, first_size(stamped))
        assert "C57" in [one["code"] for one in report["warnings"]]
        assert (status["covered"], status["timestamps"], status["broken"]) == (first_size(stamped), 1, [])
        add(again, server)
        [got] = again.json("anchor", "now")
        assert got["size"] == again.json("audit")["timestamped"] == again.json("audit")["size"]
    # A receipt of before is made anew for either log's timestamp.
    for size in (first_size(stamped), got["size"]):
        out = tmp_path / f"out{size}"
        again.json("anchor", "export", "--receipt", receipt, "--size", size, "-o", out)
        given = ("--timestamp", out / "timestamp.tsr", "--authority", out / "authority.pem")
        told = again.json("verify", out / "receipt.tlog-proof", *given)
        assert (told["size"], told["verified"]) == (size, True)


def first_size(town):
    return min(int(path.name.partition(".")[0]) for path in (town.archive / "timestamps").iterdir())


def test_who_is_asked_no_more_is_so_in_the_next_backup(stamped, tmp_path):
    stamped.json("backup", tmp_path / "disk")
    stamped.json("anchor", "authority", "remove", "clock")
    stamped.json("backup", tmp_path / "disk")
    assert [one.name for one in (tmp_path / "disk" / "authorities").iterdir()] == ["clock.pem"]


def found(town, later=timedelta()):
    with open_archive(town.archive, circumstances(lambda: datetime.now(UTC) + later)) as archive:
        return [(one.severity.value, one.found) for one in check_timestamps(archive)]


def test_the_doctor_says_what_is_missing_overdue_or_broken(town, stamped):
    assert found(town) == [("missing", "off: sviedka anchor authority add")]
    assert found(stamped) == [("well", "over the whole log")]
    stamped.json("compartment", "add", "minsk", who="anna")
    [(severity, text)] = found(stamped)
    assert (severity, text.startswith("over ")) == ("well", True)
    [(severity, text)] = found(stamped, timedelta(days=8))
    assert (severity, text.startswith("overdue: ")) == ("serious", True)
    [(severity, text), _] = found(stamped, timedelta(days=3620))
    assert (severity, text.startswith("the last certificate ends on ")) == ("serious", True)
    kept(stamped, ".tsr").write_bytes(b"damaged")
    assert ("broken", "1 do not hold: sviedka anchor status") in found(stamped)
    stamped.json("anchor", "authority", "remove", "clock")
    assert found(stamped) == [("missing", "no authority is asked any more")]
    (stamped.archive / "authorities" / "clock.pem").write_text("damaged")
    assert ("serious", "what is pinned for clock is damaged") in found(stamped)
