"""Headers in several stores at once.

A new header is acknowledged when enough stores hold it with its body. Replacing and deleting counts when the
archive's own store has done it: a copy that is not there then is caught up later, and nothing waits for it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from archive.digests import Digest
from archive.errors import FixityError
from storage.copies.objects import check_enough
from storage.copies.stores import Store, Stores, passing_over
from storage.headers import ReplaceAll


class CopiedHeaders:
    """The `Headers` of an archive with copies."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._own = stores.own.headers

    def put(self, body: Digest, header: bytes) -> None:
        """Create the header of `body` in enough stores (F62 when they are too few; then in none)."""
        acknowledge, done = self._stores.listing().acknowledge, list[Store]()
        for store in self._stores.reached():
            with passing_over():
                if store.objects.has(body):
                    store.headers.put(body, header)
                    done.append(store)
        try:
            check_enough(acknowledge, 1 + len(done))
            # Last, so that whoever finds it here finds it in enough others.
            self._own.put(body, header)
        except BaseException:
            self._take_back(body, header, done)
            raise

    def replace(self, body: Digest, header: bytes) -> None:
        """Replace the header of `body` wherever it is (F03 when the archive's own store has none)."""
        self._own.replace(body, header)
        for store in self._stores.reached():
            with passing_over():
                store.headers.replace(body, header)

    @contextmanager
    def changing(self) -> Iterator[ReplaceAll]:
        """Let nobody else replace or delete headers while inside; yields what replaces many at once."""
        with self._own.changing() as replace_all:

            def everywhere(headers: Mapping[Digest, bytes]) -> None:
                replace_all(headers)
                for store in self._stores.reached():
                    with passing_over(), store.headers.changing() as replace_there:
                        replace_there(headers)

            yield everywhere

    def get(self, body: Digest) -> bytes:
        """Return the header of `body`, from another store if the archive's own has none."""
        try:
            return self._own.get(body)
        except FixityError as fault:
            if fault.code != "F03":
                raise
            for store in self._stores.reached():
                with passing_over():
                    return store.headers.get(body)
            raise

    def delete(self, body: Digest) -> None:
        """Remove the header of `body` from every store that is there."""
        self._own.delete(body)
        for store in self._stores.reached():
            with passing_over():
                store.headers.delete(body)

    def bodies(self) -> Iterator[Digest]:
        """Name every body that has a header in any store, sorted."""
        found = set(self._own.bodies())
        for store in self._stores.reached():
            with passing_over():
                found.update(store.headers.bodies())
        return iter(sorted(found))

    def sweep(self) -> None:
        """Remove temporary files."""
        self._own.sweep()
        for store in self._stores.reached():
            with passing_over():
                store.headers.sweep()

    def _take_back(self, body: Digest, header: bytes, done: list[Store]) -> None:
        """Remove a header that the archive's own store did not get."""
        with passing_over():
            if self._own.get(body) == header:
                return
        for store in done:
            with passing_over():
                store.headers.delete(body)
