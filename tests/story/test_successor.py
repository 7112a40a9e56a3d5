"""Restored from a backup that is older than what was lost: the archive goes on, under a log of its own."""

import io
import json
import shutil
from contextlib import closing

import pytest
from backup_driver import run_backup, run_restore, run_succession
from browsing import Browser
from founded import audited, found_house, leave_nothing, opened_house
from packing_people import card_of, packed

from archive.access.pack_receipts import receipts_by_code
from archive.access.readmitting import readmit
from archive.access.receipts import fetch_receipt, trust_of
from archive.errors import CustodyError, IntakeError
from archive.receipts import parse_receipt, verify_receipt
from archive.settings import FILE_NAME, parse_settings
from archive.trust import format_trust, parse_trust
from archive.verifying import verify_file
from archive.web.application import create_app
from ingest.accession import code_digest
from ingest.confirmation import confirm
from ingest.submission import submit
from keys.signing import verify_ed25519, verify_mldsa44
from search.engines.tantivy_engine import TantivyEngine
from search.shelf import Shelf


def receipt_of(house, code):
    return fetch_receipt(house.archive, house.sign_in("vera"), code, code_digest(code))


def proven(receipt, trust):
    return verify_receipt(
        parse_receipt(receipt), trust=trust, check_ed25519=verify_ed25519, check_mldsa44=verify_mldsa44
    )


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """An archive, a backup from before its last deposit, the receipts of both deposits, and what auditors kept."""
    root = tmp_path_factory.mktemp("successor")
    found_house(root / "archive")
    kept = {}
    with opened_house(root / "archive") as house:
        vera = house.documenter()
        early = house.deposit_one(vera, "Сведчанне: дубінка. " * 50)
        kept["trust"] = trust_of(house.archive)
        kept["early"] = receipt_of(house, early.receipt_code)
        run_backup(house.archive, root / "disk")
        kept["seen"] = house.archive.log.note()
        late = house.deposit_one(vera, "Пазнейшае сведчанне. " * 50)
        kept["late"] = receipt_of(house, late.receipt_code)
        # Taken out again after the loss: of what is there still, under a checkpoint that is not.
        kept["again"] = receipt_of(house, early.receipt_code)
        kept["seen late"] = house.archive.log.note()
        kept["code"] = early.receipt_code
        kept["card"] = card_of(house.archive)
    yield root, kept
    leave_nothing(root / "archive")


@pytest.fixture
def lost(before, tmp_path):
    """The archive restored from the backup under a successor log, and what was kept outside."""
    root, kept = before
    shutil.copytree(root / "disk", tmp_path / "disk")
    restored = run_succession(tmp_path / "disk", tmp_path / "archive")
    yield tmp_path / "archive", kept, restored
    leave_nothing(tmp_path / "archive")


def text(note):
    return json.dumps(note.decode(), ensure_ascii=False)


def codes(report):
    return [one.code for one in report.faults]


def test_the_successor_has_a_new_origin_and_new_keys_and_is_whole(lost):
    folder, kept, restored = lost
    settings = parse_settings((folder / FILE_NAME).read_bytes())
    assert settings.first_origin == kept["trust"].origin == restored.succeeded
    assert settings.origin == restored.origin != settings.first_origin
    assert not set(settings.log_keys) & set(kept["trust"].log_keys)
    report = audited(folder, [kept["early"]], since=kept["seen"])
    assert (report.outcome, report.faults) == ("verified", ())
    assert [one.code for one in report.warnings] == ["C98"]


def test_people_go_on_working_and_new_receipts_prove(lost):
    folder, kept, _restored = lost
    with opened_house(folder) as house:
        vera = house.sign_in("vera")
        result = house.deposit_one(vera, "Новае сведчанне. " * 50)
        fresh, again = receipt_of(house, result.receipt_code), receipt_of(house, kept["code"])
        trust = parse_trust(format_trust(trust_of(house.archive)))
    assert proven(fresh, trust).lost is None
    # What the earlier log took in is proven by the successor, and by its own receipts still.
    assert proven(again, trust).index == proven(kept["early"], trust).index
    assert audited(folder, [fresh, again, kept["early"], kept["again"]]).faults == ()


def test_what_was_lost_is_told_and_put_on_record_by_its_receipt(lost):
    folder, kept, _restored = lost
    assert codes(audited(folder, [kept["late"]])) == ["C95"]
    with opened_house(folder) as house:
        first, second = readmit(house.archive, kept["late"]), readmit(house.archive, kept["late"])
        assert (first.new, second.new, second.index) == (True, False, first.index)
        found = proven(kept["late"], trust_of(house.archive))
    assert found.lost == found.index == first.index - 1
    assert audited(folder, [kept["late"], kept["early"]]).faults == ()


def test_an_auditor_who_knew_more_is_told_so(lost):
    folder, kept, _restored = lost
    assert codes(audited(folder, since=kept["seen late"])) == ["C94"]


def test_what_was_not_lost_is_not_readmitted(lost):
    folder, kept, _restored = lost
    with opened_house(folder) as house:
        size = house.archive.ledger().size
        with pytest.raises(IntakeError) as raised:
            readmit(house.archive, kept["early"])
        assert raised.value.code == "I22"
        assert house.archive.ledger().size == size


