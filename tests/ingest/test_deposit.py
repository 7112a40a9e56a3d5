"""Deposits: each file told of, none doubled, none lost, and nothing half-made kept."""

import io
import os
import threading
from contextlib import nullcontext

import pytest
from founded import FOR_COURT, founded_house, opened_house

from archive.access import compartments
from archive.access.receipts import fetch_receipt, trust_of
from archive.errors import AccessError, CustodyError, IntakeError
from archive.nouns import Action, Role
from archive.receipts import parse_receipt, verify_receipt
from archive.records import Description, load_description
from ingest.deposit import GROUP_FILES, Handed, Intake
from ingest.files import files_under, opened


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as opened_one:
        yield opened_one


def handed(name, data, described=FOR_COURT):
    description = load_description(described, [name])[name]
    return Handed(name, lambda: io.BytesIO(data), description, name)


def stored(house):
    return set(house.archive.objects.digests()), set(house.archive.headers.bodies())


def test_nothing_is_said_and_nothing_handed_out_that_was_not_made_durable_and_logged_first(house):
    vera = house.documenter()
    intake = Intake(house.archive, vera, "main", house.extractor)
    for result in intake.deposit([handed(f"{n}.txt", b"said %d" % n) for n in range(GROUP_FILES + 3)]):
        assert house.archive.log.checkpoint().size > result.log_index
        assert house.archive.objects.has(result.sealed_digest)
        assert house.archive.headers.get(result.sealed_digest)
        assert house.archive.catalogue.items.get(result.item) is not None


def test_the_same_bytes_from_the_same_depositor_are_a_duplicate_and_kept_once(house):
    vera = house.documenter()
    first = house.deposit_one(vera, "the same")
    before = stored(house)
    [again, other] = house.deposit(vera, {"copy.txt": "the same", "other.txt": "another"})
    assert (again.status, again.item, again.receipt_code) == ("duplicate", first.item, None)
    assert (again.log_index, again.sealed_digest) == (first.log_index, first.sealed_digest)
    assert other.status == "accessioned"
    # The other brought its original and its text, the copy nothing.
    assert [len(now - then) for now, then in zip(stored(house), before, strict=True)] == [2, 2]


def test_twice_the_same_file_in_one_group_is_one_item(house):
    vera = house.documenter()
    results = house.deposit(vera, {"a.txt": "the same", "b.txt": "the same", "c.txt": "the same"})
    assert [one.status for one in results] == ["accessioned", "duplicate", "duplicate"]
    assert len({one.item for one in results}) == 1
    assert len(stored(house)[0]) == 2


def test_nobody_learns_what_another_depositor_handed_in(house):
    vera, nina = house.documenter(), house.documenter("nina")
    mine, hers = house.deposit_one(vera, "the same"), house.deposit_one(nina, "the same")
    assert mine.item != hers.item
    assert mine.sealed_digest != hers.sealed_digest
    rows = {row.depositor: row.duplicate for row in house.archive.catalogue.items.each()}
    assert rows[vera.id] != rows[nina.id]


def test_every_file_of_a_bulk_deposit_is_told_of(house, tmp_path):
    vera = house.documenter()
    good, empty = handed("good.txt", b"good"), handed("empty.txt", b"")
    gone = Handed("gone.txt", lambda: opened(tmp_path / "gone.txt"), Description({}), "gone.txt")
    folder = Handed("folder", lambda: opened(tmp_path), Description({}), "folder")
    cut = Handed("cut.txt", lambda: nullcontext(Broken()), Description({}), "cut.txt")
    intake = Intake(house.archive, vera, "main", house.extractor)
    results = {one.path: one for one in intake.deposit([empty, gone, good, folder, cut])}
    assert {path: one.status for path, one in results.items()} == {
        "good.txt": "accessioned",
        "empty.txt": "failed",
        "gone.txt": "failed",
        "folder": "failed",
        "cut.txt": "failed",
    }
    codes = {path: one.error.code for path, one in results.items() if one.error}
    assert codes == {"empty.txt": "I62", "gone.txt": "I63", "folder": "I66", "cut.txt": "I63"}
    assert not any("txt" in str(one.error) for one in results.values() if one.error)
    assert {row.item for row in house.archive.catalogue.items.each()} == {results["good.txt"].item}
    assert list((house.folder / "objects" / "partial").iterdir()) == []


class Broken:
    """A source that breaks off after some bytes."""

    def __init__(self):
        self._given = False

    def read(self, size):
        if self._given:
            raise OSError(5, os.strerror(5), "secret-name.txt")
        self._given = True
        return b"some bytes"


