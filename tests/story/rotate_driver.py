"""An agent who replaces her keys again and again, in a process of its own.

Called with the archive's folder. Each round has a passphrase of its own, which is told before it counts.
"""

import sys
from pathlib import Path

from founded import opened_house, passphrase_of

from archive.access import rotation
from archive.access.signin import sign_in


def rotate(archive: Path) -> None:
    with opened_house(archive) as house:
        sitting = sign_in(house.archive, "vera", passphrase_of("vera"))
        for number in range(10_000):
            words = f"the words of round {number}"
            print(words, flush=True)
            sitting = rotation.rotate(house.archive, sitting, words)


if __name__ == "__main__":
    rotate(Path(sys.argv[1]))
