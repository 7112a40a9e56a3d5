"""Bodies in several stores at once: written to all that are there, acknowledged when enough hold them.

The archive's own store is always one of them, and the one that is read; another is asked for what it lacks.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

from archive.digests import Digest
from archive.errors import FixityError
from storage.copies.stores import Store, Stores, passing_over
from storage.objects import LocalObjects, ObjectWriter

Answer = TypeVar("Answer")


class CopiedObjects:
    """The `Objects` of an archive with copies."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._own = stores.own.objects

    def writer(self) -> "CopiedWriter":
        """Begin a body in every store that is there (F62 when those are too few)."""
        acknowledge = self._stores.listing().acknowledge
        with ExitStack() as opened:
            own = opened.enter_context(self._own.writer())
            others: list[tuple[Store, ObjectWriter]] = []
            for store in self._stores.reached():
                with passing_over():
                    others.append((store, opened.enter_context(store.objects.writer())))
            check_enough(acknowledge, 1 + len(others))
            opened.pop_all()
        return CopiedWriter(self._own, own, others, acknowledge)

    def open(self, digest: Digest) -> BinaryIO:
        """Open a body for reading."""
        return self._first(lambda objects: objects.open(digest))

    def size(self, digest: Digest) -> int:
        """Return a body's length in bytes."""
        return self._first(lambda objects: objects.size(digest))

    def has(self, digest: Digest) -> bool:
        """Say whether a body is in any store."""
        return self._own.has(digest) or any(one.objects.has(digest) for one in self._stores.reached())

    def delete(self, digest: Digest) -> None:
        """Remove a body from every store that is there."""
        self._own.delete(digest)
        for store in self._stores.reached():
            with passing_over():
                store.objects.delete(digest)

    def digests(self) -> Iterator[Digest]:
        """Name every body in any store, sorted."""
        found = set(self._own.digests())
        for store in self._stores.reached():
            with passing_over():
                found.update(store.objects.digests())
        return iter(sorted(found))

    def sweep(self, *, older_than_seconds: float, now: float) -> int:
        """Remove what writers abandoned."""
        swept = self._own.sweep(older_than_seconds=older_than_seconds, now=now)
        for store in self._stores.reached():
            with passing_over():
                store.objects.sweep(older_than_seconds=older_than_seconds, now=now)
        return swept

    def _first(self, ask: Callable[[LocalObjects], Answer]) -> Answer:
        """Ask the archive's own store and, for what it lacks, the others."""
        try:
            return ask(self._own)
        except FixityError as fault:
            if fault.code != "F03":
                raise
            for store in self._stores.reached():
                with passing_over():
                    return ask(store.objects)
            raise


class CopiedWriter:
    """The writer of `CopiedObjects`. A copy that fails is left out, as long as enough others remain."""

    def __init__(
        self,
        objects: LocalObjects,
        own: ObjectWriter,
        others: list[tuple[Store, ObjectWriter]],
        acknowledge: int,
    ) -> None:
        self._objects = objects
        self._own = own
        self._others = others
        self._acknowledge = acknowledge

    def write(self, data: bytes) -> None:
        """Add bytes everywhere."""
        self._own.write(data)
        self._each(lambda writer: writer.write(data))

    def commit(self) -> Digest:
        """Make the body durable in enough stores, the archive's own last: there it is seen."""
        digests: set[Digest] = set()
        try:
            self._each(lambda writer: digests.add(writer.commit()))
            digest = self._own.commit()
        except BaseException:
            self._take_back(digests)
            raise
        return digest

    def abort(self) -> None:
        """Forget everything written, everywhere."""
        self._own.abort()
        for _, writer in self._others:
            with passing_over():
                writer.abort()

    def _each(self, act: Callable[[ObjectWriter], object]) -> None:
        """Do something in every copy; leave out those where it fails (F62 when too few remain)."""
        kept = []
        for store, writer in self._others:
            try:
                act(writer)
            except (FixityError, OSError):
                with passing_over():
                    writer.abort()
            else:
                kept.append((store, writer))
        self._others = kept
        check_enough(self._acknowledge, 1 + len(kept))

    def _take_back(self, digests: set[Digest]) -> None:
        """Remove from the copies what the archive's own store does not have."""
        for digest in digests:
            if not self._objects.has(digest):
                for store, _ in self._others:
                    with passing_over():
                        store.objects.delete(digest)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()


def check_enough(acknowledge: int, found: int) -> None:
    """Refuse (F62) to take anything into custody while too few stores hold it."""
    if found < acknowledge:
        raise FixityError(
            "F62", "fewer copies can be written than are to hold it", expected=acknowledge, found=found
        )
