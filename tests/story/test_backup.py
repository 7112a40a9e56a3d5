"""Backups, tested by restoring: elsewhere, after any crash, and without what was destroyed or never was to be."""

import io
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from backup_driver import run_backup, run_purge, run_restore
from destroying import destroy, may_destroy
from driving import environment, start, told
from founded import audited, found_house, leave_nothing, opened_house
from test_at_rest import check_clean, invented_words, plant, shingles_of

from archive.access.receipts import fetch_receipt
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.records import Description
from ingest.accession import code_digest
from ingest.deposit import Handed, Intake
from storage.backup.memory import opens_until, remembered
from storage.backup.purging import Destroyed, purge
from storage.backup.target import open_target
from storage.catalogue.rows import SessionRow

DRIVER = Path(__file__).with_name("backup_driver.py")
SEED = 20260810
KILLS = 3


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive with a documenter, a lawyer and three accounts; and the codes of its receipts."""
    root = tmp_path_factory.mktemp("backup")
    found_house(root / "archive")
    with opened_house(root / "archive") as house:
        vera = house.documenter()
        house.lawyer()
        may_destroy(house)
        results = [house.deposit_one(vera, f"Сведчанне {n}: дубінка. " * 50) for n in range(3)]
    yield root / "archive", results
    leave_nothing(root / "archive")


@pytest.fixture
def archive(made, tmp_path):
    return shutil.copytree(made[0], tmp_path / "archive")


def items_of(made):
    return [result.item for result in made[1]]


def back_up(archive, target, **how):
    with opened_house(archive) as house:
        return run_backup(house.archive, target, **how)


def check_verified(folder):
    report = audited(folder)
    assert (report.outcome, report.faults) == ("verified", ())


def check_read(folder, items):
    """Everybody signs in as before and reads all of it."""
    with opened_house(folder) as house:
        lena = house.sign_in("lena")
        for item in items:
            assert "дубінка".encode() in house.read_original(lena, item)
        assert house.found_items(lena, "дубінка") == set(items)


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def error_of(call, *args, **named):
    with pytest.raises(SviedkaError) as caught:
        call(*args, **named)
    return caught.value.code


def test_what_is_restored_elsewhere_is_verified_read_and_proves_its_receipts(made, archive, tmp_path):
    back_up(archive, tmp_path / "disk")
    restored = run_restore(tmp_path / "disk", tmp_path / "again")
    assert (restored.faults, restored.behind, restored.destroyed) == ((), 0, 0)
    check_verified(tmp_path / "again")
    check_read(tmp_path / "again", items_of(made))
    with opened_house(tmp_path / "again") as house:
        vera = house.sign_in("vera")
        codes = [result.receipt_code for result in made[1]]
        receipts = [fetch_receipt(house.archive, vera, code, code_digest(code)) for code in codes]
        assert house.deposit_one(vera, "work goes on").item
    report = audited(tmp_path / "again", receipts)
    assert (report.outcome, report.counts.receipts) == ("verified", 3)


def test_a_second_backup_copies_only_what_is_new(made, archive, tmp_path):
    first = back_up(archive, tmp_path / "disk")
    assert (first.bodies, first.bodies_copied) == (6, 6)
    with opened_house(archive) as house:
        fourth = house.deposit_one(house.sign_in("vera"), "Чацвёртае: дубінка.").item
    old = {path: path.stat().st_mtime_ns for path in files_in(tmp_path / "disk" / "objects")}
    second = back_up(archive, tmp_path / "disk")
    assert (second.bodies, second.bodies_copied) == (8, 2)
    assert {path: path.stat().st_mtime_ns for path in old} == old
    assert [one.stamp for one in second.kept] == [first.generation.stamp, second.generation.stamp]
    run_restore(tmp_path / "disk", tmp_path / "again")
    check_verified(tmp_path / "again")
    check_read(tmp_path / "again", [*items_of(made), fourth])


def test_an_older_backup_is_restored_with_the_newest_log_and_says_what_it_lacks(made, archive, tmp_path):
    first = back_up(archive, tmp_path / "disk")
    with opened_house(archive) as house:
        fourth = house.deposit_one(house.sign_in("vera"), "Чацвёртае: дубінка.").item
    second = back_up(archive, tmp_path / "disk")
    restored = run_restore(tmp_path / "disk", tmp_path / "again", stamp=first.generation.stamp)
    assert restored.behind == second.generation.checkpoint.size - first.generation.checkpoint.size > 0
    report = audited(tmp_path / "again")
    assert {fault.code for fault in report.faults} == {"F42", "F44", "F46"}
    assert f"items {fourth}" in {fault.object for fault in report.faults}
    with opened_house(tmp_path / "again") as house:
        lena = house.sign_in("lena")
        assert "дубінка".encode() in house.read_original(lena, items_of(made)[0])


def test_a_backup_during_a_long_deposit_is_whole(made, archive, tmp_path):
    with opened_house(archive) as house:
        files = {f"{n}.txt": f"Падчас рэзервовай копіі {n}" for n in range(3)}
        handed = [
            Handed(name, lambda text=text: io.BytesIO(text.encode()), Description({}), name)
            for name, text in files.items()
        ]
        results = Intake(house.archive, house.sign_in("vera"), "main", house.extractor).deposit(handed)
        first = next(results)
        back_up(archive, tmp_path / "disk")
        assert len(list(results)) == 2
    run_restore(tmp_path / "disk", tmp_path / "again")
    check_verified(tmp_path / "again")
    with opened_house(tmp_path / "again") as house:
        assert first.item in house.archive.ledger().items
        assert house.archive.catalogue.counts()["staged"] == 0


def test_backups_while_another_process_deposits_are_whole(archive, tmp_path):
    (tmp_path / "files").mkdir()
    for n in range(200):
        (tmp_path / "files" / f"{n}.txt").write_text(f"Сведчанне {n}: дубінка. " * 20)
    driver = start(archive, tmp_path / "files")
    sizes = [back_up(archive, tmp_path / "disk").generation.checkpoint.size for _ in range(2)]
    assert told(driver)[-1] == ["done"]
    with opened_house(archive) as house:
        assert sizes[0] < house.archive.log.checkpoint().size
    run_restore(tmp_path / "disk", tmp_path / "again")
    check_verified(tmp_path / "again")


def test_nothing_planted_is_in_clear_in_a_backup(tmp_path):
    words = invented_words(100)
    found_house(tmp_path / "archive")
    with opened_house(tmp_path / "archive") as house:
        parts = plant(house, words)
        lena = house.sign_in("lena")
        assert house.find(lena, words[7]).total >= 1
        run_backup(house.archive, tmp_path / "disk")
    assert check_clean(shingles_of(words), tmp_path / "disk") > 100_000
    run_restore(tmp_path / "disk", tmp_path / "again")
    with opened_house(tmp_path / "again") as house:
        lena = house.sign_in("lena")
        assert all(house.find(lena, word).total >= 1 for part in parts for word in part[7:9])
    leave_nothing(tmp_path / "archive")


def test_an_archive_that_was_set_back_is_not_backed_up_over_its_newer_state(made, archive, tmp_path):
    shutil.copytree(archive, tmp_path / "older")
    with opened_house(archive) as house:
        house.deposit_one(house.sign_in("vera"), "newer")
    back_up(archive, tmp_path / "disk")
    before = {path: path.read_bytes() for path in files_in(tmp_path / "disk" / "log")}
    assert error_of(back_up, tmp_path / "older", tmp_path / "disk") == "C49"
    # Nor when it went its own way meanwhile.
    with opened_house(tmp_path / "older") as house:
        for n in range(3):
            house.deposit_one(house.sign_in("vera"), f"another way {n}")
    assert error_of(back_up, tmp_path / "older", tmp_path / "disk") == "C49"
    assert {path: path.read_bytes() for path in files_in(tmp_path / "disk" / "log")} == before


def test_sessions_and_what_indexes_are_made_from_are_in_no_backup(archive, tmp_path):
    marks = [b"session header " + bytes(range(40)), b"session content " + bytes(range(40))]
    with opened_house(archive) as house:
        row = SessionRow(Digest.of(b"cookie"), house.anna.id, *marks, 1_800_000_000, 1_800_000_000, "court")
        house.archive.catalogue.sessions.put(row)
        assert any(marks[0] in path.read_bytes() for path in files_in(archive))
        run_backup(house.archive, tmp_path / "disk")
        stamp = open_target(tmp_path / "disk").generations()[0]
    for path in files_in(tmp_path / "disk"):
        data = path.read_bytes()
        assert not any(mark in data for mark in (*marks, Digest.of(b"cookie").encode()))
    with sqlite3.connect(stamp.catalogue) as copied:
        counts = [copied.execute(f"SELECT count(*) FROM {t}").fetchone() for t in ("sessions", "batches")]
        assert counts == [(0,), (0,)]
    copied.close()


def test_old_generations_are_deleted_and_the_newest_is_kept(archive, tmp_path):
    start = datetime(2026, 11, 1, tzinfo=UTC)
    days = (0, 10, 25, 35)
    for day in days:
        made = back_up(archive, tmp_path / "disk", now=start + timedelta(days=day), keep_days=20)
    assert [one.moment.day for one in made.kept] == [26, 6]
    assert [one.moment.month for one in made.kept] == [11, 12]
    with opened_house(archive) as house:
        [known] = remembered(house.archive.catalogue.settings)
        assert known.folder == str(tmp_path / "disk")
        assert opens_until(house.archive.catalogue.settings) == start + timedelta(days=55)
    late = back_up(archive, tmp_path / "disk", now=start + timedelta(days=400), keep_days=20)
    assert [one.stamp for one in late.kept] == [late.generation.stamp]
    run_restore(tmp_path / "disk", tmp_path / "again")
    check_verified(tmp_path / "again")


def test_two_backups_within_one_second_are_two(archive, tmp_path):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    for _ in range(3):
        made = back_up(archive, tmp_path / "disk", now=now)
    assert len({one.stamp for one in made.kept}) == 3


def test_a_damaged_archive_is_backed_up_as_far_as_it_goes_and_deletes_no_older_backup(archive, tmp_path):
    start = datetime(2026, 11, 1, tzinfo=UTC)
    back_up(archive, tmp_path / "disk", now=start)
    shutil.rmtree(tmp_path / "disk" / "objects")
    body = next(path for path in files_in(archive / "objects"))
    header = archive / "headers" / body.name[:2] / body.name
    data = body.read_bytes()
    body.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    header.unlink()
    made = back_up(archive, tmp_path / "disk", now=start + timedelta(days=100))
    assert {(one.code, one.object) for one in made.faults} == {
        ("F41", f"body {body.name}"),
        ("F42", f"header {body.name}"),
    }
    assert (made.bodies, made.bodies_copied, len(made.kept), made.deleted) == (6, 5, 2, ())


def test_a_body_damaged_in_the_backup_is_not_restored_and_is_named(archive, tmp_path):
    back_up(archive, tmp_path / "disk")
    body = next(path for path in files_in(tmp_path / "disk" / "objects"))
    data = body.read_bytes()
    body.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    restored = run_restore(tmp_path / "disk", tmp_path / "again")
    assert [(one.code, one.object) for one in restored.faults] == [("F41", f"body {body.name}")]
    assert not list((tmp_path / "again").rglob(f"objects/**/{body.name}"))
    assert {one.code for one in audited(tmp_path / "again").faults} == {"F40"}


# Destruction


@pytest.fixture
def twice(archive, tmp_path):
    """A backup with two generations."""
    back_up(archive, tmp_path / "disk")
    with opened_house(archive) as house:
        house.deposit_one(house.sign_in("vera"), "between two backups: дубінка")
    back_up(archive, tmp_path / "disk")
    return archive, tmp_path / "disk"


def traces(archive, item):
    """What must be nowhere: headers, bodies and sealed rows of an item, as bytes."""
    with opened_house(archive) as house:
        held, catalogue = house.archive.ledger().items[item], house.archive.catalogue
        bodies = [one.sealed.body for one in held.renditions.values()]
        rows = [row for row in catalogue.sealed.each() if row.subject == item]
        assert {row.kind for row in rows} == {"record", "receipt"}
        found = [house.archive.headers.get(body) for body in bodies]
        found += [(archive / "objects" / body[:2] / body[2:4] / body).read_bytes() for body in bodies]
        found += [part for row in rows for part in (row.header, row.content)]
    return found


def holds(folder, found):
    """Say of each whether any part of it is in any file: a database breaks long values into pages."""
    data = b"\n".join(path.read_bytes() for path in files_in(folder))
    # Every header begins alike.
    parts = [[one[start : start + 48] for start in range(64, len(one) - 48, 48)] for one in found]
    assert all(parts)
    return [any(part in data for part in one) for one in parts]


def test_what_is_destroyed_is_purged_from_every_generation_to_the_last_byte(made, twice, tmp_path):
    archive, disk = twice
    item = items_of(made)[1]
    found = traces(archive, item)
    assert all(holds(disk, found))
    with opened_house(archive) as house:
        destroy(house, item)
        purged = run_purge(house.archive, disk)
        assert (purged.generations, purged.headers, purged.bodies) == (2, 4, 2)
        assert not any(holds(disk, found))
        # Repeating it finds nothing more.
        assert run_purge(house.archive, disk).generations == 0
    for number, generation in enumerate(open_target(disk).generations()):
        folder = tmp_path / f"again{number}"
        restored = run_restore(disk, folder, stamp=generation.stamp)
        assert restored.destroyed == 1
        assert not any(holds(folder, found))
        with opened_house(folder) as house:
            lena = house.sign_in("lena")
            assert error_of(house.read_original, lena, item) == "A20"
            assert "дубінка".encode() in house.read_original(lena, items_of(made)[0])
    # The newest lacks nothing that the log tells of.
    check_verified(folder)


def test_a_backup_that_a_purge_did_not_reach_purges_itself_at_its_next_run(made, twice):
    archive, disk = twice
    item = items_of(made)[0]
    found = traces(archive, item)
    away = disk.rename(disk.with_name("in a drawer"))
    with opened_house(archive) as house:
        destroy(house, item)
        assert error_of(run_purge, house.archive, disk) == "F70"
    assert all(holds(away, found))
    away.rename(disk)
    assert back_up(archive, disk).purged.generations == 2
    assert not any(holds(disk, found))


def test_a_newer_log_keeps_away_what_an_old_backup_still_holds(made, twice, tmp_path):
    archive, disk = twice
    item = items_of(made)[0]
    with opened_house(archive) as house:
        destroy(house, item)
    # The backup was not reached and does not know: alone it brings the item back.
    run_restore(disk, tmp_path / "unaware")
    check_read(tmp_path / "unaware", [*items_of(made), *newest_items(tmp_path / "unaware", made)])
    restored = run_restore(disk, tmp_path / "aware", logs=[archive / "log"])
    assert restored.destroyed == 1
    with opened_house(tmp_path / "aware") as house:
        assert item not in house.archive.ledger().items
        assert error_of(house.read_original, house.sign_in("lena"), item) == "A20"
    check_verified(tmp_path / "aware")


def newest_items(folder, made):
    with opened_house(folder) as house:
        return set(house.archive.ledger().items) - set(items_of(made))


def test_a_log_of_another_history_is_not_taken_for_the_newest(archive, tmp_path):
    shutil.copytree(archive, tmp_path / "fork")
    for folder, times in ((archive, 1), (tmp_path / "fork", 2)):
        with opened_house(folder) as house:
            for n in range(times):
                house.deposit_one(house.sign_in("vera"), f"{folder.name} {n}")
    back_up(archive, tmp_path / "disk")
    code = error_of(run_restore, tmp_path / "disk", tmp_path / "again", logs=[tmp_path / "fork" / "log"])
    assert code == "C49"


def test_a_purge_of_another_archives_backup_is_refused(made, twice, tmp_path):
    _, disk = twice
    found_house(tmp_path / "other")
    with opened_house(tmp_path / "other") as house:
        assert error_of(run_purge, house.archive, disk) == "F71"
    leave_nothing(tmp_path / "other")


def test_a_purge_waits_for_whoever_uses_the_backup_and_then_gives_up(twice):
    archive, disk = twice
    with opened_house(archive) as house, open_target(disk).locked(0):
        purging = (disk, house.archive.archive, house.archive.log, Destroyed())
        assert error_of(purge, *purging, patience_seconds=0.1) == "F72"
        assert error_of(run_backup, house.archive, disk) == "F72"


# Crashes


def drive(*words, kill=0):
    return subprocess.run(
        [sys.executable, str(DRIVER), *map(str, words), str(kill)],
        env=environment(),
        stdout=subprocess.PIPE,
        check=False,
        text=True,
    )


def killed_at(changes, times):
    """Choose moments all along, the last change among them."""
    chance = random.Random(SEED)
    step = changes / times
    return sorted({max(1, int(step * (n + chance.random()))) for n in range(times)} | {changes})


def crash_backup(twice_made, tmp_path, times):
    archive, disk = twice_made
    with opened_house(archive) as house:
        house.deposit_one(house.sign_in("vera"), "before the crash: дубінка")
    shutil.copytree(disk, tmp_path / "copy")
    ended = drive("backup", archive, tmp_path / "copy")
    assert ended.returncode == 0
    for number in killed_at(int(ended.stdout), times):
        place = tmp_path / f"killed{number}"
        place.mkdir()
        shutil.copytree(disk, place / "disk")
        assert drive("backup", archive, place / "disk", kill=number).returncode == -signal.SIGKILL
        run_restore(place / "disk", place / "at once")
        check_verified(place / "at once")
        back_up(archive, place / "disk")
        assert not list((place / "disk").rglob("*.new"))
        run_restore(place / "disk", place / "again")
        check_verified(place / "again")
        shutil.rmtree(place)


def crash_purge(made, twice_made, tmp_path, times):
    archive, disk = twice_made
    item = items_of(made)[2]
    found = traces(archive, item)
    with opened_house(archive) as house:
        destroy(house, item)
    shutil.copytree(disk, tmp_path / "copy")
    ended = drive("purge", archive, tmp_path / "copy")
    assert ended.returncode == 0
    for number in killed_at(int(ended.stdout), times):
        place = tmp_path / f"killed{number}"
        shutil.copytree(disk, place / "disk")
        assert drive("purge", archive, place / "disk", kill=number).returncode == -signal.SIGKILL
        run_restore(place / "disk", place / "at once", logs=[archive / "log"])
        check_verified(place / "at once")
        with opened_house(archive) as house:
            run_purge(house.archive, place / "disk")
        assert not any(holds(place / "disk", found))
        assert not list((place / "disk").rglob("*.new"))
        shutil.rmtree(place)


def test_a_backup_killed_anywhere_leaves_the_last_one_whole_and_the_next_completes(twice, tmp_path):
    crash_backup(twice, tmp_path, KILLS)


@pytest.mark.slow
def test_a_purge_killed_anywhere_is_completed_by_the_next(made, twice, tmp_path):
    crash_purge(made, twice, tmp_path, KILLS)


@pytest.mark.slow
def test_a_purge_killed_at_every_change(made, twice, tmp_path):
    crash_purge(made, twice, tmp_path, 1000)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_keeps_the_last_backup_and_takes_the_next_once_there_is_room(
    made, archive, tmp_path, small_disk
):
    disk, filler = small_disk / "disk", small_disk / "filler"
    back_up(archive, disk)
    with opened_house(archive) as house:
        later = house.deposit_one(house.sign_in("vera"), "no room for this: дубінка " * 2000).item
    for free in (0, 8192, 40_000, 120_000):
        room = os.statvfs(small_disk)
        filler.write_bytes(b"\0" * max(0, room.f_bavail * room.f_frsize - free))
        assert error_of(back_up, archive, disk) == "F02"
        run_restore(disk, tmp_path / f"free{free}")
        check_verified(tmp_path / f"free{free}")
        filler.unlink()
    back_up(archive, disk)
    run_restore(disk, tmp_path / "again")
    check_verified(tmp_path / "again")
    check_read(tmp_path / "again", [*items_of(made), later])


def state_of(folder):
    """Return everything a restored archive holds: its files, and what its catalogue says."""
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for name in ("log", "objects", "headers")
        for path in (folder / name).rglob("*")
        if path.is_file()
    }
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as connection:
        return files, sorted(connection.iterdump())


def flipped(data, where):
    place = min(len(data) - 1, len(data) * where // 4)
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


MUTATIONS = {
    "flipped at its beginning": lambda data: flipped(data, 0),
    "flipped in its middle": lambda data: flipped(data, 2),
    "flipped at its end": lambda data: flipped(data, 4),
    "cut in half": lambda data: data[: len(data) // 2],
    "emptied": lambda data: b"",
    "made longer": lambda data: data + b"more",
    "taken away": lambda data: None,
}


def what_is_wrong(disk, folder):
    """Restore and open; return the codes of what was found wrong on the way."""
    try:
        restored = run_restore(disk, folder)
        found = [one.code for one in (*restored.faults, *audited(folder).faults)]
        with opened_house(folder):
            return found
    except SviedkaError as fault:
        return [fault.code]


@pytest.mark.slow
def test_a_backup_of_which_any_file_was_changed_says_so_or_restores_the_same(archive, tmp_path):
    back_up(archive, tmp_path / "disk")
    run_restore(tmp_path / "disk", tmp_path / "right")
    right, passed, count = state_of(tmp_path / "right"), [], 0
    for path in sorted((tmp_path / "disk").rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        for name, mutate in MUTATIONS.items() if data else ():
            changed = mutate(data)
            path.unlink() if changed is None else path.write_bytes(changed)
            count += 1
            if not what_is_wrong(tmp_path / "disk", tmp_path / "again"):
                same = state_of(tmp_path / "again") == right
                passed += [] if same else [(str(path.relative_to(tmp_path / "disk")), name)]
            path.write_bytes(data)
            shutil.rmtree(tmp_path / "again", ignore_errors=True)
    leave_nothing(tmp_path / "right")
    assert count > 100
    assert passed == []
