"""Deposits where there is no room: said clearly, nothing lost, and the next one works."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from founded import found_house, opened_house

TESTS = Path(__file__).resolve().parent.parent


def check_whole(house):
    assert house.archive.catalogue.counts()["staged"] == 0
    bodies = {one.sealed.body for one in house.archive.ledger().renditions.values()}
    assert set(house.archive.objects.digests()) == set(house.archive.headers.bodies()) == bodies
    assert {row.item for row in house.archive.catalogue.items.each()} == set(house.archive.ledger().items)


def test_a_file_too_large_for_the_system_fails_alone(tmp_path):
    found_house(tmp_path / "archive")
    with opened_house(tmp_path / "archive") as house:
        house.documenter()
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("deposit_small.py")), str(tmp_path / "archive")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    assert ran.stdout.splitlines() == ["large.bin failed F02", "small.txt accessioned -"]
    with opened_house(tmp_path / "archive") as house:
        check_whole(house)
        assert len(house.archive.ledger().items) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A disk of six megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_clearly_keeps_what_it_has_and_takes_more_once_there_is_room(small_disk):
    archive, filler = small_disk / "archive", small_disk / "filler"
    found_house(archive)
    with opened_house(archive) as house:
        vera = house.documenter()
        house.lawyer()
        kept = [house.deposit_one(vera, f"дубінка {n}").item for n in range(3)]
    chance = Random(3)
    for free in (0, 4096, 20_000, 50_000, 90_000, 150_000, 300_000):
        room = os.statvfs(small_disk)
        filler.write_bytes(b"\0" * max(0, room.f_bavail * room.f_frsize - free))
        try:
            with opened_house(archive) as house:
                vera = house.sign_in("vera")
                for size in (100, 40_000):
                    told = []
                    try:
                        for n in range(4):
                            data = (
                                f"дубінка {chance.random()} ".encode() + chance.randbytes(size).hex().encode()
                            )
                            [result] = house.deposit(vera, {f"{n}.txt": data})
                            told.append(result)
                    except Exception as fault:
                        assert getattr(fault, "code", "") in ("F02", "F20", "F27"), fault  # noqa: PT017
                    assert {one.error.code for one in told if one.error} <= {"F02", "F20", "F27"}
                    kept += [one.item for one in told if one.status == "accessioned"]
        except Exception as fault:
            # With no room at all an archive cannot even be opened.
            assert getattr(fault, "code", "") in ("F02", "F20", "F27"), fault  # noqa: PT017
        filler.unlink(missing_ok=True)
        with opened_house(archive) as house:
            check_whole(house)
            assert set(kept) <= set(house.archive.ledger().items)
            vera = house.sign_in("vera")
            kept.append(house.deposit_one(vera, f"дубінка пасля {free}").item)
            lena = house.sign_in("lena")
            assert house.read_original(lena, kept[-1]) == f"дубінка пасля {free}".encode()
            assert kept[0] in house.found_items(lena, "дубінка")
