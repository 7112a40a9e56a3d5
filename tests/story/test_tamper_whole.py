"""Whole archives tampered with: rolled back, rewritten under the stolen log key, empty, absent, half-crashed."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from founded import found_house, founded_house
from tampering import named, object_of, scene_in_memory

from archive.access.log_signing import checkpoint_verifier
from archive.access.receipts import fetch_receipt
from archive.assemble import load_settings
from archive.audit import Sample, audit
from archive.checkpoints import Checkpoint, sign_checkpoint
from archive.digests import Digest
from archive.vkeys import parse_vkey
from keys.signing import parse_log_key, verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings
from storage.log import Log, create_log
from storage.log_reader import LogReader


@pytest.fixture(scope="module")
def scene():
    with scene_in_memory() as built:
        yield built


def test_an_archive_put_back_to_an_earlier_day_is_known_to_whoever_kept_anything(scene):
    with scene.opened():
        shutil.rmtree(scene.folder)
        shutil.copytree(scene.earlier, scene.folder)
        assert scene.audit().outcome == "verified", (
            "nothing inside tells: that is why something is kept outside"
        )
        shorter = scene.audit(since=scene.checkpoint, receipts=scene.receipts.values())
        assert {fault.code for fault in shorter.faults} == {"C90"}
        assert named(shorter, "the checkpoint of an earlier audit")
        assert named(shorter, "receipt 6")


def test_an_old_checkpoint_alone_leaves_rows_that_nothing_logged(scene):
    old = (scene.earlier / "log" / "checkpoint").read_bytes()
    with scene.with_file("log/checkpoint", old):
        report = scene.audit()
        assert {fault.code for fault in report.faults} >= {"F48"}


def rewritten(scene, entries):
    """Write the log anew from other entries, with the stolen log key."""
    key = parse_log_key((scene.kept / "log.key").read_bytes())
    settings = load_settings(scene.kept)
    ed25519, mldsa44 = map(parse_vkey, settings.log_keys)

    def sign(checkpoint: Checkpoint) -> bytes:
        return sign_checkpoint(
            checkpoint,
            sign_ed25519=key.sign_ed25519,
            ed25519_vkey=ed25519,
            sign_mldsa44=key.sign_mldsa44,
            mldsa44_vkey=mldsa44,
            timestamp=1_800_000_000,
        )

    shutil.rmtree(scene.folder / "log")
    root = scene.folder / "log"
    create_log(root, origin=settings.origin, sign=sign)
    log = Log(root, origin=settings.origin, sign=sign, verify=checkpoint_verifier(settings))
    log.append(entries)


def entries_of(scene):
    settings = load_settings(scene.kept)
    log = LogReader(scene.kept / "log", origin=settings.origin, verify=checkpoint_verifier(settings))
    return list(log.entries(0))


def test_a_log_rewritten_under_its_stolen_key_contradicts_its_own_events(scene):
    entries = entries_of(scene)
    middle = len(entries) // 2
    for forged in (
        entries[:middle] + entries[middle + 1 :],
        [*entries[:middle], entries[middle + 1], entries[middle], *entries[middle + 2 :]],
        [*entries[:middle], entries[5], *entries[middle:]],
        [*entries, entries[-1]],
        entries[1:],
    ):
        with scene.opened():
            rewritten(scene, forged)
            report = scene.audit()
            assert {fault.code for fault in report.faults} & {"C60", "C62", "C64", "C65", "C88"}
            assert scene.audit(since=scene.checkpoint).outcome == "failed"


def test_a_truncated_log_under_its_stolen_key_is_known_to_whoever_kept_a_checkpoint(scene):
    entries = entries_of(scene)
    last = len(entries) - 1
    with scene.opened():
        rewritten(scene, entries[:-1])
        forget = ("DELETE FROM item_events WHERE log_index = ?", (last,))
        with closing(sqlite3.connect(scene.folder / "catalogue.sqlite")) as database, database:
            database.execute(*forget)
        assert scene.audit().outcome == "verified"
        assert named(scene.audit(since=scene.checkpoint), "the checkpoint of an earlier audit")


def test_a_receipt_of_another_archive_is_refused(scene, tmp_path):
    with founded_house(tmp_path / "other") as house:
        vera = house.documenter()
        result = house.deposit_one(vera, "an account elsewhere")
        foreign = fetch_receipt(house.archive, vera, result.item, b"")
    genuine = next(iter(scene.receipts.values()))
    report = scene.audit(receipts=[genuine, foreign, b"not a receipt"])
    assert [fault.object for fault in report.faults] == ["receipt 2", "receipt 3"]


def test_an_empty_archive_is_not_called_verified(tmp_path):
    found_house(tmp_path / "empty")
    with local_holdings(tmp_path / "empty") as holdings:
        report = audit(holdings, verify_ed25519=verify_ed25519, verify_mldsa44=verify_mldsa44)
    assert (report.outcome, report.faults, report.counts.bodies) == ("nothing", (), 0)


def test_a_folder_without_anything_is_all_faults(tmp_path):
    with local_holdings(tmp_path / "nowhere") as holdings:
        report = audit(holdings)
    assert report.outcome == "failed"
    assert {fault.object for fault in report.faults} >= {"log/checkpoint", "archive.json", "catalogue"}


def test_a_sample_says_how_much_it_read_and_still_misses_no_absence(scene):
    report = scene.audit(sample=Sample(3, "any seed"))
    assert (report.outcome, report.counts.bodies, report.counts.bodies_held) == ("verified", 3, 12)
    for body in scene.files("objects"):
        with scene.with_file(body, None):
            assert named(scene.audit(sample=Sample(1, "any seed")), object_of(body))


def test_auditing_changes_nothing(scene):
    before = {file: (scene.folder / file).read_bytes() for file in scene.files(".")}
    scene.audit()
    assert {file: (scene.folder / file).read_bytes() for file in scene.files(".")} == before


def test_what_a_crash_leaves_is_told_and_is_no_fault(scene):
    body = b"received, and never logged"
    digest = Digest.of(body)
    left = {
        f"objects/{digest[:2]}/{digest[2:4]}/{digest}": body,
        "objects/partial/tmpabc": b"half",
        "log/.checkpoint.log.new": b"half",
        "log/tile/0/000.p/99": b"staged",
        "staging.lock.0123": b"57",
    }
    with scene.opened():
        for name, data in left.items():
            (scene.folder / name).parent.mkdir(exist_ok=True, parents=True)
            (scene.folder / name).write_bytes(data)
        report = scene.audit()
        assert (report.outcome, report.faults) == ("verified", ())
        objects = {warning.object for warning in report.warnings}
        assert objects == {f"body {digest}", *left} - {next(iter(left))}
