"""The crash matrix: every act, stopped after each of its durable writes, enumerated and not chosen by chance.

After each stop the archive is opened as always. Then the audit is clean; every receipt that was handed out, before
and during the act, still proves; the log continues whatever checkpoint anyone can have seen; and the act succeeds
when it is repeated.
"""

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from backup_driver import run_restore
from copied import state_of
from crash_acts import ACTS, forget, prepare, receipt_of
from driving import environment
from founded import opened_house

from archive.audit import audit
from archive.events import parse_entry
from archive.kinds import Kind
from keys.signing import verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings

DRIVER = Path(__file__).with_name("crash_driver.py")
#: How many stops of each act are tried in every run, spread over all of them.
USUALLY = 2


@dataclass(frozen=True)
class Driver:
    """The process that others are forked from."""

    process: subprocess.Popen

    def run(self, act: str, place: Path, *, die_after: int = 0) -> dict:
        self.process.stdin.write(f"{act} {place} {die_after}\n")
        self.process.stdin.flush()
        ended = json.loads(self.process.stdout.readline())
        assert "fault" not in ended, ended["fault"]
        assert ended["status"] == (-signal.SIGKILL if die_after else 0)
        return ended


@pytest.fixture(scope="module")
def driver():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, str(DRIVER)], env=environment(), text=True, **pipes) as process:
        yield Driver(process)
        process.stdin.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    place = tmp_path_factory.mktemp("crash") / "place"
    place.mkdir()
    receipts = prepare(place)
    place.rename(place.with_name("kept"))
    yield place, receipts
    forget(place.with_name("kept"))


@pytest.fixture
def place(prepared):
    """Where everything is as it was before the act, at each call."""

    # The archive knows its backups by their paths, so there is one place for all.
    def again():
        shutil.rmtree(prepared[0], ignore_errors=True)
        return shutil.copytree(prepared[0].with_name("kept"), prepared[0])

    return again


def check_clean(folder, receipts, codes, seen, *, besides=()):
    """Open the archive, and see that it is whole, proves its receipts and continues a checkpoint."""
    with opened_house(folder) as house:
        receipts = [*receipts, *(receipt_of(house, code) for code in codes)]
    with local_holdings(folder) as holdings:
        report = audit(
            holdings,
            verify_ed25519=verify_ed25519,
            verify_mldsa44=verify_mldsa44,
            receipts=receipts,
            since=seen,
        )
    assert (report.outcome, report.faults) == ("verified", ())
    # A successor log says that it is one.
    assert {one.code for one in report.warnings} <= {"C98", *besides}
    assert report.counts.receipts == len(receipts)


def same_in_both(place):
    """Say whether the copy holds, byte for byte, what the archive's own store holds."""
    return state_of(place / "archive") == state_of(place / "copy")


def stop_and_go_on(driver, place, receipts, act, number):
    """Stop an act after a durable write, see that nothing is lost, and do it again."""
    codes = driver.run(act, place, die_after=number)["told"]
    folder = place / ("restored" if act in ("restore", "succeed") else "archive")
    # Before there are settings nobody opens the archive, nor is shown a checkpoint of it.
    opens = (folder / "archive.json").exists()
    seen = (folder / "log" / "checkpoint").read_bytes() if opens else None
    if opens:
        # A copy that is being filled lacks something still.
        check_clean(folder, receipts, codes, seen, besides=["F67"] if act == "copy" else [])
        # A repair is the one act that may leave the copy behind: as damaged as it found it.
        assert act == "repair" or same_in_both(place)
    codes += driver.run(act, place)["told"]
    check_clean(folder, receipts, codes, seen)
    assert same_in_both(place)
    if act == "copy":
        assert state_of(place / "second") == state_of(place / "copy")
    if act == "backup":
        # What the disk holds is as good as the archive.
        run_restore(place / "disk", place / "restored")
        check_clean(place / "restored", receipts, codes, seen)


@pytest.mark.parametrize("act", ACTS)
def test_an_act_stopped_here_and_there_loses_nothing(driver, prepared, place, act):
    writes = driver.run(act, place())["writes"]
    assert len(writes) > USUALLY
    for turn in range(1, USUALLY + 1):
        stop_and_go_on(driver, place(), prepared[1], act, len(writes) * turn // (USUALLY + 1))


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_an_act_stopped_after_each_durable_write_loses_nothing(driver, prepared, place, act):
    writes = driver.run(act, place())["writes"]
    for number in range(1, len(writes) + 1):
        stop_and_go_on(driver, place(), prepared[1], act, number)


def repair_stopped(driver, place, number):
    """Stop a repair of both stores after a durable write, and do it again: nothing is ever half repaired."""
    whole = state_of(place / "archive")
    driver.run("repair_own", place, die_after=number)
    for store in ("archive", "copy"):
        for name, data in state_of(place / store).items():
            assert "partial" in name or name.endswith(".new") or data in (whole[name], b"damaged", b"")
    driver.run("repair_own", place)
    assert state_of(place / "archive") == state_of(place / "copy") == whole
    check_clean(place / "archive", [], [], None)
    with opened_house(place / "archive") as house:
        events = [parse_entry(entry).event for entry in house.archive.log.entries(0)]
    named = [one for event in events if event.kind is Kind.FIXITY for one in event.data["named"]]
    # However often it was stopped, what was damaged is on record, once for each run that was logged.
    assert len({(one["copy"], one["part"], one["body"]) for one in named}) == 6
    assert all(one["repaired"] for one in named)


def test_a_repair_of_both_stores_stopped_here_and_there_is_never_half_done(driver, place):
    writes = driver.run("repair_own", place())["writes"]
    for turn in range(1, 3):
        repair_stopped(driver, place(), len(writes) * turn // 3)


@pytest.mark.slow
def test_a_repair_of_both_stores_stopped_after_each_durable_write_is_never_half_done(driver, place):
    writes = driver.run("repair_own", place())["writes"]
    for number in range(1, len(writes) + 1):
        repair_stopped(driver, place(), number)
