"""The custody log, measured: durable appends, the verification of large logs, the size of a receipt.

    python bench/custody.py [--seconds 2] [--events 10000] [--full] [--folder DIR]

Appends go through `storage.log`: staged, flushed, under a signed checkpoint. Beside them, in the same run and
on the same disk: a bare file, fsynced after each append, and SQLite's own commits (write-ahead log, flushed).
Logs are verified by the zipapp that experts get, in a process of its own, whose time and memory are measured.
Each event is signed and cites the state just before it, which is the worst case; bare is checking as many
signatures and nothing else. `--full` measures logs of 10,000, 100,000 and 1,000,000 events, and a second one
of 100,000 in which each tenth takes an item in: what is held takes memory, what was done with it little.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

# A script's own folder comes first among the places of modules.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.access.receipts import trust_of
from archive.events import parse_entry
from archive.proofs import TlogProof
from archive.receipts import format_receipt, parse_receipt
from archive.trust import format_trust
from archive.verifier.build import build
from archive.verifier.faster import checks
from bench.custody_log.growing import Growing, growing

RESULTS = Path(__file__).resolve().parent / "results" / "custody.json"
WRITERS = (1, 8, 64)
ITEMS_EVERY = 10
BARE = 5_000
#: Runs the zipapp and says what it took: what the system says of a child begins with its parent's memory.
MEASURED = """
import json, os, re, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    assert not ended.code, ended.code
peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]
used = {"processor_seconds": sum(os.times()[:2]), "peak_mib": int(peak) / 1024}
print(json.dumps(used), file=sys.stderr)
"""


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each way of appending runs")
    parser.add_argument("--events", type=int, default=10_000, help="how large a log is verified")
    parser.add_argument("--full", action="store_true", help="up to a million events, and one of many items")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    arguments = parser.parse_args()
    sizes = [10_000, 100_000, 1_000_000] if arguments.full else [arguments.events]
    results: dict[str, Any] = {"cores": os.cpu_count(), "python": sys.version.split()[0]}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as made:
        folder = Path(made)
        results["appends"] = measure_appends(folder / "appends", arguments.seconds)
        print("verified events    items  seconds  events/s  of bare  peak MiB  receipt bytes")
        results["verification"] = measure_verification(folder / "readings", sizes)
        if arguments.full:
            results["with_items"] = measure_verification(folder / "items", sizes[1:2], ITEMS_EVERY)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def measure_appends(folder: Path, seconds: float) -> list[dict[str, Any]]:
    """Return appends a second by 1, 8 and 64 writers, and those of the peers."""
    rows = []
    print("durable appends a second    Sviedka    bare file    SQLite    of bare    of SQLite")
    with growing(folder) as one:
        entry = one.reading()
        for writers in WRITERS:
            ours = rate(lambda: one.archive.log.append([entry]), writers, seconds)
            with open_file(folder / "bare") as append:
                bare = rate(lambda: append(entry), writers, seconds)
            with open_database(folder / "bare.sqlite") as append:
                commits = rate(lambda: append(entry), writers, seconds)
            rows.append({"writers": writers, "per_second": ours, "bare_file": bare, "sqlite": commits})
            print(
                f"{writers:>3} writers {ours:>23.0f} {bare:>12.0f} {commits:>9.0f}"
                f" {ours / bare:>9.0%} {ours / commits:>11.0%}"
            )
    return rows


def rate(append: Callable[[], object], writers: int, seconds: float) -> float:
    """Return how often a second `append` returns, called by so many threads at once."""
    done, start = [0] * writers, time.perf_counter()

    def write(number: int) -> None:
        while time.perf_counter() < start + seconds:
            append()
            done[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - start)


@contextmanager
def open_file(path: Path) -> Iterator[Callable[[bytes], None]]:
    """A file that everybody appends to, and everybody waits until it is on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def append(entry: bytes) -> None:
        os.write(descriptor, entry)
        os.fsync(descriptor)

    yield append
    os.close(descriptor)


@contextmanager
def open_database(path: Path) -> Iterator[Callable[[bytes], None]]:
    """A table in SQLite; every writer has a connection of its own, and each row is a transaction."""
    held = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(held, "connection"):
            held.connection = sqlite3.connect(path, isolation_level=None, timeout=60)
            held.connection.execute("PRAGMA journal_mode = wal")
            held.connection.execute("PRAGMA synchronous = full")
        return held.connection

    def append(entry: bytes) -> None:
        connection().execute("INSERT INTO log VALUES (?)", (entry,))

    connection().execute("CREATE TABLE IF NOT EXISTS log (entry BLOB NOT NULL)")
    yield append


def measure_verification(folder: Path, sizes: list[int], items_every: int = 0) -> list[dict[str, Any]]:
    """Grow one log to each size in turn, and verify it; return time, memory and the size of a receipt."""
    rows = []
    with growing(folder) as one:
        tool, trust = folder.parent / "verify.pyz", folder.parent / "trust"
        tool.write_bytes(build())
        trust.write_bytes(format_trust(trust_of(one.archive)))
        for size in sizes:
            one.grow(size, items_every)
            row = {**verified(tool, folder / "log", trust), **receipt_bytes(one), "bare": bare(one)}
            rows.append(row)
            each = row["events"] / row["seconds"]
            print(
                f"{row['events']:>15,} {row['items']:>8,} {row['seconds']:>8.1f} {each:>9.0f}"
                f" {each / row['bare']:>8.0%} {row['peak_mib']:>9.1f} {row['receipt_bytes']:>14,}"
            )
    return rows


def verified(tool: Path, log: Path, trust: Path) -> dict[str, Any]:
    """Verify a log in a process of its own."""
    command = [sys.executable, "-c", MEASURED, str(tool), str(log), "--trust", str(trust), "--json"]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told, used = json.loads(done.stdout), json.loads(done.stderr)
    assert told["verified"], told
    return {
        "events": told["entries"],
        "items": told["contents"]["items"],
        "signatures": told["signatures"],
        "seconds": time.perf_counter() - start,
        **used,
    }


def bare(one: Growing) -> float:
    """Return how many signatures a second are checked when nothing else is done."""
    entry, key = parse_entry(one.reading()), one.sitting.agent.signing_keys[-1]
    message, signature, check = entry.message, entry.signatures[0].value, checks().ed25519
    start = time.perf_counter()
    for _ in range(BARE):
        check(key, message, signature)
    return BARE / (time.perf_counter() - start)


def receipt_bytes(one: Growing) -> dict[str, int]:
    """Return how long the receipt of the first item is when it is fetched now."""
    log, receipt = one.archive.log, parse_receipt(one.receipt)
    index = receipt.proof.index
    proof = TlogProof(index, tuple(log.prove_inclusion(index)), log.note())
    return {"receipt_bytes": len(format_receipt(replace(receipt, proof=proof))), "hashes": len(proof.hashes)}


if __name__ == "__main__":
    main()
