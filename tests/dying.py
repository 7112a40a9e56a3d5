"""Dying after a durable write: each file or folder that is flushed, each name that changes, each commit.

Everything else that a process does is lost with it, or never happened: so these are all the states in which it
can leave a disk, but for what the kernel itself would have written later.
"""

import os
import signal
from collections.abc import Callable

from sqlalchemy.engine.default import DefaultDialect

CHANGES = ("fsync", "fdatasync", "rename", "replace", "link", "unlink", "remove", "mkdir", "rmdir", "pwrite")


def die_after(number: int) -> list[str]:
    """Kill this process when the durable write of that number is done; return the list they are noted in.

    With 0 it lives, and the list says how many there were.
    """
    done: list[str] = []

    def counted(name: str, act: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*arguments: object, **named: object) -> object:
            result = act(*arguments, **named)
            done.append(name)
            if len(done) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return wrapper

    for name in CHANGES:
        setattr(os, name, counted(name, getattr(os, name)))
    DefaultDialect.do_commit = counted("commit", DefaultDialect.do_commit)
    return done
