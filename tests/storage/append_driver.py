"""Appends to copies of a small log, each in a process of its own, which dies after another durable write.

Called with the log's folder, the folder for the copies, the number of the first entry, and how many there are. The
copies are called by the number of the write; the last one, `whole`, is of the process that lived.
"""

import os
import shutil
import sys
from pathlib import Path

import small_log
from dying import die_after


def append(folder: Path, first: int, count: int, number: int) -> bool:
    """Append in a forked process; say whether it lived."""
    child = os.fork()
    if not child:
        log = small_log.open_log(folder)
        die_after(number)
        log.append([b"entry %d" % one for one in range(first, first + count)])
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    source, place = Path(sys.argv[1]), Path(sys.argv[2])
    first, count = int(sys.argv[3]), int(sys.argv[4])
    number = 1
    while not append(shutil.copytree(source, place / f"{number}"), first, count, number):
        number += 1
    (place / f"{number}").rename(place / "whole")
