"""Digesting bodies, several at once: while one waits for a disk or a line, others are hashed."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from archive.digests import Digest
from archive.errors import SviedkaError
from archive.holdings import Holdings

#: The digest of a body as it is stored, and its size in bytes.
Digested = tuple[Digest, int]

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
    holdings: Holdings, bodies: Iterable[Digest], jobs: int
) -> Iterator[tuple[Digest, Digested | SviedkaError]]:
    """Yield each body in its order with what it digests to, or with what was wrong with it."""
    if jobs <= 1:
        yield from ((body, _outcome(holdings, body)) for body in bodies)
        return
    waiting: deque[tuple[Digest, Future[Digested | SviedkaError]]] = deque()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for body in bodies:
                waiting.append((body, pool.submit(_outcome, holdings, body)))
                if len(waiting) > jobs * _AHEAD:
                    first, future = waiting.popleft()
                    yield first, future.result()
            for first, future in waiting:
                yield first, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _outcome(holdings: Holdings, body: Digest) -> Digested | SviedkaError:
    try:
        return digest_body(holdings, body)
    except SviedkaError as fault:
        return fault
