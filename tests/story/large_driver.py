"""Deposits one generated file in a process of its own and tells the most memory it ever had resident.

Called with the archive's folder and the file's size in bytes.
"""

import sys
from contextlib import nullcontext
from pathlib import Path
from random import Random

from founded import opened_house

from archive.records import Description
from ingest.deposit import Handed, Intake


class Generated:
    """A file that is nowhere: blocks of one pseudo-random megabyte, each begun at another place."""

    def __init__(self, size: int) -> None:
        self._block = Random(1).randbytes(1 << 20) * 2
        self._left = size
        self._blocks = 0

    def read(self, size: int) -> bytes:
        start = self._blocks * 4099 % (1 << 20)
        chunk = self._block[start : start + min(size, self._left, 1 << 20)]
        self._left -= len(chunk)
        self._blocks += 1
        return chunk


def deposit(archive: Path, size: int) -> None:
    with opened_house(archive) as house:
        handed = Handed("large.bin", lambda: nullcontext(Generated(size)), Description({}))
        intake = Intake(house.archive, house.sign_in("vera"), "main", house.extractor)
        [result] = intake.deposit([handed])
        assert result.status == "accessioned", result.error
        print(result.item, result.size_bytes, most_resident_bytes())


def most_resident_bytes() -> int:
    """Return the peak of this program; `getrusage` would count what forked it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


if __name__ == "__main__":
    deposit(Path(sys.argv[1]), int(sys.argv[2]))
