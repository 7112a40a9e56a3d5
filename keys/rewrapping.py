"""Making many new headers at once, in processes of their own: making one takes a third of a millisecond.

The processes get the identities through a pipe and end when it closes, as it does when their parent dies.
Nothing here touches a disk.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from threading import Lock
from typing import IO, Any, Final, Self

from archive.codec import b64, unb64
from archive.errors import KeysError
from keys.identities import Identity
from keys.recipients import Recipient
from keys.sealing import rewrap
from keys.secrecy import forbid_cores

#: The epoch that a header is sealed to, and the header.
Job = tuple[int, bytes]
#: Fewer than these are made here: a process takes longer to start.
FEW: Final = 300


def make_all(
    jobs: Sequence[Job], identities: Mapping[int, Identity], recipient: Recipient
) -> list[bytes | None]:
    """Return a new header for each job, or None where the old one does not open."""
    return [_made(header, identities.get(epoch), recipient) for epoch, header in jobs]


def _made(header: bytes, identity: Identity | None, recipient: Recipient) -> bytes | None:
    try:
        return rewrap(header, identity, recipient) if identity is not None else None
    except KeysError:
        return None


class Makers:
    """Some processes that make headers for one recipient; for use in a `with` block."""

    def __init__(self, identities: Mapping[int, Identity], recipient: Recipient, *, expected: int) -> None:
        self._identities, self._recipient = identities, recipient
        count = 0 if expected < FEW else max(1, len(os.sched_getaffinity(0)))
        self._makers = [_Maker(identities, recipient) for _ in range(count)]
        self._threads = ThreadPoolExecutor(max(1, count))

    def make(self, jobs: Sequence[Job]) -> "Future[list[bytes | None]]":
        """Begin to make headers; the result has one for each job, or None where the old one does not open."""
        if not self._makers:
            return self._threads.submit(make_all, jobs, self._identities, self._recipient)
        share = -(-len(jobs) // len(self._makers)) or 1
        parts = [
            self._threads.submit(maker.make, jobs[start : start + share])
            for maker, start in zip(self._makers, range(0, len(jobs), share), strict=False)
        ]
        whole: Future[list[bytes | None]] = Future()
        if not parts:
            whole.set_result([])
            return whole
        return _Joined(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        for maker in self._makers:
            maker.close()
        self._threads.shutdown()


class _Joined(Future[list[bytes | None]]):
    """The results of several makers, one after the other."""

    def __init__(self, parts: Sequence["Future[list[bytes | None]]"]) -> None:
        super().__init__()
        self._parts = parts

    def result(self, timeout: float | None = None) -> list[bytes | None]:
        """Wait for all of them."""
        return list(chain.from_iterable(part.result(timeout) for part in self._parts))


class _Maker:
    """One process."""

    def __init__(self, identities: Mapping[int, Identity], recipient: Recipient) -> None:
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"import sys; sys.path[:] = {sys.path!r}; {_START}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        keys = {str(epoch): identity.text for epoch, identity in identities.items()}
        _send(self._input, {"identities": keys, "recipient": recipient.text})

    def make(self, jobs: Sequence[Job]) -> list[bytes | None]:
        """Have headers made."""
        with self._lock:
            _send(self._input, [[epoch, b64(header)] for epoch, header in jobs])
            return [None if one is None else unb64(one) for one in _receive(self._output)]

    def close(self) -> None:
        """End the process."""
        self._input.close()
        self._output.close()
        self._process.wait()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout


_START = "from keys.rewrapping import serve; serve(sys.stdin.buffer, sys.stdout.buffer)"


def serve(source: IO[bytes], target: IO[bytes]) -> None:
    """Make headers for whoever started this process, until he closes the pipe."""
    forbid_cores()
    first = _receive(source)
    identities = {int(epoch): Identity.parse(text) for epoch, text in first["identities"].items()}
    recipient = Recipient.parse(first["recipient"])
    with suppress(EOFError, BrokenPipeError):
        while True:
            jobs = [(epoch, unb64(header)) for epoch, header in _receive(source)]
            made = make_all(jobs, identities, recipient)
            _send(target, [None if one is None else b64(one) for one in made])


def _send(target: IO[bytes], value: Any) -> None:
    data = json.dumps(value).encode()
    target.write(len(data).to_bytes(4, "big") + data)
    target.flush()


def _receive(source: IO[bytes]) -> Any:
    size = int.from_bytes(source.read(4), "big")
    if size == 0:
        raise EOFError
    data = source.read(size)
    if len(data) != size:
        raise EOFError
    return json.loads(data)
