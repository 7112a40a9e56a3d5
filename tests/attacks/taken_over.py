"""Code that stands for a parser which a deposited file has taken over; it runs inside the parser host.

It looks for an age identity in its own memory, in that of the process that started it, by itself and in a fork,
and for the keys that lie beside the archive. What it finds it hands out as the text of the file.
"""

import gc
import json
import os
import re
from collections.abc import Callable

from ingest.formats.parts import Parsed, Segment

IDENTITY = re.compile(rb"AGE-SECRET-KEY-PQ-1[0-9A-Z]{40,}")


def take_over(archive: str) -> None:
    """Read no document any more, but rob whatever is in reach."""
    from ingest.sandbox import host

    host.read_document = lambda _data, **_asked: Parsed(
        (Segment("page:1", json.dumps(sorted(loot(archive)))),)
    )


def loot(archive: str) -> set[str]:
    """Return which of the attempts found a key."""
    attempts: dict[str, Callable[[], bool]] = {
        "own memory": own_memory,
        "the parent's memory": lambda: memory_of(os.getppid()),
        "a fork reading the parent's memory": lambda: in_a_fork(os.getppid()),
        "the key of the log": lambda: bool(read(f"{archive}/log.key")),
        "the catalogue": lambda: read(f"{archive}/catalogue.sqlite").startswith(b"SQLite"),
    }
    return {name for name, attempt in attempts.items() if succeeds(attempt)}


def succeeds(attempt: Callable[[], bool]) -> bool:
    try:
        return attempt()
    except OSError:
        return False


def own_memory() -> bool:
    return any(type(one).__name__ == "AgentSecret" and one.identity.text for one in gc.get_objects())


def memory_of(process: int) -> bool:
    """Look for an identity in everything that a process can write to."""
    memory = os.open(f"/proc/{process}/mem", os.O_RDONLY)
    for line in read(f"/proc/{process}/maps").decode().splitlines():
        where, rights = line.split()[:2]
        start, end = (int(one, 16) for one in where.split("-"))
        if rights.startswith("rw") and end - start < 1 << 28 and IDENTITY.search(piece(memory, start, end)):
            return True
    return False


def piece(memory: int, start: int, end: int) -> bytes:
    try:
        return os.pread(memory, end - start, start)
    except OSError:
        return b""


def in_a_fork(process: int) -> bool:
    child = os.fork()
    if child == 0:
        os._exit(0 if succeeds(lambda: memory_of(process)) else 1)
    return os.waitpid(child, 0)[1] == 0


def read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 1 << 22)
    finally:
        os.close(descriptor)


class Forked:
    """A parser host that was not started anew but forked, with all that its parent had in memory."""

    def __init__(self, orders: dict[str, object], archive: str) -> None:
        from ingest.sandbox import host

        requests, replies = os.pipe(), os.pipe()
        self.returncode = None
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            os.dup2(requests[0], 0)
            os.dup2(replies[1], 1)
            take_over(archive)
            host.main(json.dumps(orders))
            os._exit(0)
        os.close(requests[0])
        os.close(replies[1])
        self.stdin, self.stdout = os.fdopen(requests[1], "wb"), os.fdopen(replies[0], "rb")

    def wait(self, timeout: float | None = None) -> int:
        self.returncode = os.waitpid(self.pid, 0)[1]
        return self.returncode

    def __exit__(self, *_fault: object) -> None:
        self.stdin.close()
        self.stdout.close()
        if self.returncode is None:
            self.wait()