def test_a_trust_file_of_before_knows_nothing_of_the_successor(lost):
    folder, kept, _restored = lost
    with opened_house(folder) as house:
        fresh = receipt_of(house, house.deposit_one(house.sign_in("vera"), "Новае. " * 50).receipt_code)
    with pytest.raises(CustodyError) as raised:
        proven(fresh, kept["trust"])
    assert raised.value.code == "C96"
    assert proven(kept["late"], kept["trust"]).lost is None


def test_the_earlier_log_cannot_go_on_beside_its_successor(before, lost):
    """Whoever still has the lost archive holds another log than the one that goes on."""
    folder, _kept, _restored = lost
    with opened_house(before[0] / "archive") as house:
        other = receipt_of(house, house.deposit_one(house.sign_in("vera"), "Забытае. " * 50).receipt_code)
    assert codes(audited(folder, [other])) == ["C95"]


def test_backups_go_on_in_the_same_folder_and_restore_the_successor(lost, tmp_path):
    folder, kept, restored = lost
    with opened_house(folder) as house:
        house.deposit_one(house.sign_in("vera"), "Новае сведчанне. " * 50)
        run_backup(house.archive, tmp_path / "disk")
    again = run_restore(tmp_path / "disk", tmp_path / "again")
    assert again.origin == restored.origin
    assert audited(tmp_path / "again", [kept["early"]], since=kept["seen"]).faults == ()
    leave_nothing(tmp_path / "again")


def test_a_successor_has_a_successor(lost, tmp_path):
    folder, kept, restored = lost
    with opened_house(folder) as house:
        run_backup(house.archive, tmp_path / "disk")
        middle = receipt_of(house, house.deposit_one(house.sign_in("vera"), "Сярэдняе. " * 50).receipt_code)
    third = run_succession(tmp_path / "disk", tmp_path / "third")
    assert third.succeeded == restored.origin
    with opened_house(tmp_path / "third") as house:
        for one in (kept["late"], middle):
            readmit(house.archive, one)
        assert len(house.archive.ledger().earlier) == 2
    assert audited(tmp_path / "third", [kept["early"], kept["late"], middle]).faults == ()
    leave_nothing(tmp_path / "third")


@pytest.mark.parametrize("when", ["before", "after"])
def test_packs_made_with_cards_of_either_log_are_taken_and_confirmed(lost, when):
    folder, kept, _restored = lost
    with opened_house(folder) as house:
        data, made = packed(kept["card"] if when == "before" else card_of(house.archive))
        submitted = submit(house.archive, io.BytesIO(data))
        [first, _second] = submitted.items
        assert confirm(house.archive, house.sign_in("anna"), house.extractor, first).differences == ()
        receipts = receipts_by_code(house.archive, made.code)
        assert set(receipts) == set(submitted.items)
    assert audited(folder, receipts.values()).faults == ()


@pytest.mark.parametrize(
    ("what", "expected"),
    [("origin", "C89"), ("keys", "C89"), ("size", "C89"), ("note", "C25"), ("another note", "C97")],
)
def test_settings_that_tell_another_line_of_logs_are_named(lost, what, expected):
    folder, kept, _restored = lost
    data = (folder / FILE_NAME).read_text()
    settings = parse_settings(data.encode())
    [earlier], [note] = settings.earlier, settings.notes
    old, new = {
        "origin": (f'"origin":"{earlier.origin}"', '"origin":"sviedka.invalid/other"'),
        "keys": (earlier.log_keys[0], settings.log_keys[0]),
        "size": (f'"size":{earlier.size}', f'"size":{earlier.size - 1}'),
        "note": ("— sviedka.invalid", "— sviedka.other"),
        "another note": (text(note), text(kept["seen late"])),
    }[what]
    assert old in data
    (folder / FILE_NAME).write_text(data.replace(old, new))
    assert codes(audited(folder)) == [expected]


def test_without_a_successor_an_honest_receipt_would_look_forged(before, tmp_path):
    """Why `restore` begins one: going on under the old keys signs a second history."""
    root, kept = before
    shutil.copytree(root / "disk", tmp_path / "disk")
    run_restore(tmp_path / "disk", tmp_path / "fork")
    with opened_house(tmp_path / "fork") as house:
        house.deposit_one(house.sign_in("vera"), "Зусім іншае. " * 50)
    assert codes(audited(tmp_path / "fork", [kept["late"]])) == ["C90"]
    leave_nothing(tmp_path / "fork")


def test_whoever_verifies_a_receipt_of_what_was_lost_is_told_so(lost):
    folder, kept, _restored = lost
    with opened_house(folder) as house, closing(Shelf(house.archive, TantivyEngine)) as shelf:
        trust = format_trust(trust_of(house.archive))
        browser = Browser(create_app(house.archive, shelf))
        browser.client.set_cookie("language", "en")
        said = [
            browser.post("/verify", {"receipt": (io.BytesIO(kept[one]), "r.txt")}).text
            for one in ("late", "early")
        ]
    told = ["An earlier log of this archive held" in page for page in said]
    assert told == [True, False]
    assert [verify_file(kept[one], trust=trust).as_data()["lost"] for one in ("late", "early")] == [
        True,
        False,
    ]
    assert any("lost and succeeded after" in line for line in verify_file(kept["late"], trust=trust).lines())
