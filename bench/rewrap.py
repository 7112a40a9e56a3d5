"""How fast a compartment is sealed again to a new epoch, beside making the new headers and nothing else.

    python bench/rewrap.py [--headers 20000] [--folder DIR]

The archive's side makes the headers, stages them, logs them, writes each over the old one, flushed to the
disk, and forgets the staged ones. Bare is `keys.sealing.rewrap`, one header after the other, in memory.
"""

import argparse
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from archive.access.agents import enrol
from archive.access.grants import Terms, give, revoke
from archive.access.keyring import current_recipient
from archive.access.parts import Archive
from archive.access.rewrapping import rewrap_compartment
from archive.access.signin import Sitting, pen, sign_in
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.author import system_clock
from archive.digests import Digest
from archive.ids import Id, new_id
from archive.kinds import Kind, RenditionKind
from archive.nouns import Action, Role, SealedRef
from archive.records import Description
from archive.uses import Use
from ingest.deposit import Handed, Intake
from ingest.extraction import Extractor, Limits
from ingest.receive import Target, seal_bytes
from keys.identities import Identity
from keys.sealing import rewrap, seal
from storage.catalogue.rows import RenditionRow

RESULTS = Path(__file__).resolve().parent / "results" / "rewrap.json"
RAM = Path("/dev/shm")
PASSPHRASE = "a passphrase for measuring only"
KIND = RenditionKind.TRANSCRIPT.value
AT_ONCE = 1000


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--headers", type=int, default=20_000, help="how many (default 20000)")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        results = measure(Path(folder) / "archive", arguments.headers)
    print(f"bare keys.sealing.rewrap      {results['bare_per_second']:>7.0f} headers/s")
    print(f"sviedka compartment rewrap    {results['archive_per_second']:>7.0f} headers/s")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Found an archive with `count` forms of one item, revoke a grant, and seal everything again."""
    circumstances = Circumstances(clock=system_clock, log_n=10, runtimes=(RAM,))
    found_archive(folder, Founding("Measured", "anna", PASSPHRASE), circumstances)
    with open_archive(folder, circumstances) as archive:
        anna = sign_in(archive, "anna", PASSPHRASE)
        add_forms(archive, anna, deposit_one(archive, anna), count)
        revoke_somebody(archive, anna)
        start = time.perf_counter()
        done = rewrap_compartment(archive, anna, "main")
        elapsed = time.perf_counter() - start
    return {
        "headers": done.headers,
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "bare_per_second": bare(min(count, 5000)),
        "archive_per_second": done.headers / elapsed,
    }


def deposit_one(archive: Archive, sitting: Sitting) -> Id:
    """Deposit one small text and return its item."""
    handed = Handed("one.txt", lambda: io.BytesIO(b"one"), Description({}), "one.txt")
    with Extractor(limits=Limits(), tessdata=None) as extractor:
        [result] = Intake(archive, sitting, "main", extractor).deposit([handed])
    assert result.item is not None
    return result.item


def form_of(number: int) -> bytes:
    return b"form %d" % number


def add_forms(
    archive: Archive, sitting: Sitting, item: Id, count: int, made: Callable[[int], bytes] = form_of
) -> None:
    """Add so many transcripts to an item, each sealed by itself, as fast as the disk takes them."""
    compartment = archive.ledger().compartments[archive.ledger().items[item].compartment]
    target = Target(
        archive.objects,
        archive.headers,
        compartment.compartment,
        compartment.epoch,
        current_recipient(compartment),
        archive.random,
    )
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(count, start + AT_ONCE))
        with archive.custody.writing(), ThreadPoolExecutor(8) as threads:
            sealed = list(threads.map(lambda number: seal_bytes(made(number), target), numbers))
            forms = [new_id(archive.random) for _ in sealed]
            author = pen(archive, sitting)
            signed = [
                author.write(Kind.RENDITION, described(item, form, ref))
                for form, ref in zip(forms, sealed, strict=True)
            ]
            rows = [
                RenditionRow(form, item, KIND, ref.holder, ref.epoch, ref.body, len(made(number)), one.event)
                for number, form, ref, one in zip(numbers, forms, sealed, signed, strict=True)
            ]
            archive.custody.record(signed, renditions=rows)


def described(item: Id, form: Id, ref: SealedRef) -> dict[str, Any]:
    return {
        "item": item,
        "rendition": form,
        "kind": KIND,
        "sealed": ref.as_data(),
        "sha256": Digest.of(b"form"),
        "uses": None,
        "source": None,
        "reason": None,
        "proposal": None,
    }


def revoke_somebody(archive: Archive, sitting: Sitting) -> None:
    """Enrol a lawyer, give her rights and withdraw them, so that a new epoch begins."""
    enrol(archive, sitting, "lena", Role.LAWYER, PASSPHRASE)
    give(
        archive,
        sitting,
        "lena",
        "main",
        Terms(frozenset({Action.READ}), frozenset({Use.COURT}), None, "measuring"),
    )
    revoke(archive, sitting, "lena", "main", "measured")


def bare(count: int) -> float:
    """Return how many headers a second are made and nothing else."""
    old, new = Identity.generate(), Identity.generate().recipient
    headers = [seal(b"one", [old.recipient]).header for _ in range(count)]
    start = time.perf_counter()
    for header in headers:
        rewrap(header, old, new)
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
