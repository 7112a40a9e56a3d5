"""How fast a file is hashed and sealed in one pass, beside the tools that would do it in three.

    python bench/sealing.py [--mib 1024] [--folder DIR]

One pass of ours: SHA-256 and BLAKE3 of the original, sealing to a post-quantum recipient, SHA-256 of the
sealed body, writing it. Beside it: `sha256sum`, `age -r`, `sha256sum` of the result, where `age` is
installed (it seals to a classic recipient: not every packaged age knows the post-quantum one), and bare
SHA-256 by hashlib. Everything reads from a warm page cache and leaves flushing to the system.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from blake3 import blake3

from keys.identities import Identity, X25519Identity
from keys.sealing import Sealer, open_stream

BLOCK_BYTES = 1 << 20
RESULTS = Path(__file__).resolve().parent / "results" / "sealing.json"


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mib", type=int, default=1024, help="size of the file (default 1024)")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        results = measure(Path(folder), arguments.mib)
    for name, run in results["runs"].items():
        print(f"{name:<54} {'age is not installed' if run is None else described(run)}")
    print(f"{'peak resident memory of this process':<54} {results['peak_rss_mib']:>6.0f} MiB")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def described(run: dict[str, float]) -> str:
    return f"{run['mib_per_second']:>6.0f} MiB/s, {run['processor_ms_per_mib']:.2f} ms of processor per MiB"


def measure(folder: Path, mib: int) -> dict[str, Any]:
    """Run everything on one file of `mib` MiB."""
    original = folder / "original"
    make_file(original, mib)
    identity = Identity.generate()
    header, commitment = b"", None

    def one_pass() -> None:
        nonlocal header, commitment
        sealer = seal_serially(original, folder / "body", identity)
        header, commitment = sealer.header, sealer.commitment

    def opening() -> None:
        with (folder / "body").open("rb", buffering=0) as body:
            for _ in open_stream(header, body, identity, commitment=commitment):
                pass

    runs: dict[str, Callable[[], object] | None] = {
        "bare SHA-256 (hashlib)": lambda: hash_only(original),
        "sealing alone": lambda: seal_only(original, identity),
        "one pass: SHA-256, BLAKE3, seal, SHA-256 of the body": one_pass,
        "the same with the hashes in two threads": lambda: seal_threaded(original, folder / "b", identity),
        "opening": opening,
        "sha256sum + age -r + sha256sum": tools(original, folder / "age") if shutil.which("age") else None,
    }
    return {
        "mib": mib,
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "runs": {name: None if run is None else timed(run, mib) for name, run in runs.items()},
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def make_file(path: Path, mib: int) -> None:
    """Write the file; its last mebibyte is short, so that the last chunk is too."""
    with path.open("wb") as file:
        block = os.urandom(BLOCK_BYTES)
        for _ in range(mib - 1):
            file.write(block)
        file.write(block[:-12345])


def timed(run: Callable[[], object], mib: int) -> dict[str, float]:
    """Run once; on a busy machine the processor time (children included) says more than the clock."""
    before, start = os.times(), time.perf_counter()
    run()
    elapsed, after = time.perf_counter() - start, os.times()
    return {
        "mib_per_second": mib / elapsed,
        "processor_ms_per_mib": (sum(after[:4]) - sum(before[:4])) * 1000 / mib,
    }


def hash_only(original: Path) -> str:
    with original.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal_only(original: Path, identity: Identity) -> Sealer:
    sealer, block = Sealer([identity.recipient]), bytearray(BLOCK_BYTES)
    with original.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            sealer.update(memoryview(block)[:count])
    sealer.finish()
    return sealer


def seal_serially(original: Path, target: Path, identity: Identity) -> Sealer:
    sealer, block = Sealer([identity.recipient]), bytearray(BLOCK_BYTES)
    sha256, fast, sealed = hashlib.sha256(), blake3(), hashlib.sha256()
    with original.open("rb", buffering=0) as file, target.open("wb", buffering=0) as body:
        while count := file.readinto(block):
            view = memoryview(block)[:count]
            sha256.update(view)
            fast.update(view)
            part = sealer.update(view)
            sealed.update(part)
            body.write(part)
        part = sealer.finish()
        sealed.update(part)
        body.write(part)
    return sealer


def seal_threaded(original: Path, target: Path, identity: Identity) -> None:
    """Hash one block in two threads while the next is read and sealed."""
    sealer = Sealer([identity.recipient])
    sha256, fast, sealed = hashlib.sha256(), blake3(), hashlib.sha256()
    pending: list[Future[None]] = []

    def hash_plain(block: bytes) -> None:
        sha256.update(block)
        fast.update(block)

    with (
        original.open("rb", buffering=0) as file,
        target.open("wb", buffering=0) as body,
        ThreadPoolExecutor(1) as plain,
        ThreadPoolExecutor(1) as cipher,
    ):
        while block := file.read(BLOCK_BYTES):
            for future in pending:
                future.result()
            pending = [plain.submit(hash_plain, block)]
            part = sealer.update(block)
            pending.append(cipher.submit(sealed.update, part))
            body.write(part)
        for future in pending:
            future.result()
        part = sealer.finish()
        sealed.update(part)
        body.write(part)


def tools(original: Path, target: Path) -> Callable[[], None]:
    """Return a run of the three command-line tools, one after the other."""
    recipient = X25519Identity.generate().recipient.text
    commands = [
        ["sha256sum", original],
        ["age", "-r", recipient, "-o", target, original],
        ["sha256sum", target],
    ]

    def run() -> None:
        for command in commands:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return run


if __name__ == "__main__":
    main()
