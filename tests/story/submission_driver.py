"""Handing one pack in after the other, in a process of its own, which tells of each that is in custody.

Called with the archive's folder and the packs' files.
"""

import sys
from pathlib import Path

from founded import opened_house

from ingest.submission import submit


def hand_in(archive: Path, packs: list[Path]) -> None:
    with opened_house(archive) as house:
        print("ready", flush=True)
        for pack in packs:
            with pack.open("rb") as file:
                submit(house.archive, file)
            print("taken", pack.name, flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    hand_in(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
