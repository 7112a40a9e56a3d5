"""Killing somebody's process while she replaces her keys: she always comes in again, and nothing is lost."""

import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from driving import environment
from founded import audited, found_house, leave_nothing, opened_house, passphrase_of

from archive.access.receipts import fetch_receipt
from archive.access.signin import sign_in
from archive.errors import KeysError
from ingest.accession import code_digest

DRIVER = Path(__file__).with_name("rotate_driver.py")
SEED = 20261126
KILLS = 12


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    root = tmp_path_factory.mktemp("rotation")
    found_house(root / "archive")
    with opened_house(root / "archive") as house:
        item = house.deposit_one(house.documenter(), "Сведчанне да ўсіх ключоў.").item
    yield root / "archive", item
    leave_nothing(root / "archive")


def killed_while_rotating(archive, seconds):
    """Return the passphrases that were told, oldest first."""
    driver = subprocess.Popen(
        [sys.executable, str(DRIVER), str(archive)], stdout=subprocess.PIPE, env=environment()
    )
    first = driver.stdout.readline().decode()
    time.sleep(seconds)
    driver.kill()
    output, _ = driver.communicate()
    return [first.strip(), *output.decode().split("\n")[:-1]]


def come_in(house, passphrases):
    """Sign in with the last passphrase told or, if it did not yet count, with the one before."""
    with suppress(KeysError):
        return sign_in(house.archive, "vera", passphrases[-1])
    return sign_in(house.archive, "vera", passphrases[-2])


@pytest.mark.slow
def test_nobody_is_locked_out_wherever_the_replacing_of_keys_is_killed(prepared, tmp_path):
    archive, item = prepared
    moments, rounds = random.Random(SEED), 0
    for kill in range(KILLS):
        copy = tmp_path / str(kill)
        shutil.copytree(archive, copy)
        told = killed_while_rotating(copy, moments.uniform(0, 0.6))
        with opened_house(copy) as house:
            vera = come_in(house, [passphrase_of("vera"), *told])
            rounds += vera.agent.key
            assert fetch_receipt(house.archive, vera, item, code_digest("x"))
            [again] = house.deposit(vera, {"account.txt": "Сведчанне да ўсіх ключоў."})
            assert (again.status, again.item) == ("duplicate", item)
            assert audited(house.folder).faults == ()
    assert rounds > KILLS
