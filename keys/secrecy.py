"""The base of everything that must not leave memory by accident, nor with a process that dies.

A secret shows nothing of itself in text (so none reaches a log or a traceback) and refuses pickling and
copying (so none reaches a queue, a cache or another process). Python cannot wipe memory; nothing here
claims to.
"""

import ctypes
import resource
import sys
from typing import Final, NoReturn

from archive.errors import KeysError

_SET_DUMPABLE: Final = 4


def forbid_cores() -> None:
    """Switch core dumps, and looking into this process by others of the same user, off for good (Linux).

    Forked children keep that. A program that is started anew keeps the limit only, and must forbid the rest
    itself: a program that collects crashes heeds no limit.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


class Secret:
    """Redacted in text, neither pickled nor copied (raises K24)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: redacted>"

    def __reduce__(self) -> NoReturn:
        raise KeysError("K24", f"{type(self).__name__} may be neither pickled nor copied")