def test_a_deposit_needs_a_grant_in_force(house):
    house.enrol("nina", Role.DOCUMENTER)
    with pytest.raises(AccessError, match="label"):
        Intake(house.archive, house.sign_in("nina"), "main", house.extractor)
    house.grant("nina", Action.DESCRIBE, purposes=())
    with pytest.raises(AccessError, match="no-grant"):
        Intake(house.archive, house.sign_in("nina"), "main", house.extractor)


def test_whoever_loses_her_right_in_the_middle_is_refused_and_leaves_no_bodies(house):
    vera = house.documenter()
    intake = Intake(house.archive, vera, "main", house.extractor)
    results = intake.deposit([handed("a.txt", b"a"), handed("b.txt", b"b")])
    house.revoke("vera")
    told = list(results)
    assert [one.status for one in told] == ["failed", "failed"]
    assert all(isinstance(one.error, CustodyError) for one in told)
    assert stored(house) == (set(), set())
    assert house.archive.catalogue.counts()["staged"] == 0
    assert house.archive.ledger().items == {}


def test_what_comes_after_a_revocation_is_sealed_to_the_new_epoch_though_the_deposit_began_before(house):
    vera, lena = house.documenter(), house.lawyer("ivan")
    house.lawyer()
    intake = Intake(house.archive, vera, "main", house.extractor)

    def files():
        yield handed("before.txt", b"before")
        house.revoke("lena")
        yield handed("after.txt", b"after")

    before, after = intake.deposit(files())
    epochs = [
        [one.sealed.epoch for one in house.archive.ledger().items[result.item].renditions.values()]
        for result in (before, after)
    ]
    assert epochs[0][0] == 1
    assert epochs[1][0] == 2
    assert house.read_original(lena, after.item) == b"after"
    for result in (before, after):
        receipt = parse_receipt(fetch_receipt(house.archive, vera, result.item, b""))
        assert verify_receipt(receipt, trust=trust_of(house.archive)).openings.name == result.path


def test_a_text_missing_from_an_earlier_deposit_is_added_when_it_is_repeated(house):
    vera, lena = house.documenter(), house.lawyer()
    results = Intake(house.archive, vera, "main", house.extractor).deposit(
        [handed("a.txt", "дубінка".encode())]
    )
    first = next(results)
    results.close()
    assert not house.archive.ledger().items[first.item].extracted
    [again] = house.deposit(vera, {"a.txt": "дубінка"})
    assert (again.status, again.item) == ("duplicate", first.item)
    assert house.found_items(lena, "дубінка") == {first.item}


def test_threads_and_processes_may_deposit_and_read_at_once(house):
    vera, lena = house.documenter(), house.lawyer()
    first = house.deposit_one(vera, "дубінка першая").item
    faults, stop = [], threading.Event()

    def reading():
        try:
            while not stop.is_set():
                assert house.read_original(lena, first) == "дубінка першая".encode()
                assert first in house.found_items(lena, "дубінка")
        except BaseException as fault:
            faults.append(fault)

    def depositing(number):
        try:
            with opened_house(house.folder) as other:
                files = {f"{number}-{n}.txt": f"дубінка {number} {n}" for n in range(8)}
                results = other.deposit(other.sign_in("vera"), files)
                assert {one.status for one in results} == {"accessioned"}
        except BaseException as fault:
            faults.append(fault)

    reader = threading.Thread(target=reading)
    writers = [threading.Thread(target=depositing, args=(n,)) for n in range(3)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    assert faults == []
    assert house.find(lena, "дубінка").total == 25


def test_a_hostile_or_odd_name_is_kept_as_it_is_and_goes_nowhere_else(house):
    vera, lena = house.documenter(), house.lawyer()
    for number, name in enumerate(("../../etc/passwd", "a\u202etxt.exe", "я" * 200, "line\nbreak.txt", " ")):
        [result] = house.deposit(vera, {name: b"content %d" % number})
        receipt = parse_receipt(fetch_receipt(house.archive, vera, result.item, b""))
        assert receipt.openings.name == name
        assert house.read_original(lena, result.item) == b"content %d" % number


def test_files_under_names_what_is_missing_or_empty(tmp_path):
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    with pytest.raises(IntakeError, match="without files"):
        list(files_under([tmp_path / "folder"]))
    with pytest.raises(IntakeError, match="no such file"):
        list(files_under([tmp_path / "gone"]))
    for name in ("b.txt", "deep/a.txt"):
        (tmp_path / "folder" / name).write_text("x")
    os.mkfifo(tmp_path / "folder" / "pipe")
    found = [str(path.relative_to(tmp_path)) for path in files_under([tmp_path / "folder"])]
    assert found == ["folder/b.txt", "folder/deep/a.txt"]


def test_nothing_of_a_file_stands_in_what_is_printed_of_it(house):
    secret = handed("Казімір.txt", b"x")
    assert "Казімір" not in repr(secret)
    compartments.found(house.archive, house.anna, "minsk")
    assert "AGE-SECRET" not in repr(house.anna)
