"""The standalone verifier: `python sviedka-verify.pyz RECEIPT [--file F] [--trust F] [--json]`.

Exit status: 0 verified, 1 not verified, 2 something else was asked than it can do, or a file cannot be read.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import BinaryIO

from archive.errors import SviedkaError
from archive.proofs import LARGEST_PROOF_BYTES
from archive.verifying import Verified, verify_file

_CHUNK_BYTES = 1 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify what the arguments name, say what came of it, and return the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        verified = _verify(asked)
    except OSError as fault:
        return _refuse(asked, "I79", f"a file cannot be read: {os.strerror(fault.errno or 0)}", status=2)
    except SviedkaError as fault:
        return _refuse(asked, fault.code, str(fault), status=1)
    if asked.json:
        print(json.dumps(verified.as_data(), ensure_ascii=True))
    else:
        print("\n".join(verified.lines()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sviedka-verify",
        description="Check offline that a receipt of a Sviedka archive is genuine and a file is its own.",
    )
    parser.add_argument("receipt", type=Path, help="the receipt, a .tlog-proof file")
    parser.add_argument("--file", type=Path, help="the original: is it the one handed in?")
    parser.add_argument("--trust", type=Path, help="the log's keys, had from elsewhere than the receipt")
    parser.add_argument("--json", action="store_true", help="say it for machines")
    return parser


def _verify(asked: argparse.Namespace) -> Verified:
    with ExitStack() as files:

        def opened(path: Path) -> BinaryIO:
            return files.enter_context(path.open("rb"))

        return verify_file(
            opened(asked.receipt).read(LARGEST_PROOF_BYTES + 1),
            read=partial(opened(asked.file).read, _CHUNK_BYTES) if asked.file else None,
            trust=opened(asked.trust).read(LARGEST_PROOF_BYTES) if asked.trust else None,
        )


def _refuse(asked: argparse.Namespace, code: str, message: str, *, status: int) -> int:
    if asked.json:
        print(json.dumps({"verified": False, "code": code, "message": message}))
    print(f"{'NOT VERIFIED' if status == 1 else 'nothing was verified'}: {message} [{code}]", file=sys.stderr)
    return status
