"""Asks copies of a cosigner to sign, each in a process of its own, which dies after another durable write.

Called with a folder for the places. In each are the log that is shown, another history, and the cosigner.
"""

import os
import shutil
import sys
from pathlib import Path

from dying import die_after
from two_organisations import LogOwner, cosigner

from archive.add_checkpoint import Request, format_request

OWNER = LogOwner()
SIZES = (3, 9)
GROWN = SIZES[1]


def opened(place: Path):
    return cosigner(place / "harbour", OWNER)


def request(root: Path, old: int) -> bytes:
    log = OWNER.log(root)
    note, checkpoint = log.published()
    proof = tuple(log.prove_consistency(old, checkpoint.size)) if 0 < old < checkpoint.size else ()
    return format_request(Request(old, proof, note))


def prepare(place: Path) -> Path:
    OWNER.log(place / "log", SIZES[0])
    opened(place).add_checkpoint(request(place / "log", 0))
    OWNER.log(place / "log", SIZES[1] - SIZES[0])
    OWNER.log(place / "other", SIZES[1], "another")
    return place


def ask(place: Path, number: int) -> bool:
    """Ask in a forked process; say whether it lived."""
    child = os.fork()
    if not child:
        asked, body = opened(place), request(place / "log", SIZES[0])
        die_after(number)
        (place / "answer").write_bytes(asked.add_checkpoint(body))
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    prepared, number = prepare(Path(sys.argv[1]) / "prepared"), 1
    while not ask(shutil.copytree(prepared, prepared.with_name(f"place{number}")), number):
        number += 1
