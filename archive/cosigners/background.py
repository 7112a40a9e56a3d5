"""Asking cosigners from a running server, beside its work: in one process of all that serve, at intervals."""

import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from archive.cosigners.asking import Outcome, Round, load_cosigners
from archive.errors import SviedkaError
from storage.cosignatures import Cosignatures
from storage.locks import one_of
from storage.log_reader import LogReader

EVERY_SECONDS: Final = 30.0
_LOCK: Final = "cosigners.lock"


def ask_until(
    ended: threading.Event, folder: Path, log: LogReader, *, every_seconds: float = EVERY_SECONDS
) -> None:
    """Ask the archive's cosigners again and again, until told to end. Nothing that fails stops it."""
    asking, told = Round(log, Cosignatures(folder / "log")), set[tuple[str, str | None]]()
    while not ended.wait(every_seconds):
        # What is out of reach for a moment is asked in the next round.
        with suppress(SviedkaError, OSError), one_of([folder / _LOCK]) as alone:
            if alone:
                told = _tell(asking.ask(load_cosigners(folder)), told)


def _tell(outcomes: list[Outcome], told: set[tuple[str, str | None]]) -> set[tuple[str, str | None]]:
    """Tell the operator of cosigners that refuse, once each: one that saw another history is no trifle."""
    refused = {(one.name, one.reason) for one in outcomes if one.word == "refused"}
    for name, reason in sorted(refused - told, key=str):
        sys.stderr.write(f"cosigner {name} refuses: {reason}\n")
    sys.stderr.flush()
    return refused
