"""Killing somebody who hands packs in, anywhere: what was told is there, nothing is left half, again completes."""

import random
import shutil
import subprocess
import sys
import time

import pytest
from driving import TESTS, environment, told
from founded import audited, found_house, leave_nothing, opened_house
from packing_people import card_of, packed

from ingest.submission import submit

PACKS = 12
KILLS = 8
SEED = 20261126


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    root = tmp_path_factory.mktemp("submissions")
    found_house(root / "archive")
    with opened_house(root / "archive") as house:
        for number in range(PACKS):
            files = {f"{one}.bin": bytes([number]) * (200_000 * (1 + one)) for one in range(3)}
            (root / f"{number}.pack").write_bytes(packed(card_of(house.archive), files)[0])
    yield root
    leave_nothing(root / "archive")


def start(archive, packs):
    driver = subprocess.Popen(
        [sys.executable, str(TESTS / "story" / "submission_driver.py"), str(archive), *map(str, packs)],
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert driver.stdout is not None
    assert driver.stdout.readline() == b"ready\n"
    return driver


@pytest.mark.slow
def test_kill_9_in_the_middle_of_a_submission_leaves_nothing_half_made(prepared, tmp_path):
    packs = [prepared / f"{number}.pack" for number in range(PACKS)]
    driver = start(shutil.copytree(prepared / "archive", tmp_path / "undisturbed"), packs)
    begun = time.monotonic()
    assert told(driver)[-1] == ["done"]
    whole = time.monotonic() - begun
    chance, archive = random.Random(SEED), shutil.copytree(prepared / "archive", tmp_path / "archive")
    for _ in range(KILLS):
        driver = start(archive, packs)
        time.sleep(chance.uniform(0, whole))
        driver.kill()
        taken = [words[1] for words in told(driver) if words[0] == "taken"]
        with opened_house(archive) as house:
            ledger, catalogue = house.archive.ledger(), house.archive.catalogue
            assert catalogue.counts()["staged"] == 0
            known = {one.sealed.body for one in ledger.renditions.values()}
            assert {*house.archive.objects.digests()} == known
            assert {*house.archive.headers.bodies()} == known
            assert len(ledger.items) % 3 == 0
            assert len(ledger.items) >= 3 * len(taken)
        report = audited(archive)
        assert (report.faults, report.warnings) == ((), ())
    with opened_house(archive) as house:
        for pack in packs:
            with pack.open("rb") as file:
                submit(house.archive, file)
        assert len(house.archive.ledger().items) == 3 * PACKS
    assert audited(archive).outcome == "verified"
