"""Copies and fixity: whatever is broken on one disk is named, and put right from another; nothing comes back."""

import json
import os
import shutil
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from backup_driver import run_backup, run_restore
from copied import BREAKING, add, bodies_of, body_in, check, flip, header_in, quiet, state_of
from destroying import may_destroy
from founded import audited, found_house, leave_nothing, opened_house, refusal

from archive.access import copying, preserving, rewrapping
from archive.access.copies_held import held
from archive.access.fixity import check_stores
from archive.audit_bodies import Sample
from archive.events import parse_entry
from archive.kinds import Kind, Outcome
from archive.nouns import Action
from storage.fixity.journal import NAME
from storage.fixity.pace import Pace


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive with two copies and two accounts."""
    root = tmp_path_factory.mktemp("fixity") / "place"
    found_house(root / "archive")
    with opened_house(root / "archive") as house:
        vera = house.documenter()
        house.lawyer()
        may_destroy(house)
        first = house.deposit_one(vera, "Сведчанне: дубінка. " * 50).item
        add(house.archive, root / "one")
        add(house.archive, root / "two")
        second = house.deposit_one(vera, "Другое сведчанне. " * 50).item
    root.rename(root.with_name("kept"))
    yield root, (first, second)
    leave_nothing(root.with_name("kept") / "archive")


@pytest.fixture
def place(made):
    # The list of copies names them by their paths, so there is one place for all.
    shutil.rmtree(made[0], ignore_errors=True)
    return shutil.copytree(made[0].with_name("kept"), made[0])


@pytest.fixture
def house(place):
    with opened_house(place / "archive") as house:
        yield house


def stores(place):
    return [place / name for name in ("archive", "one", "two")]


def last_event(archive):
    return parse_entry(archive.log.entry(archive.log.checkpoint().size - 1)).event


def check_whole(place, before):
    """Every store is as it was, byte for byte, and an audit finds nothing."""
    assert [state_of(store) for store in stores(place)] == before
    report = audited(place / "archive")
    assert (report.outcome, report.faults, report.warnings) == ("verified", (), ())


def test_copies_hold_what_came_before_and_after_they_were_added(place):
    before = [state_of(store) for store in stores(place)]
    assert before[0] == before[1] == before[2]
    assert len(before[0]) == 8


def test_a_check_that_finds_nothing_is_logged_with_what_it_compared(house):
    done = check(house.archive)
    event = last_event(house.archive)
    assert (done.outcome, event.kind, event.agent) == (
        Outcome.SUCCESS,
        Kind.FIXITY,
        house.archive.ledger().archive_agent,
    )
    assert [one["bodies"] for one in event.data["stores"]] == [4, 4, 4]
    assert [one["headers"] for one in event.data["stores"]] == [4, 4, 4]
    assert event.data["outcome"] == "success"
    assert house.archive.ledger().fixity == (event.at, Outcome.SUCCESS)


@pytest.mark.parametrize("breaking", BREAKING, ids=lambda one: one.__name__)
@pytest.mark.parametrize("part", [body_in, header_in])
@pytest.mark.parametrize("store", [0, 1])
def test_what_is_broken_in_one_store_is_named_and_then_repaired(made, place, house, breaking, part, store):
    before = [state_of(one) for one in stores(place)]
    [body, _] = bodies_of(house.archive, made[1][0])
    breaking(part(stores(place)[store], body))
    found = check(house.archive)
    [fault] = found.findings.shortfalls.values()
    assert (found.outcome, found.findings.left, fault.body, fault.repaired) == (Outcome.FAIL, 1, body, False)
    assert (
        fault.code
        in {"flip": ("F41", "F43"), "truncate": ("F41", "F43"), "unlink": ("F40", "F42")}[breaking.__name__]
    )
    assert fault.expected is not None
    assert (fault.found is None) == (breaking.__name__ == "unlink")
    repaired = check(house.archive, repair=True)
    assert (repaired.outcome, repaired.findings.found, repaired.findings.left) == (Outcome.WARNING, 1, 0)
    [named] = last_event(house.archive).data["named"]
    assert (named["body"], named["repaired"], named["part"]) == (body, True, fault.part)
    assert check(house.archive).outcome is Outcome.SUCCESS
    check_whole(place, before)


def test_different_things_broken_on_every_disk_are_put_right_from_each_other(made, place, house):
    before = [state_of(one) for one in stores(place)]
    [first, text] = bodies_of(house.archive, made[1][0])
    flip(body_in(place / "archive", first))
    flip(header_in(place / "archive", text))
    body_in(place / "one", text).unlink()
    header_in(place / "one", first).unlink()
    flip(body_in(place / "two", first))
    shutil.rmtree(place / "two" / "headers")
    done = check(house.archive, repair=True)
    assert (done.findings.left, done.findings.found) == (0, 9)
    check_whole(place, before)


def test_what_is_broken_everywhere_is_left_and_said_to_be_lost(made, place, house):
    [body, _] = bodies_of(house.archive, made[1][0])
    for store in stores(place):
        flip(body_in(store, body))
    broken = [state_of(one) for one in stores(place)]
    done = check(house.archive, repair=True)
    assert (done.outcome, done.findings.left) == (Outcome.FAIL, 3)
    assert [state_of(one) for one in stores(place)] == broken


def test_a_body_of_another_item_in_its_place_is_never_taken_for_a_good_one(made, place, house):
    [body, _], [other, _] = (bodies_of(house.archive, item) for item in made[1])
    before = [state_of(one) for one in stores(place)]
    shutil.copy(body_in(place / "one", other), body_in(place / "one", body))
    shutil.copy(header_in(place / "one", other), header_in(place / "one", body))
    body_in(place / "archive", body).unlink()
    header_in(place / "archive", body).unlink()
    assert check(house.archive, repair=True).findings.left == 0
    check_whole(place, before)


def test_the_header_of_an_earlier_epoch_is_replaced_by_the_one_in_force(made, place, house):
    [body, _] = bodies_of(house.archive, made[1][0])
    old = header_in(place / "one", body).read_bytes()
    (place / "one").rename(place / "drawer")
    house.grant("vera", Action.READ)
    house.revoke("lena")
    rewrapping.rewrap_compartment(house.archive, house.anna, "main", lambda _done, _of: None)
    (place / "drawer").rename(place / "one")
    assert header_in(place / "one", body).read_bytes() == old
    assert header_in(place / "two", body).read_bytes() != old
    done = check(house.archive, repair=True)
    assert {one.code for one in done.findings.shortfalls.values()} == {"F43"}
    assert done.findings.left == 0
    assert state_of(place / "one") == state_of(place / "two") == state_of(place / "archive")


def test_destroying_takes_it_from_every_copy(made, place, house):
    bodies = bodies_of(house.archive, made[1][0])
    preserving.order(house.archive, house.anna, made[1][0], "she asked for it", delay_days=0)
    done = preserving.carry_out(house.archive)
    assert (done.items, done.behind) == ((made[1][0],), ())
    for store in stores(place):
        assert not any(body in path for path in state_of(store) for body in bodies)


def test_what_a_disk_in_a_drawer_holds_is_destroyed_when_it_is_connected_and_never_comes_back(
    made, place, house
):
    bodies = bodies_of(house.archive, made[1][0])
    (place / "two").rename(place / "drawer")
    preserving.order(house.archive, house.anna, made[1][0], "she asked for it", delay_days=0)
    assert preserving.carry_out(house.archive).behind == (place / "two",)
    assert [one.pending for one in held(house.archive)] == [0, len(bodies)]
    assert preserving.carry_out(house.archive).behind == (place / "two",)
    (place / "drawer").rename(place / "two")
    assert header_in(place / "two", bodies[0]).exists()
    # Connected again, it is no source of what was destroyed.
    found = check(house.archive)
    assert {one.code for one in found.findings.shortfalls.values()} == {"F56"}
    assert preserving.carry_out(house.archive).behind == ()
    for store in stores(place):
        assert not any(body in path for path in state_of(store) for body in bodies)
    assert check(house.archive, repair=True).outcome is Outcome.SUCCESS


@pytest.mark.parametrize("store", [0, 2])
def test_what_was_destroyed_and_is_put_back_is_removed_by_a_repair(made, place, house, store):
    kept = shutil.copytree(stores(place)[store], place / "kept")
    bodies = bodies_of(house.archive, made[1][0])
    preserving.order(house.archive, house.anna, made[1][0], "she asked for it", delay_days=0)
    preserving.carry_out(house.archive)
    for name in ("objects", "headers"):
        shutil.copytree(kept / name, stores(place)[store] / name, dirs_exist_ok=True)
    found = check(house.archive)
    assert (found.outcome, found.findings.left) == (Outcome.FAIL, 2 * len(bodies))
    assert check(house.archive, repair=True).findings.left == 0
    for one in stores(place):
        assert not any(body in path for path in state_of(one) for body in bodies)


def test_a_destruction_during_a_repair_wins(made, place, house):
    """While a missing body is being copied from another disk, its item is destroyed."""
    bodies = bodies_of(house.archive, made[1][0])
    body_in(place / "one", bodies[0]).unlink()
    preserving.order(house.archive, house.anna, made[1][0], "she asked for it", delay_days=0)
    done = []

    def destroy_meanwhile(_seconds):
        if not done and b"shortfall" in (place / "archive" / NAME).read_bytes():
            done.append(preserving.carry_out(house.archive).items)

    check(house.archive, repair=True, pace=Pace(1 << 20, lambda: 0.0, destroy_meanwhile))
    assert done == [(made[1][0],)]
    for one in stores(place):
        assert not any(body in path for path in state_of(one) for body in bodies)


def test_a_copy_that_is_away_is_said_not_to_be_compared(place, house):
    (place / "two").rename(place / "drawer")
    done = check(house.archive)
    assert (done.outcome, done.behind) == (Outcome.WARNING, (place / "two",))
    assert last_event(house.archive).data["unreached"] == [house.archive.stores.copies()[1].copy]


def test_with_fewer_copies_than_are_to_hold_it_a_deposit_is_refused_and_leaves_nothing(place, house):
    vera = house.sign_in("vera")
    before = [state_of(one) for one in stores(place)[:1]]
    for name in ("one", "two"):
        (place / name).rename(place / f"{name} in a drawer")
    [refused] = house.deposit(vera, {"third.txt": "Трэцяе сведчанне."})
    assert (refused.status, refused.error.code) == ("failed", "F62")
    assert [state_of(one) for one in stores(place)[:1]] == before
    (place / "one in a drawer").rename(place / "one")
    item = house.deposit_one(vera, "Чацвёртае сведчанне.").item
    (place / "two in a drawer").rename(place / "two")
    assert [one.lacking for one in held(house.archive)] == [0, 2]
    assert check(house.archive, repair=True).findings.left == 0
    assert [one.lacking for one in held(house.archive)] == [0, 0]
    assert all(body_in(place / "two", body).exists() for body in bodies_of(house.archive, item))


def test_a_sample_reads_so_many_bodies_and_every_header(place, house):
    done = check(house.archive, sample=Sample(1, "seed"))
    assert [(one.bodies, one.headers) for one in done.findings.tallies.values()] == [(1, 4)] * 3
    assert last_event(house.archive).data["whole"] is False
    body_in(place / "one", bodies_of(house.archive, next(iter(house.archive.ledger().items)))[0]).unlink()
    assert check(house.archive, sample=Sample(1, "other")).findings.left == 1


def test_two_checks_at_once_are_refused(house):
    def again(_what, _done, _total):
        with refusal("F66"):
            check(house.archive)

    check_stores(house.archive, repair=False, pace=Pace(), progress=again)


def test_a_stopped_check_goes_on_where_it_was_and_forgets_nothing_it_found(made, place, house):
    [body, _] = bodies_of(house.archive, made[1][0])
    flip(body_in(place / "archive", body))
    flip(header_in(place / "two", body))

    class Stopped(Exception):
        """Somebody stops it."""

    def stop(_what, done, _total):
        if done == 6:
            raise Stopped

    with pytest.raises(Stopped):
        check_stores(house.archive, repair=True, pace=Pace(), progress=stop)
    lines = (place / "archive" / NAME).read_text().splitlines()
    assert [json.loads(line)["tally"]["done"] for line in lines if "tally" in line] == [True]
    # As if the last line had been cut short by a crash.
    with (place / "archive" / NAME).open("a") as file:
        file.write('{"tally": {"copy"')
    read = []
    done = check_stores(house.archive, repair=True, pace=Pace(10**12, sleep=read.append), progress=quiet)
    assert (done.findings.found, done.findings.left) == (2, 0)
    assert [one["bodies"] for one in last_event(house.archive).data["stores"]] == [4, 4, 4]
    assert (place / "archive" / NAME).read_bytes() == b""


def test_a_check_that_was_stopped_long_ago_begins_again(place):
    class Stopped(Exception):
        """Somebody stops it."""

    def stop(_what, done, _total):
        if done == 6:
            raise Stopped

    now = datetime(2027, 3, 1, tzinfo=UTC)
    with opened_house(place / "archive", clock=lambda: now) as house, pytest.raises(Stopped):
        check_stores(house.archive, repair=False, pace=Pace(), progress=stop)
    body_in(place / "archive", bodies_of(house.archive, next(iter(house.archive.ledger().items)))[0]).unlink()
    for days, faults, begun in ((29, 0, "2027-03-01"), (29, 1, "2027-03-30")):
        with opened_house(place / "archive", clock=lambda days=days: now + timedelta(days)) as house:
            # What was compared before it was stopped is not compared twice.
            assert check(house.archive).findings.found == faults
            assert last_event(house.archive).data["begun"][:10] == begun
    with opened_house(place / "archive", clock=lambda: now) as house, pytest.raises(Stopped):
        check_stores(house.archive, repair=False, pace=Pace(), progress=stop)
    with opened_house(place / "archive", clock=lambda: now + timedelta(31)) as house:
        assert check(house.archive).findings.found == 1
        assert last_event(house.archive).data["begun"][:10] == "2027-04-01"


def test_the_rate_is_kept_on_a_real_clock(place, house):
    size = sum(len(data) for data in state_of(place / "archive").values()) * 3
    begun = time.monotonic()
    check(house.archive, pace=Pace(size * 2))
    assert 0.25 <= time.monotonic() - begun < 5


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


def test_a_copy_whose_disk_is_full_is_behind_and_is_caught_up_once_there_is_room(place, house, small_disk):
    vera, archive = house.sign_in("vera"), house.archive
    copying.remove_copy(archive, place / "two", None, erase=False)
    add(archive, small_disk / "copy")
    filler = small_disk / "filler"
    for free in (0, 8192, 40_000):
        room = os.statvfs(small_disk)
        filler.write_bytes(b"\0" * max(0, room.f_bavail * room.f_frsize - free))
        house.deposit_one(vera, f"дубінка {free} " * 5000)
        assert check(archive, repair=True).outcome is Outcome.FAIL
        filler.unlink()
    # With one more to hold it there is no receipt without room.
    room = os.statvfs(small_disk)
    filler.write_bytes(b"\0" * (room.f_bavail * room.f_frsize))
    copying.add_copy(archive, place / "one", 3, quiet)
    before = state_of(place / "archive")
    [refused] = house.deposit(vera, {"third.txt": "Трэцяе сведчанне."})
    assert (refused.status, refused.error.code) == ("failed", "F62")
    assert state_of(place / "archive") == before
    filler.unlink()
    assert check(archive, repair=True).findings.left == 0
    assert state_of(place / "archive") == state_of(small_disk / "copy")


def test_a_disk_that_can_only_be_read_is_a_source_and_is_not_written_to(made, place, house, tmp_path):
    [body, _] = bodies_of(house.archive, made[1][0])
    two = place / "two"
    bound = [["mount", "--bind", str(two), str(two)], ["mount", "-o", "remount,bind,ro", str(two)]]
    if any(subprocess.run(one, check=False, capture_output=True).returncode for one in bound):
        pytest.skip("needs the right to mount")
    try:
        shutil.rmtree(place / "one")
        flip(body_in(place / "archive", body))
        assert check(house.archive, repair=True).findings.left == 0
        body_in(place / "archive", body).unlink()
        [refused] = house.deposit(house.sign_in("vera"), {"third.txt": "Трэцяе сведчанне."})
        assert (refused.status, refused.error.code) == ("failed", "F62")
        preserving.order(house.archive, house.anna, made[1][0], "she asked for it", delay_days=0)
        assert set(preserving.carry_out(house.archive).behind) == {place / "one", place / "two"}
        assert body_in(two, body).exists()
        assert check(house.archive, repair=True).outcome is Outcome.FAIL
    finally:
        subprocess.run(["umount", "-l", str(two)], check=True)
    assert preserving.carry_out(house.archive).behind == (place / "one",)
    assert not body_in(two, body).exists()


def test_an_audit_counts_what_copies_lack_and_finds_what_was_destroyed_in_them(made, place, house):
    def told():
        report = audited(place / "archive")
        return report.outcome, [(one.code, one.object) for one in (*report.faults, *report.warnings)]

    assert told() == ("verified", [])
    [body, text] = bodies_of(house.archive, made[1][0])
    body_in(place / "one", body).unlink()
    (place / "two").rename(place / "drawer")
    assert told() == ("verified", [("F67", f"copy {place / 'one'}"), ("F63", f"copy {place / 'two'}")])
    preserving.order(house.archive, house.anna, made[1][0], "she asked for it", delay_days=0)
    preserving.carry_out(house.archive)
    (place / "drawer").rename(place / "two")
    gone = [("F56", f"copy {place / 'two'}: header {one}") for one in sorted((body, text))]
    assert told() == ("failed", gone)
    preserving.carry_out(house.archive)
    assert told() == ("verified", [])
    (place / "archive" / "copies.json").write_bytes(b"{}")
    assert told() == ("failed", [("F65", "copies")])


def test_after_a_restore_a_copy_gives_what_the_backup_lacked_and_is_never_emptied(made, place, house):
    run_backup(house.archive, place / "disk")
    later = house.deposit_one(house.sign_in("vera"), "Пасля апошняй копіі.").item
    bodies = bodies_of(house.archive, later)
    before = state_of(place / "one")
    # With the log of the lost server, everything is put together again from backup and copy.
    run_restore(place / "disk", place / "with log", logs=[place / "archive" / "log"])
    with opened_house(place / "with log") as restored:
        assert add(restored.archive, place / "one").left == 0
        assert check(restored.archive, repair=True).findings.left == 0
        assert state_of(place / "with log") == before
        copying.remove_copy(restored.archive, place / "one", None, erase=False)
    # Without it, nobody knows what the copy has besides: it is kept.
    run_restore(place / "disk", place / "without")
    with opened_house(place / "without") as restored:
        with refusal("F68"):
            add(restored.archive, place / "one")
        assert restored.archive.stores.copies() == ()
        assert state_of(place / "one") == before
        copying.add_copy(restored.archive, place / "one", None, quiet, discard_unknown=True)
        assert check(restored.archive).findings.tally(restored.archive.stores.copies()[0].copy).surplus == 4
        assert check(restored.archive, repair=True).outcome is Outcome.SUCCESS
        assert state_of(place / "one") == state_of(place / "without")
        assert not any(body in path for path in state_of(place / "one") for body in bodies)


def test_checks_and_repairs_amid_deposits_rewrapping_and_destruction_find_nothing(made, place, house):
    """What moves lawfully while a check runs is never taken for a fault, and never put back."""
    archive, anna, vera = house.archive, house.anna, house.sign_in("vera")
    house.grant("vera", Action.READ)
    faults = []

    def work():
        try:
            for number in range(4):
                item = house.deposit_one(vera, f"Сведчанне нумар {number}. " * 200).item
                house.revoke("lena" if number == 0 else "vera")
                rewrapping.rewrap_compartment(archive, anna, "main", lambda _done, _of: None)
                house.grant("vera", Action.READ, Action.CONTRIBUTE)
                preserving.order(archive, anna, item, "she asked for it", delay_days=0)
                preserving.carry_out(archive)
        except Exception as fault:
            faults.append(fault)

    worker, done = threading.Thread(target=work), []
    worker.start()
    while worker.is_alive():
        done.append(check(archive, repair=bool(len(done) % 2)))
    worker.join()
    assert faults == []
    assert len(done) > 4
    assert [one.findings.shortfalls for one in done if one.findings.found] == []
    assert check(archive, repair=True).findings.found == 0
    assert state_of(place / "archive") == state_of(place / "one") == state_of(place / "two")
