"""Memory stays flat however large the file."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from driving import environment
from founded import found_house, leave_nothing, opened_house

DRIVER = Path(__file__).with_name("large_driver.py")
MOST_RESIDENT_BYTES = 250_000_000


def deposit(folder, size):
    found_house(folder)
    with opened_house(folder) as house:
        house.documenter()
    begun = time.monotonic()
    ran = subprocess.run(
        [sys.executable, str(DRIVER), str(folder), str(size)],
        env=environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    item, received, resident = ran.stdout.split()
    print(f"{size} bytes in {time.monotonic() - begun:.1f} s, {int(resident) / 1e6:.0f} MB resident")
    assert int(received) == size
    assert int(resident) < MOST_RESIDENT_BYTES
    with opened_house(folder) as house:
        assert item.decode() in house.archive.ledger().items
    leave_nothing(folder)


def test_256_mebibytes_are_deposited_in_flat_memory(tmp_path):
    deposit(tmp_path / "archive", 256 << 20)


@pytest.mark.slow
def test_four_gibibytes_are_deposited_in_flat_memory(tmp_path):
    if shutil.disk_usage(tmp_path).free < 6 << 30:
        pytest.skip("needs 6 GiB of free disk")
    deposit(tmp_path / "archive", 4 << 30)
    shutil.rmtree(tmp_path / "archive")
