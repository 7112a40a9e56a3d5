"""Whether memory can reach a disk through a core dump (Linux), and forbidding that.

A process that forbade it is dumped neither into a file nor to a program that collects crashes; its forked
children neither. Programs that are started anew keep the limit only, and forbid the rest themselves.
"""

import ctypes
import resource
import sys
from pathlib import Path
from typing import Final

PATTERN: Final = Path("/proc/sys/kernel/core_pattern")
_GET_DUMPABLE: Final = 3
_SET_DUMPABLE: Final = 4


def forbid_cores() -> None:
    """Switch core dumps, and looking into this process by others of the same user, off for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_SET_DUMPABLE, 0)


def core_destination(*, pattern: Path = PATTERN) -> str | None:
    """Say where a crash would write this process's memory: to a file, to a program; None for nowhere."""
    if _prctl(_GET_DUMPABLE, 0) == 0:
        return None
    try:
        piped = pattern.read_text(encoding="utf-8", errors="surrogateescape").startswith("|")
    except OSError:
        piped = False
    if piped:
        return "to a program that collects crashes"  # which no limit stops
    return "to a file" if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0 else None


def _prctl(option: int, value: int) -> int:
    if sys.platform != "linux":
        return 1
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0))
