"""The open indexes of this process: opened lazily for somebody entitled, bounded, dropped when unused."""

import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from archive.access.keyring import Held
from archive.access.parts import Archive
from archive.errors import FixityError, IntakeError, KeysError, SearchError
from archive.ids import Id
from search.consent_gate import ConsentGate
from search.engines.port import Engine
from search.institutions import InstitutionNames
from search.rebuilding import rebuild
from search.sealed_index import SealedIndex, open_index
from search.wording import Wording

MOST_OPEN = 16
IDLE_SECONDS = 15 * 60
_TRIES = 20
_WAITS = 4
_PAUSE_SECONDS = 0.1


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
        self.institutions = InstitutionNames(Wording().words)
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._open: OrderedDict[Id, tuple[SealedIndex, float]] = OrderedDict()

    def open(self, held: Held) -> SealedIndex:
        """Return the compartment's index with all waiting batches folded in."""
        if not held.identities:
            raise SearchError("S61", "this compartment's index cannot be opened without its identity")
        with self._lock:
            for attempt in range(_TRIES):
                index = self._current(held)
                self._open[held.compartment] = (index, self._monotonic())
                self._open.move_to_end(held.compartment)
                try:
                    with index.lock:
                        index.fold(held)
                except BaseException as fault:
                    # Its engine holds what no manifest names: it is not to be used any more.
                    self.drop(held.compartment)
                    if not self._is_mended(held, fault, attempt):
                        raise
                    continue
                self._keep_within_bounds(besides=index)
                return index
        raise SearchError("S60", "the index is being changed by other processes; try again")

    @contextmanager
    def borrowed(self, readable: Iterable[Held]) -> Iterator[list[SealedIndex]]:
        """Open these indexes and lock them: nobody closes or changes them meanwhile, however many."""
        taken: list[SealedIndex] = []
        try:
            with self._lock:
                for held in readable:
                    index = self.open(held)
                    index.users += 1
                    taken.append(index)
            # Locked in one order everywhere, and never while waiting for the shelf's own lock.
            with ExitStack() as stack:
                for index in sorted(taken, key=lambda one: one.compartment):
                    stack.enter_context(index.lock)
                yield taken
        finally:
            with self._lock:
                for index in taken:
                    index.users -= 1
                    _close_if_unused(index)
                self._keep_within_bounds()

    def drop(self, compartment: Id) -> None:
        """Close one index and wipe its files, as soon as nobody holds it."""
        with self._lock:
            known = self._open.pop(compartment, None)
            if known is not None:
                known[0].superseded = True
                _close_if_unused(known[0])

    def drop_idle(self) -> None:
        """Close every index that nobody asked for lately."""
        with self._lock:
            limit = self._monotonic() - IDLE_SECONDS
            for compartment in [c for c, (_, used) in self._open.items() if used < limit]:
                self.drop(compartment)

    def forget(self) -> None:
        """Close every index and forget the words that were looked for: the archive was locked."""
        self.close()
        with self.wording_lock:
            self.wording = Wording()

    def close(self) -> None:
        """Close them all."""
        for compartment in list(self._open):
            self.drop(compartment)

    def _keep_within_bounds(self, *, besides: SealedIndex | None = None) -> None:
        """Close what was not asked for longest, of those that nobody holds."""
        idle = [c for c, (index, _) in self._open.items() if not index.users and index is not besides]
        for compartment in idle[: max(0, len(self._open) - MOST_OPEN)]:
            self.drop(compartment)

    def _is_mended(self, held: Held, fault: BaseException, attempt: int) -> bool:
        """Say whether to try again: another process changed the index, or a damaged batch is made anew."""
        if isinstance(fault, SearchError):
            time.sleep(_PAUSE_SECONDS)
            return fault.code == "S60"
        if isinstance(fault, FixityError) and fault.code == "F60" and attempt < _WAITS:
            # Perhaps another process is just now making visible what it logged.
            time.sleep(_PAUSE_SECONDS)
            return True
        if isinstance(fault, (KeysError, IntakeError, FixityError)) and attempt < _TRIES - 1:
            rebuild(self._archive, held)
            return True
        return False

    def _current(self, held: Held, *, rebuilt: bool = False) -> SealedIndex:
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
            if rebuilt:
                raise
            rebuild(self._archive, held)
            return self._current(held, rebuilt=True)


def _close_if_unused(index: SealedIndex) -> None:
    if index.superseded and not index.users:
        with index.lock:
            index.close()
