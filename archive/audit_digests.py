"""Digesting bodies, several at once: while one waits for a disk or a line, others are hashed."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from archive.digests import Digest
from archive.errors import SviedkaError
from archive.holdings import Holdings

#: The digest of a body as it is stored, and its size in bytes.
Digested = tuple[Digest, int]


class Earlier(Protocol):
    """Bodies that an audit read which was stopped and now goes on."""

    def digested(self, body: Digest) -> Digested | None:
        """Return what a body digested to, or None where it was not read, or not as it should be."""

    def note(self, body: Digest, digested: Digested) -> None:
        """Remember a body that is what its name says."""


#: How many bodies wait for each job, so that none of them is idle.
_AHEAD = 4


def digest_body(holdings: Holdings, body: Digest) -> Digested:
    """Read a body to its end; what cannot be read raises a SviedkaError."""
    state, size = hashlib.sha256(), 0
    for chunk in holdings.body(body):
        state.update(chunk)
        size += len(chunk)
    return Digest(state.hexdigest()), size


def digested_bodies(
    holdings: Holdings, bodies: Iterable[Digest], jobs: int, earlier: Earlier | None = None
) -> Iterator[tuple[Digest, Digested | SviedkaError]]:
    """Yield each body in its order with what it digests to, or with what was wrong with it."""
    waiting: deque[tuple[Digest, Future[Digested | SviedkaError]]] = deque()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for body in bodies:
                known = earlier.digested(body) if earlier else None
                if known is not None:
                    yield body, known
                    continue
                waiting.append((body, pool.submit(_outcome, holdings, body)))
                if len(waiting) > jobs * _AHEAD:
                    yield _next(waiting, earlier)
            while waiting:
                yield _next(waiting, earlier)
        finally:
            pool.shutdown(cancel_futures=True)


def _next(
    waiting: deque[tuple[Digest, Future[Digested | SviedkaError]]], earlier: Earlier | None
) -> tuple[Digest, Digested | SviedkaError]:
    body, future = waiting.popleft()
    outcome = future.result()
    if earlier is not None and not isinstance(outcome, SviedkaError) and outcome[0] == body:
        earlier.note(body, outcome)
    return body, outcome


def _outcome(holdings: Holdings, body: Digest) -> Digested | SviedkaError:
    try:
        return digest_body(holdings, body)
    except SviedkaError as fault:
        return fault
