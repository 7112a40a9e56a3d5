"""Killing a rewrapping anywhere: what was sealed again is, the rest is not, everything is read, and it goes on."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from driving import environment, told
from founded import audited, found_house, leave_nothing, opened_house

from archive.access.keyring import find_label, keyring
from archive.access.rewrapping import earlier
from bench.rewrap import add_forms
from search.renditions import open_body

DRIVER = Path(__file__).with_name("rewrap_driver.py")
SEED = 20261126


def start(archive, at_once):
    driver = subprocess.Popen(
        [sys.executable, str(DRIVER), str(archive), str(at_once)], stdout=subprocess.PIPE, env=environment()
    )
    assert driver.stdout.readline() == b"ready\n"
    return driver


def left_over(house):
    return len(earlier(house.archive, find_label(keyring(house.archive, house.anna), "main").compartment))


def read_some(house, chance, count=20):
    """Open forms chosen by chance, whichever epoch they are sealed to by now."""
    held = find_label(keyring(house.archive, house.anna), "main")
    for rendition in chance.sample(sorted(house.archive.ledger().renditions.values(), key=str), count):
        assert b"".join(open_body(house.archive, held, rendition))


def kill_often(folder, *, forms, kills, at_once):
    chance = random.Random(SEED)
    found_house(folder)
    with opened_house(folder) as house:
        item = house.deposit_one(house.documenter(), "Сведчанне").item
        add_forms(house.archive, house.anna, item, forms)
        house.lawyer()
        house.revoke("lena")
        whole = left_over(house)
        assert whole >= forms
    remaining = [whole]
    with opened_house(folder) as reader:
        for number in range(kills):
            driver = start(folder, at_once)
            if number:
                driver.stdout.readline()
            time.sleep(chance.random() * 0.2)
            read_some(reader, chance)
            driver.kill()
            told(driver)
            read_some(reader, chance)
            assert audited(folder).faults == ()
            with opened_house(folder) as house:
                assert not house.archive.catalogue.pending.any()
                report = audited(folder)
                assert (report.faults, report.warnings) == ((), ())
                remaining.append(left_over(house))
        # The kills met it in the middle, or they show nothing.
        assert sorted(remaining, reverse=True) == remaining
        assert 0 < remaining[-1] < whole
        assert told(start(folder, at_once))[-1] == ["done", "0"]
        read_some(reader, chance)
        assert left_over(reader) == 0
    report = audited(folder)
    assert (report.outcome, report.faults, report.warnings) == ("verified", (), ())
    leave_nothing(folder)


@pytest.mark.slow
def test_a_rewrapping_killed_four_times_ends_complete_and_audited(tmp_path):
    kill_often(tmp_path / "archive", forms=600, kills=4, at_once=40)


@pytest.mark.slow
def test_a_rewrapping_of_twenty_thousand_killed_ten_times_ends_complete_and_audited(tmp_path):
    kill_often(tmp_path / "archive", forms=20_000, kills=10, at_once=700)
