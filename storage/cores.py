"""Whether memory can reach a disk through a core dump (Linux). `keys.secrecy.forbid_cores` forbids that."""

import ctypes
import resource
import sys
from pathlib import Path
from typing import Final

PATTERN: Final = Path("/proc/sys/kernel/core_pattern")
_GET_DUMPABLE: Final = 3


def core_destination(*, pattern: Path = PATTERN) -> str | None:
    """Say where a crash would write this process's memory: to a file, to a program; None for nowhere."""
    if not _dumpable():
        return None
    try:
        piped = pattern.read_text(encoding="utf-8", errors="surrogateescape").startswith("|")
    except OSError:
        piped = False
    if piped:
        return "to a program that collects crashes"  # which no limit stops
    return "to a file" if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0 else None


def _dumpable() -> bool:
    if sys.platform != "linux":
        return True
    return int(ctypes.CDLL(None, use_errno=True).prctl(_GET_DUMPABLE, 0, 0, 0, 0)) != 0
