"""The open indexes of this process: opened lazily for somebody entitled, bounded, dropped when unused."""

import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from archive.access.keyring import Held
from archive.access.parts import Archive
from archive.errors import FixityError, KeysError, SearchError
from archive.ids import Id
from search.consent_gate import ConsentGate
from search.engines.port import Engine
from search.institutions import InstitutionNames
from search.rebuilding import rebuild
from search.sealed_index import SealedIndex, open_index
from search.wording import Wording

MOST_OPEN = 16
IDLE_SECONDS = 15 * 60
_TRIES = 5


class Shelf:
    """Holds open indexes by compartment. Only `open` hands one out, to whoever brings its identity.

    `wording`, for snippets, is not to be used without `wording_lock`.
    """

    def __init__(
        self,
        archive: Archive,
        engine: type[Engine],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._archive = archive
        self._engine = engine
        self.gate = ConsentGate()
        self.wording = Wording()
        self.wording_lock = threading.Lock()
        self.institutions = InstitutionNames(self.wording.words)
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._open: OrderedDict[Id, tuple[SealedIndex, float]] = OrderedDict()

    def open(self, held: Held) -> SealedIndex:
        """Return the compartment's index with all waiting batches folded in."""
        if not held.identities:
            raise SearchError("S61", "this compartment's index cannot be opened without its identity")
        with self._lock:
            for _ in range(_TRIES):
                index = self._current(held)
                try:
                    with index.lock:
                        index.fold(held)
                except SearchError as fault:
                    if fault.code != "S60":
                        raise
                    self.drop(held.compartment)
                    continue
                self._open[held.compartment] = (index, self._monotonic())
                self._open.move_to_end(held.compartment)
                while len(self._open) > MOST_OPEN:
                    self.drop(next(iter(self._open)))
                return index
        raise SearchError("S60", "the index is being changed by other processes; try again")

    def drop(self, compartment: Id) -> None:
        """Close one index and wipe its files."""
        with self._lock:
            known = self._open.pop(compartment, None)
            if known is not None:
                with known[0].lock:
                    known[0].close()

    def drop_idle(self) -> None:
        """Close every index that nobody asked for lately."""
        with self._lock:
            limit = self._monotonic() - IDLE_SECONDS
            for compartment in [c for c, (_, used) in self._open.items() if used < limit]:
                self.drop(compartment)

    def close(self) -> None:
        """Close them all."""
        for compartment in list(self._open):
            self.drop(compartment)

    def _current(self, held: Held) -> SealedIndex:
        """Return the open index if it is still the newest, else open what is at rest."""
        row = self._archive.catalogue.manifests.get(held.compartment)
        known = self._open.get(held.compartment)
        if known is not None and known[0].version == (row.version if row else 0):
            return known[0]
        self.drop(held.compartment)
        folder = Path(tempfile.mkdtemp(prefix="index-", dir=self._archive.runtime.path))
        try:
            return open_index(self._archive, held, self._engine, Wording(), folder)
        except (FixityError, KeysError):
            # Damaged or lost: it is derived, so it is made again from sealed renditions and records.
            shutil.rmtree(folder)
            rebuild(self._archive, held)
            return self._current(held)
