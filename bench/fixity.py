"""How fast `sviedka fixity` reads an archive, beside reading and hashing the same files and nothing else.

    python bench/fixity.py [--mib 512] [--small 4000] [--folder DIR]

The archive's side reads every body and header, holds them against the log, looks for what belongs to none,
keeps a journal and logs what it found. Bare is SHA-256 by hashlib over the bodies, one after the other. Both
have the system forget what it holds of a file in memory before they read it. Once with bodies of 1 MiB, once
with small ones; five rounds in turns, of which the best counts.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from rewrap import PASSPHRASE, RAM, add_forms, deposit_one

from archive.access.fixity import check_stores
from archive.access.parts import Archive
from archive.access.signin import sign_in
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.author import system_clock
from storage.fixity.pace import Pace
from storage.fixity.reading import forget_cached

RESULTS = Path(__file__).resolve().parent / "results" / "fixity.json"
MIB = 1 << 20
ROUNDS = 5


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mib", type=int, default=512, help="how many bodies of 1 MiB (default 512)")
    parser.add_argument("--small", type=int, default=4000, help="how many of 300 bytes (default 4000)")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        results = {
            "cores": os.cpu_count(),
            "python": sys.version.split()[0],
            "large": measure(Path(folder) / "large", arguments.mib, MIB - 100),
            "small": measure(Path(folder) / "small", arguments.small, 300),
        }
    for name in ("large", "small"):
        run = results[name]
        print(
            f"{run['bodies']:>6} bodies of {run['bytes'] // run['bodies']:>8} bytes:"
            f"  bare {run['bare_mib_per_second']:>6.0f} MiB/s"
            f"  fixity {run['fixity_mib_per_second']:>6.0f} MiB/s"
            f"  {run['ratio']:>4.0%},  {run['fixity_bodies_per_second']:>6.0f} bodies/s"
        )
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def measure(folder: Path, count: int, size_bytes: int) -> dict[str, Any]:
    """Found an archive with `count` bodies of a size, and read it in both ways."""
    circumstances = Circumstances(clock=system_clock, log_n=10, runtimes=(RAM,))
    found_archive(folder, Founding("Measured", "anna", PASSPHRASE), circumstances)
    with open_archive(folder, circumstances) as archive:
        anna = sign_in(archive, "anna", PASSPHRASE)
        item = deposit_one(archive, anna)
        add_forms(archive, anna, item, count, lambda number: Random(number).randbytes(size_bytes))
        os.sync()
        files = sorted(path for path in (folder / "objects").rglob("*") if path.is_file())
        rounds = [(timed(partial(bare, files)), timed(partial(fixity, archive))) for _ in range(ROUNDS)]
    total = sum(path.stat().st_size for path in files)
    bare_seconds, fixity_seconds = (min(each) for each in zip(*rounds, strict=True))
    return {
        "bodies": len(files),
        "bytes": total,
        "bare_mib_per_second": total / MIB / bare_seconds,
        "fixity_mib_per_second": total / MIB / fixity_seconds,
        "fixity_bodies_per_second": len(files) / fixity_seconds,
        "ratio": bare_seconds / fixity_seconds,
    }


def timed(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def bare(files: list[Path]) -> None:
    piece = memoryview(bytearray(MIB))
    for path in files:
        state = hashlib.sha256()
        with path.open("rb", buffering=0) as file:
            forget_cached(file)
            while size := file.readinto(piece):
                state.update(piece[:size])
        if state.hexdigest() != path.name:
            raise SystemExit(f"{path.name} is damaged")


def fixity(archive: Archive) -> None:
    done = check_stores(archive, repair=False, pace=Pace(), progress=lambda _what, _done, _total: None)
    if done.outcome.value != "success":
        raise SystemExit(f"fixity ended with {done.outcome.value}")


if __name__ == "__main__":
    main()
