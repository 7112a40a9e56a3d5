"""The standalone verifier: `python sviedka-verify.pyz RECEIPT | CHECKPOINT | FOLDER`.

Exit status: 0 verified, 1 not verified, 2 something else was asked than it can do, or a file cannot be read,
4 nothing contradicts, but data is damaged or missing. It needs no network, and writes nothing.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from archive.errors import IntakeError, SviedkaError
from archive.proofs import HEADER, LARGEST_PROOF_BYTES
from archive.verifier.faster import checks
from archive.verifier.folder import log_folder
from archive.verifying import verify_file
from archive.verifying_checkpoints import verify_checkpoint
from archive.verifying_logs import verify_log

_CHUNK_BYTES = 1 << 20
_USAGE = 2


class Told(Protocol):
    """What a verification came to."""

    def as_data(self) -> dict[str, Any]: ...

    def lines(self) -> list[str]: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify what the arguments name, say what came of it, and return the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        told = _verify(asked)
    except OSError as fault:
        return _refuse(asked, "I79", f"a file cannot be read: {os.strerror(fault.errno or 0)}", _USAGE)
    except SviedkaError as fault:
        return _refuse(asked, fault.code, str(fault), fault.exit_status)
    if asked.json:
        print(json.dumps(told.as_data(), ensure_ascii=True))
    else:
        print("\n".join(told.lines()))
    return getattr(told, "exit_status", 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sviedka-verify",
        description="Check offline what a Sviedka archive hands out: receipts, checkpoints, its whole log.",
        epilog="Exit status: 0 verified, 1 not verified, 2 cannot be done as asked, 4 data is damaged.",
    )
    parser.add_argument("thing", type=Path, help="a receipt, a checkpoint, or the folder of a log")
    parser.add_argument("--trust", type=Path, metavar="F", help="the log's keys, had from elsewhere")
    parser.add_argument(
        "--policy", type=Path, metavar="F", help="which cosigners you trust, as C2SP writes it"
    )
    parser.add_argument("--file", type=Path, metavar="F", help="with a receipt: is this the file handed in?")
    parser.add_argument("--since", type=Path, metavar="F", help="a checkpoint of the log from before")
    parser.add_argument(
        "--with",
        dest="receipts",
        type=Path,
        metavar="F",
        action="append",
        default=[],
        help="with a log: a receipt that it must hold; may be repeated",
    )
    parser.add_argument("--plain", action="store_true", help="use nothing but Python itself, which is slow")
    parser.add_argument("--json", action="store_true", help="say it for machines")
    return parser


def _verify(asked: argparse.Namespace) -> Told:
    if asked.thing.is_dir():
        return _verify_log(asked)
    data = _read(asked.thing)
    if data is not None and _is_checkpoint(data):
        return _verify_checkpoint(asked, data)
    return _verify_receipt(asked, data or b"")


def _is_checkpoint(data: bytes) -> bool:
    """Say whether it looks like a signed note and is no receipt, which begins with a line of its own."""
    return not data.startswith(HEADER.encode()) and "\n\n\u2014 ".encode() in data


def _verify_receipt(asked: argparse.Namespace, receipt: bytes) -> Told:
    _only(asked, "file", "policy")
    by = checks(plain=asked.plain)
    with ExitStack() as files:
        original = files.enter_context(asked.file.open("rb")) if asked.file else None
        return verify_file(
            receipt,
            read=partial(original.read, _CHUNK_BYTES) if original else None,
            trust=_read(asked.trust),
            policy=_read(asked.policy),
            check_ed25519=by.ed25519,
            check_mldsa44=by.mldsa44,
        )


def _verify_checkpoint(asked: argparse.Namespace, note: bytes) -> Told:
    _only(asked, "since", "policy")
    by = checks(plain=asked.plain)
    return verify_checkpoint(
        note,
        trust=_read(asked.trust),
        policy=_read(asked.policy),
        since=_read(asked.since),
        checks=by,
    )


def _verify_log(asked: argparse.Namespace) -> Told:
    _only(asked, "since", "receipts", "policy")
    return verify_log(
        log_folder(asked.thing),
        checks=checks(plain=asked.plain),
        trust=_read(asked.trust),
        policy=_read(asked.policy),
        since=_read(asked.since),
        receipts=[receipt for path in asked.receipts if (receipt := _read(path)) is not None],
        progress=_tell if sys.stderr.isatty() else None,
    )


def _only(asked: argparse.Namespace, *allowed: str) -> None:
    """Refuse (I56) options that say nothing about the thing that is to be verified."""
    names = {"file": "--file", "since": "--since", "receipts": "--with"}
    for name, option in names.items():
        if name not in allowed and getattr(asked, name):
            raise IntakeError("I56", f"{option} does not go with this")


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    with path.open("rb") as file:
        return file.read(LARGEST_PROOF_BYTES + 1)


def _tell(what: str, done: int, total: int) -> None:
    """Show progress on one line of the terminal."""
    end = "\n" if done >= total else ""
    print(f"\r{what} {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)


def _refuse(asked: argparse.Namespace, code: str, message: str, status: int) -> int:
    if asked.json:
        print(json.dumps({"verified": False, "code": code, "message": message}))
    word = "nothing was verified" if status == _USAGE else "NOT VERIFIED"
    print(f"{word}: {message} [{code}]", file=sys.stderr)
    return status
