"""Taking custody: catalogue rows and log entries that come true together.

Order: stage the rows (invisible) → append the entries and publish the checkpoint → confirm the rows. A crash
before the checkpoint leaves staged rows that `recover` discards; a crash after it leaves rows that `recover`
confirms, because their events are in the log. So the recovery path is the normal path.

Entries are held against the rules of custody while the log's lock is held, so what our doors write is lawful
in the very order in which it is logged.
"""

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from archive.author import Signed
from archive.checkpoints import Checkpoint
from archive.errors import CustodyError
from archive.events import CustodyEvent, entry_of, parse_entry
from archive.ids import Id
from archive.ledger import Ledger
from archive.merkle import Frontier, leaf_hash
from archive.rules import Verify, apply, check_signatures
from storage.catalogue.catalogue import Catalogue
from storage.headers import Headers
from storage.log import Log
from storage.objects import Objects
from storage.staging import StagingLock

REMEMBERED_EVENTS = 10_000
_PLACED_AT_ONCE = 4_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where entries came to stand: the index of the first, and the checkpoint that covers them all."""

    first_index: int
    checkpoint: Checkpoint


class Custody:
    """The log and the catalogue together, and the ledger that follows the log. Safe for many threads."""

    def __init__(
        self, log: Log, catalogue: Catalogue, staging: StagingLock, *, origin: str, verify: Verify
    ) -> None:
        self._log = log
        self._catalogue = catalogue
        self._staging = staging
        self._verify = verify
        self._origin = origin
        self._ledger = Ledger(origin)
        self._frontier = Frontier()
        self._doubtful = False
        self._forgotten = 0
        self._checked: OrderedDict[int, CustodyEvent] = OrderedDict()
        self._lock = threading.RLock()

    def follow(self) -> Ledger:
        """Read what the log has gained and return the ledger; C40 when it does not lead to the signed root.

        An entry that the rules refuse counts as read and has no effect: the log cannot be changed, and the
        audit names it. `refused` in the ledger lists such entries.
        """
        with self._lock:
            point = self._log.checkpoint()
            self._follow_to(point.size)
            self._check_root(point)
            return self._ledger

    def _check_root(self, point: Checkpoint) -> None:
        """Hold what was read against a checkpoint of just that size."""
        if self._frontier.size == point.size and self._frontier.root() != point.root:
            self._doubtful = True
            raise CustodyError("C40", "the log's entries do not lead to its signed root", found=point.size)

    def checked(self, index: int) -> CustodyEvent:
        """Return the event logged at `index`, its entry held against its tile and its signatures checked.

        What was checked once is remembered: the log never changes what it holds.
        """
        with self._lock:
            event = self._checked.get(index)
        if event is None:
            ledger = self.follow()
            entry = parse_entry(self._log.entry(index))
            check_signatures(ledger, entry, self._verify, index=index)
            event = entry.event
        with self._lock:
            self._checked[index] = event
            self._checked.move_to_end(index)
            while len(self._checked) > REMEMBERED_EVENTS:
                self._checked.popitem(last=False)
        return event

    def writing(self) -> AbstractContextManager[None]:
        """Hold off `recover` while bodies and rows are staged; enter it before the first durable write."""
        return self._staging.shared(self._log.checkpoint().size)

    @contextmanager
    def still(self, *, patience_seconds: float) -> Iterator[Ledger]:
        """Keep the log as it is while inside, and yield what it says.

        Nobody is between logging and confirming either, unless a deposit outlasts the patience: then rows may
        be staged whose events are logged, as after a crash, and `recover` puts them right.
        """
        with self._staging.exclusive_within(patience_seconds), self._log.still():
            yield self.follow()

    def record(self, signed: Sequence[Signed], **rows: Any) -> Recorded:
        """Stage `rows` (as `Catalogue.stage` takes them), log the entries, publish, confirm; all or nothing.

        Raises CustodyError when the rules refuse an entry; then nothing is staged or logged.
        """
        events, touched = [one.event for one in signed], set[tuple[Id, int]]()
        refused: CustodyError | None = None
        with self.writing():
            self._catalogue.stage(**rows)
            try:
                appended = self._log.append(
                    [one.entry for one in signed], check=lambda first: self._hold(first, signed, touched)
                )
            except BaseException as fault:
                self._settle(events)
                if not isinstance(fault, CustodyError):
                    raise
                refused = fault
            else:
                first = appended.first_index
                self._catalogue.confirm(
                    {event: first + offset for offset, event in enumerate(events)},
                    item_events=touched,
                )
                self._forget(first)
        # Outside, so that a writer who was refused, and whose rows are gone, leaves nothing to be tidied.
        if refused is not None:
            raise refused
        return Recorded(first, appended.checkpoint)

    def place(self, headers: Headers) -> None:
        """Put logged headers of a new epoch where the old ones are; repeating it is harmless.

        Only those that are in force now: what was destroyed or sealed again meanwhile stays as it is.
        """
        while True:
            with headers.changing() as replace_all:
                rows = self._catalogue.pending.some(_PLACED_AT_ONCE)
                bodies = self.follow().bodies
                fit = [row for row in rows if row.body in bodies and bodies[row.body].header == row.digest]
                replace_all({row.body: row.header for row in fit})
                self._catalogue.pending.place(rows, {row.digest for row in fit})
            if len(rows) < _PLACED_AT_ONCE:
                return

    def _forget(self, since: int) -> None:
        """Remove the rows of what entries from `since` on replaced or destroyed; repeating it is harmless."""
        ledger = self.follow()
        items = [item for item, index in ledger.destroyed.items() if index >= since]
        gone = ledger.gone[self._forgotten :] if since else ledger.gone
        if items or gone:
            self._catalogue.forget(items, gone)
        self._forgotten = len(ledger.gone)

    def _settle(self, events: list[Id]) -> None:
        """Discard the rows of a failed append, unless its entries were published all the same."""
        self._doubtful = True
        if not self.follow().events.keys() & set(events):
            self._catalogue.discard(events)

    def recover(self, objects: Objects, headers: Headers) -> int:
        """Confirm staged rows whose events are logged, discard the others; return how many bodies had no row.

        What nothing refers to is removed: bodies, headers, and bodies half written. Does nothing while
        another process is writing, nor when every writer ended well.
        """
        with self._staging.exclusive_or_nothing() as alone:
            marks = self._staging.marks() if alone else {}
            staged = self._catalogue.staged_events() if alone else set()
            if not alone or not (marks or staged or self._catalogue.pending.any()):
                return 0
            logged = self.follow().events
            found = {event: logged[event] for event in staged if event in logged}
            since = min((*marks.values(), *found.values(), self._ledger.size))
            self._catalogue.confirm(found, item_events=list(self._concerned(since)))
            self._catalogue.discard(staged - found.keys())
            self._forget(0)
            self.place(headers)
            swept = self._sweep(objects, headers)
            self._log.tidy()
            for mark in marks:
                mark.unlink(missing_ok=True)
        return swept

    def tidy(self, objects: Objects, headers: Headers) -> int:
        """Do what `recover` does as if a writer who began with the log had died."""
        self._staging.leave_mark()
        return self.recover(objects, headers)

    def _concerned(self, since: int) -> Iterator[tuple[Id, int]]:
        """Tell again which items the entries concern, which a crash may have kept from being noted."""
        ledger = self.follow()
        for index, entry in enumerate(self._log.entries(since), since):
            for item in ledger.concerned(parse_entry(entry).event):
                yield item, index

    def _sweep(self, objects: Objects, headers: Headers) -> int:
        """Remove every body and header that neither log nor catalogue knows; nobody is writing.

        A logged body whose row was lost is evidence still, so the log alone keeps it.
        """
        known = {row.body for row in self._catalogue.renditions.each()}
        known.update(one.sealed.body for one in self.follow().renditions.values())
        surplus = {*objects.digests(), *headers.bodies()} - known
        for body in surplus:
            headers.delete(body)
            objects.delete(body)
        headers.sweep()
        objects.sweep(older_than_seconds=0, now=math.inf)
        return len(surplus)

    def _hold(self, first_index: int, signed: Sequence[Signed], touched: set[tuple[Id, int]]) -> None:
        """Apply entries that are about to be appended at `first_index`; the log's lock is held.

        Put into `touched` which items they concern.
        """
        touched.clear()
        with self._lock:
            if self._ledger.size > first_index:
                self._doubtful = True
            self._follow_to(first_index)
            self._check_root(self._log.checkpoint())
            for index, one in enumerate(signed, first_index):
                try:
                    parsed = parse_entry(one.entry)
                    apply(self._ledger, parsed, self._verify)
                    touched.update((item, index) for item in self._ledger.concerned(parsed.event))
                    self._frontier.append(leaf_hash(one.entry))
                except BaseException:
                    self._doubtful = True
                    raise

    def _follow_to(self, size: int) -> None:
        if self._doubtful:
            self._ledger, self._frontier = Ledger(self._origin), Frontier()
            self._doubtful, self._forgotten = False, 0
        if self._ledger.size < size:
            for data in self._log.entries(self._ledger.size, size):
                self._frontier.append(leaf_hash(data))
                self._take_in(data)

    def _take_in(self, data: bytes) -> None:
        index = self._ledger.size
        try:
            apply(self._ledger, entry_of(json.loads(data)), self._verify)
        except (CustodyError, ValueError) as fault:
            if index == 0:
                raise
            self._ledger.size = index + 1
            self._ledger.refused.append((index, getattr(fault, "code", "C53")))
