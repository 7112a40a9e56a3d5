"""Sealing a compartment again in a process of its own. Called with the archive's folder and how many at once."""

import sys
from pathlib import Path

from founded import opened_house

from archive.access import rewrapping


def seal_again(archive: Path, at_once: int) -> None:
    rewrapping.AT_ONCE = at_once
    with opened_house(archive) as house:
        print("ready", flush=True)
        done = rewrapping.rewrap_compartment(
            house.archive, house.anna, "main", lambda done, of: print("step", done, of, flush=True)
        )
        print("done", len(done.left), flush=True)


if __name__ == "__main__":
    seal_again(Path(sys.argv[1]), int(sys.argv[2]))
