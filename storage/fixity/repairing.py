"""Putting right what a check found: from a store that has it whole, and only what the log names now.

A header is installed while nobody may change headers and only if it is the one in force; a body only while
the log still names it. So nothing that was destroyed comes back, whenever it was. Everything gets its name
last: a crash leaves what was there before.
"""

import hashlib
from typing import Final

from archive.digests import Digest
from storage.copies.stores import Store, passing_over
from storage.fixity.checking import Parts
from storage.fixity.findings import Shortfall
from storage.fixity.pace import Pace
from storage.fixity.reading import forget_cached

_REMOVE: Final = "F56"


class Repairer:
    """Repairs one thing after the other."""

    def __init__(self, parts: Parts, pace: Pace) -> None:
        self._parts = parts
        self._pace = pace

    def __call__(self, store: Store, fault: Shortfall) -> bool:
        """Put one thing right; say whether it could be."""
        # Who is killed in here leaves the mark of a writer, so that the next tidies up.
        with passing_over(), self._parts.custody.writing():
            if fault.code == _REMOVE:
                return self._remove(store, fault.body)
            return self._header(store, fault) if fault.part == "header" else self._body(store, fault)
        return False

    def _remove(self, store: Store, body: Digest) -> bool:
        """Remove what was destroyed: the header first, whichever of the two was found."""
        store.headers.delete(body)
        store.objects.delete(body)
        return True

    def _header(self, store: Store, fault: Shortfall) -> bool:
        with self._parts.stores.own.headers.changing():
            known = self._parts.custody.follow().bodies.get(fault.body)
            good = self._good_header(store, fault.body, known.header) if known else None
            if good is not None:
                store.headers.mend(fault.body, good)
            return good is not None

    def _good_header(self, store: Store, body: Digest, wanted: Digest) -> bytes | None:
        """Return the header in force from another store, or from where it waits to take its place."""
        for other in self._others(store):
            with passing_over():
                header = other.headers.get(body)
                if Digest.of(header) == wanted:
                    return header
        return self._parts.pending.get(body, wanted)

    def _body(self, store: Store, fault: Shortfall) -> bool:
        return any(self._copied(other, store, fault.body) for other in self._others(store))

    def _others(self, store: Store) -> list[Store]:
        stores = [self._parts.stores.own, *self._parts.stores.reached()]
        return [one for one in stores if one.copy != store.copy]

    def _copied(self, source: Store, target: Store, body: Digest) -> bool:
        """Copy a body if it is whole there and the log still names it."""
        with passing_over(), source.objects.open(body) as file, target.objects.writer() as writer:
            state = hashlib.sha256()
            forget_cached(file)
            while piece := file.read(self._pace.piece_bytes):
                state.update(piece)
                writer.write(piece)
                self._pace.spend(len(piece))
            # What has another digest would be committed under another name.
            if state.hexdigest() != body:
                return False
            # Whoever destroys it logs that first and then waits here for the headers.
            with self._parts.stores.own.headers.changing():
                if body not in self._parts.custody.follow().bodies:
                    return False
                writer.commit()
            return True
        return False
