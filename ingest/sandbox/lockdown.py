"""What the parser host takes from itself, in three steps, before it reads one byte of a deposited file.

1. `shed`: no debugging by others, no core dumps, limits on processor time and memory, own namespaces.
2. `confine` (landlock.py): after the libraries are loaded, before they start threads.
3. `seal`: after warm-up: nothing can be written, and the system call filter goes on for good.
"""

import ctypes
import resource
from dataclasses import dataclass

from ingest.sandbox.seccomp import apply_filter

_PR_SET_DUMPABLE = 4
_NEW_USER, _NEW_NET, _NEW_IPC, _NEW_UTS = 0x10000000, 0x40000000, 0x08000000, 0x04000000


@dataclass(frozen=True, slots=True)
class Protection:
    """What is in force around a parser host. `landlock` is the kernel's version of it, 0 for none."""

    seccomp: bool
    landlock: int
    user_namespace: bool
    network_namespace: bool


def shed(*, cpu_seconds: int, memory_bytes: int) -> tuple[bool, bool]:
    """Set limits and leave the shared namespaces; return (own user namespace, own network namespace)."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    others = _NEW_NET | _NEW_IPC | _NEW_UTS
    if libc.unshare(_NEW_USER | others) == 0:
        return True, True
    return False, libc.unshare(others) == 0


def seal(*, reading: bool = False) -> bool:
    """Refuse every write to a file and put the system call filter on; False where there is no filter."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return apply_filter(reading=reading)
