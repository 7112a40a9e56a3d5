"""Filling a copy that lacks much, many bodies at once; a check then looks at what this left out.

A body is made durable before its header, and alone opens for nobody. Headers are put while nobody may change
any, and only those that are in force: so nothing that was destroyed meanwhile gets one.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from archive.digests import Digest
from archive.errors import FixityError
from archive.findings import Progress
from storage.copies.stores import Store, passing_over
from storage.fixity.checking import Parts

_BUFFER_BYTES: Final = 1 << 20
# The disk's journal takes fsyncs that arrive together as one.
_AT_ONCE: Final = 8
_BATCH: Final = 256


def fill(parts: Parts, store: Store, progress: Progress) -> int:
    """Copy what is whole in the archive's own store; return how many bodies and headers.

    Raises F02 when there is no room; what was copied until then stays.
    """
    named = {*store.objects.digests()} & {*store.headers.bodies()}
    wanted = {one.sealed.body for one in parts.custody.follow().renditions.values()}
    lacking, copied = sorted(wanted - named), 0
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for done, batch in _batches(lacking):
            # Who is killed in here leaves the mark of a writer, so that the next tidies up.
            with parts.custody.writing():
                copied += sum(threads.map(partial(_copy, parts.stores.own, store), batch))
                copied += _put_headers(parts, store, batch)
            progress("copied", done, len(lacking))
    return copied


def _copy(source: Store, target: Store, body: Digest) -> bool:
    """Copy a body that the target lacks; say whether there was one to copy, and it is what its name says."""
    if target.objects.has(body):
        return False
    try:
        with source.objects.open(body) as file, target.objects.writer() as writer:
            state = hashlib.sha256()
            while piece := file.read(_BUFFER_BYTES):
                state.update(piece)
                writer.write(piece)
            if state.hexdigest() != body:
                return False
            writer.commit()
    except (FixityError, OSError) as fault:
        if isinstance(fault, FixityError) and fault.code == "F02":
            raise
        return False
    return True


def _put_headers(parts: Parts, store: Store, batch: Sequence[Digest]) -> int:
    headers = {}
    with parts.stores.own.headers.changing():
        known = parts.custody.follow().bodies
        for body in batch:
            if body in known and store.objects.has(body) and not _has_header(store, body):
                with passing_over():
                    header = parts.stores.own.headers.get(body)
                    if Digest.of(header) == known[body].header:
                        headers[body] = header
        if headers:
            store.headers.fill(headers)
    return len(headers)


def _has_header(store: Store, body: Digest) -> bool:
    with passing_over():
        return bool(store.headers.get(body))
    return False


def _batches(bodies: Sequence[Digest]) -> Iterator[tuple[int, Sequence[Digest]]]:
    """Yield parts of a list, each with how much is done after it."""
    for start in range(0, len(bodies), _BATCH):
        batch = bodies[start : start + _BATCH]
        yield start + len(batch), batch
