"""Killing a bulk deposit anywhere: what has a receipt is there, what has none is not, repeating completes it."""

import random
import shutil
import time

import pytest
from driving import kill_after, start, told
from founded import audited, found_house, leave_nothing, opened_house

from archive.access.receipts import fetch_receipt, trust_of
from archive.events import parse_entry
from archive.receipts import parse_receipt, verify_receipt
from archive.records import Description
from ingest.accession import code_digest
from ingest.deposit import Handed, Intake
from ingest.files import files_under, opened
from storage.objects import check_fixity

FILES = 40
SEED = 20260809


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """An archive with a documenter and a lawyer, and a folder of files to deposit."""
    root = tmp_path_factory.mktemp("killed")
    found_house(root / "archive")
    with opened_house(root / "archive") as house:
        house.documenter()
        house.lawyer()
    folder = root / "files" / "with" / "depth"
    folder.mkdir(parents=True)
    for number in range(FILES):
        place = folder if number % 2 else root / "files"
        (place / f"{number}.txt").write_text(f"Сведчанне нумар{number}: білі дубінкамі. " * (1 + number % 9))
    yield root
    leave_nothing(root / "archive")


def copied(prepared, to):
    shutil.copytree(prepared / "archive", to)
    return to


def undisturbed_seconds(prepared, tmp_path):
    driver = start(copied(prepared, tmp_path / "undisturbed"), prepared / "files")
    begun = time.monotonic()
    assert told(driver)[-1] == ["done"]
    return time.monotonic() - begun


def check_nothing_half_made(house):
    """Rows, log, ledger, bodies and headers tell the same story."""
    archive = house.archive
    report = audited(house.folder)
    assert (report.faults, report.warnings) == ((), ())
    assert archive.catalogue.counts()["staged"] == 0
    ledger = archive.ledger()
    assert {row.item for row in archive.catalogue.items.each()} == set(ledger.items)
    assert {row.rendition for row in archive.catalogue.renditions.each()} == set(ledger.renditions)
    bodies = {one.sealed.body for one in ledger.renditions.values()}
    assert set(archive.objects.digests()) == set(archive.headers.bodies()) == bodies
    assert list((house.folder / "objects" / "partial").iterdir()) == []
    assert list(house.folder.glob("staging.lock.*")) == []
    for body in bodies:
        check_fixity(archive.objects, body)
    for item in ledger.items:
        concerned = [
            index
            for index, entry in enumerate(archive.log.entries(0))
            if item in ledger.concerned(parse_entry(entry).event)
        ]
        assert archive.catalogue.items.events(item) == concerned


def check_receipts(house, accessioned):
    """Whoever was told a code of words proves her deposit with it."""
    vera, trust = house.sign_in("vera"), trust_of(house.archive)
    for _, name, item, code in accessioned:
        receipt = parse_receipt(fetch_receipt(house.archive, vera, code, code_digest(code)))
        proven = verify_receipt(receipt, trust=trust)
        assert (proven.openings.name, proven.entry.event.data["item"]) == (name, item)


def kill_and_repeat(prepared, tmp_path, delay, *, after_a_receipt):
    archive = copied(prepared, tmp_path / f"{delay:.4f}")
    driver = start(archive, prepared / "files")
    before = kill_after(driver, delay, after_a_receipt=after_a_receipt)
    accessioned = [line for line in before if line[0] == "accessioned"]
    with opened_house(archive) as house:
        check_nothing_half_made(house)
        check_receipts(house, accessioned)
    after = [line for line in told(start(archive, prepared / "files")) if line != ["done"]]
    assert len(after) == FILES
    assert {line[0] for line in after} <= {"accessioned", "duplicate"}
    # What was told before the kill is told to be there, as the same item.
    items = {line[1]: line[2] for line in after}
    assert all(items[name] == item and (status, name) for status, name, item, _ in accessioned)
    with opened_house(archive) as house:
        check_nothing_half_made(house)
        assert len(house.archive.ledger().items) == FILES
        assert all(item.extracted for item in house.archive.ledger().items.values())
        found = house.find(house.sign_in("lena"), "дубінкамі", limit=2 * FILES)
        assert len({hit.item for hit in found.hits}) == found.total == FILES
    shutil.rmtree(archive)
    return len(accessioned)


def kill_many(prepared, tmp_path, times):
    half = undisturbed_seconds(prepared, tmp_path) / 2
    chance = random.Random(SEED)
    moments = [half * (number + chance.random()) / times for number in range(times)]
    receipts = [
        kill_and_repeat(prepared, tmp_path, moment, after_a_receipt=bool(number % 2))
        for number, moment in enumerate(moments)
    ]
    # The kills met the deposit before its first receipt and after it, or they show nothing.
    assert receipts[0] == 0 < receipts[1]


@pytest.mark.slow
def test_a_bulk_deposit_killed_at_random_moments_loses_nothing_and_doubles_nothing(prepared, tmp_path):
    kill_many(prepared, tmp_path, 4)


@pytest.mark.slow
def test_a_bulk_deposit_killed_at_fifty_random_moments(prepared, tmp_path):
    kill_many(prepared, tmp_path, 50)


def test_a_deposit_that_is_abandoned_between_files_leaves_only_what_has_a_receipt(prepared, tmp_path):
    archive = copied(prepared, tmp_path / "abandoned")
    paths = list(files_under([prepared / "files"]))
    with opened_house(archive) as house:
        handed = [Handed(p.name, lambda p=p: opened(p), Description({}), str(p)) for p in paths]
        results = Intake(house.archive, house.sign_in("vera"), "main", house.extractor).deposit(handed)
        first = next(results)
        results.close()
        assert first.status == "accessioned"
    with opened_house(archive) as house:
        check_nothing_half_made(house)
        assert first.item in house.archive.ledger().items


def test_leftovers_are_not_swept_while_somebody_deposits(prepared, tmp_path):
    archive = copied(prepared, tmp_path / "meanwhile")
    driver = start(archive, prepared / "files")
    for _ in range(6):
        with opened_house(archive):
            pass
    lines = told(driver)
    assert lines[-1] == ["done"]
    assert [line[0] for line in lines[:-1]] == ["accessioned"] * FILES
    with opened_house(archive) as house:
        check_nothing_half_made(house)
        check_receipts(house, lines[:-1])


def test_two_processes_depositing_the_same_files_at_once_double_nothing(prepared, tmp_path):
    archive = copied(prepared, tmp_path / "twice")
    drivers = [start(archive, prepared / "files"), start(archive, prepared / "files")]
    lines = [told(driver) for driver in drivers]
    assert [one[-1] for one in lines] == [["done"], ["done"]]
    statuses = sorted(line[0] for one in lines for line in one[:-1])
    assert statuses == ["accessioned"] * FILES + ["duplicate"] * FILES
    with opened_house(archive) as house:
        check_nothing_half_made(house)
        assert len(house.archive.ledger().items) == FILES
        assert house.find(house.sign_in("lena"), "дубінкамі").total == FILES
