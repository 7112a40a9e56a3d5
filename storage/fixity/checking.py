"""Comparing every body and header in every store with what the log says of it now.

What is not as logged is looked at a second time while nobody may change headers: in between, an item may have
been destroyed or sealed again, lawfully.

1. Every header is hashed and held against the one in force. 2. Every body, or a sample, is hashed and held
against its name; of the others only their presence is. 3. What is there and was destroyed is a fault; what
nothing refers to is counted, for a deposit may be under way. 4. What was not as logged is looked at once more
at the end.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from archive.audit_bodies import Sample
from archive.digests import Digest
from archive.errors import FixityError
from archive.findings import Progress
from archive.ids import Id
from archive.ledger import Ledger
from storage.catalogue.pending import PendingHeaders
from storage.copies.stores import Store, Stores, passing_over
from storage.custody import Custody
from storage.fixity.findings import Findings, Shortfall, Tally
from storage.fixity.journal import Journal
from storage.fixity.pace import Pace
from storage.fixity.reading import Reader

_PATIENCE_SECONDS: Final = 10.0

#: Puts one thing right, and says whether it could; without one nothing is changed.
Repair = Callable[[Store, Shortfall], bool]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an open archive that a check reads."""

    stores: Stores
    custody: Custody
    pending: PendingHeaders


@dataclass(slots=True)
class Check:
    """One run over all stores that are there."""

    parts: Parts
    findings: Findings
    pace: Pace
    progress: Progress
    sample: Sample | None = None
    journal: Journal | None = None
    repair: Repair | None = None
    _ledger: Ledger = field(init=False)
    _reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self._ledger = self.parts.custody.follow()
        self._reader = Reader(self.pace)

    def run(self, only: Store | None = None) -> Findings:
        """Compare all stores, or one; return what was found."""
        stores = [only] if only is not None else self._stores()
        wanted = self._wanted()
        chosen = set(wanted) if self.sample is None else self.sample.choose(wanted)
        with closing(self._reader):
            for number, store in enumerate(stores):
                tally = self.findings.tally(store.copy)
                if not tally.done:
                    self._compare_all(store, tally, wanted, chosen, before=(number, len(stores)))
                    self._surplus(store, tally)
                    tally.done = True
                self._tell(tally, now=True)
            self._settle({store.copy: store for store in stores})
        return self.findings

    def _stores(self) -> list[Store]:
        found = [self.parts.stores.own]
        for copy in self.parts.stores.copies():
            try:
                found.append(copy.store())
            except FixityError:
                self.findings.unreached.append(copy.copy)
        return found

    def _wanted(self) -> list[Digest]:
        return sorted(one.sealed.body for one in self._follow().renditions.values())

    def _follow(self) -> Ledger:
        """Return what the log says now, and go by that from here on."""
        self._ledger = self.parts.custody.follow()
        return self._ledger

    def _compare_all(
        self,
        store: Store,
        tally: Tally,
        wanted: list[Digest],
        chosen: set[Digest],
        *,
        before: tuple[int, int],
    ) -> None:
        """Compare what is wanted in one store; `before` says how many stores were, and how many there are."""
        total = before[1] * len(wanted)
        left = [body for body in wanted if body > tally.after]
        ahead = iter(left[1:])
        for done, body in enumerate(left, start=(before[0] + 1) * len(wanted) - len(left) + 1):
            following = next(ahead, None)
            if following in chosen:
                self._reader.prepare(store, following)
            self._compare(store, body, tally, whole=body in chosen)
            self.progress("bodies and headers", done, total)

    def _compare(self, store: Store, body: Digest, tally: Tally, *, whole: bool) -> None:
        fault = self._header(store, body)
        if fault is None or fault.code != "F42":
            tally.headers += 1
        if fault is not None:
            self._doubt(store, fault)
        fault = self._body(store, body, whole=whole)
        tally.bodies += whole and (fault is None or fault.code != "F40")
        if fault is not None:
            self._doubt(store, fault)
        tally.after = body
        self._tell(tally)

    def _tell(self, tally: Tally, *, now: bool = False) -> None:
        if self.journal is not None:
            self.journal.reached(tally, now=now)

    def _header(self, store: Store, body: Digest) -> Shortfall | None:
        """Compare a header with what the log is known to say; None where it is as logged."""
        known = self._ledger.bodies.get(body)
        if known is None:
            return None
        try:
            found = self._reader.header(store, body)
        except FixityError as fault:
            code = "F42" if fault.code == "F03" else fault.code
            return Shortfall(store.copy, "header", body, code, known.header)
        if found == known.header:
            return None
        return Shortfall(store.copy, "header", body, "F43", known.header, found)

    def _body(self, store: Store, body: Digest, *, whole: bool) -> Shortfall | None:
        try:
            if not whole:
                store.objects.size(body)
                return None
            found = self._reader.body(store, body)
        except FixityError as fault:
            return Shortfall(store.copy, "body", body, "F40" if fault.code == "F03" else fault.code, body)
        return None if found == body else Shortfall(store.copy, "body", body, "F41", body, found)

    def _doubt(self, store: Store, fault: Shortfall) -> None:
        """Note what is not as logged, unless it was moved lawfully; put it right where that is wanted."""
        again = self._again(store, fault)
        if again is not None:
            self._note(store, again)

    def _again(self, store: Store, fault: Shortfall) -> Shortfall | None:
        """Look again while nobody may change headers, at what the log says now."""
        with self.parts.stores.own.headers.changing():
            known = self._follow().bodies.get(fault.body)
            if known is None:
                return None
            if fault.part == "body":
                return fault
            found = self._header(store, fault.body)
            waits = self.parts.pending.get(fault.body, known.header) is not None
            return None if found is None or (waits and found.code == "F43") else found

    def _note(self, store: Store, fault: Shortfall) -> None:
        tally = self.findings.tally(store.copy)
        if not self.findings.takes(fault):
            tally.unnamed += 1
            tally.unnamed_repaired += self.repair is not None and self.repair(store, fault)
            return
        self.findings.add(fault)
        # Before it is put right: a crash in between leaves it noted.
        self._write(fault)
        if self.repair is not None and self.repair(store, fault):
            fault.repaired = True
            self._write(fault)

    def _write(self, fault: Shortfall) -> None:
        if self.journal is not None:
            self.journal.note(fault)

    def _surplus(self, store: Store, tally: Tally) -> None:
        """Note what is there and was destroyed, headers before bodies; count what is unknown."""
        ledger, again = self._follow(), list[Shortfall]()
        known = {one.sealed.body for one in ledger.renditions.values()}
        destroyed = destroyed_bodies(ledger)
        for part, names in (("header", store.headers.bodies()), ("body", store.objects.digests())):
            for body in names:
                if body in destroyed:
                    again.append(Shortfall(store.copy, part, body, "F56"))
                elif body not in known:
                    tally.surplus += 1
        if again:
            # Somebody may be just about to remove it.
            with self.parts.custody.still(patience_seconds=_PATIENCE_SECONDS):
                pass
        for fault in again:
            if _is_there(store, fault):
                self._note(store, fault)

    def _settle(self, stores: dict[Id | None, Store]) -> None:
        """Look once more at what is not as logged: the good copy may have come later in this run."""
        for fault in list(self.findings.shortfalls.values()):
            store = stores.get(fault.copy)
            if fault.repaired or store is None or self.repair is None:
                continue
            if self._holds(store, fault) or self.repair(store, fault):
                fault.repaired = True
                self._write(fault)

    def _holds(self, store: Store, fault: Shortfall) -> bool:
        """Say whether something is now as it should be."""
        if fault.code == "F56":
            return not _is_there(store, fault)
        if self._follow().bodies.get(fault.body) is None:
            return True
        if fault.part == "header":
            return self._header(store, fault.body) is None
        return self._body(store, fault.body, whole=True) is None


def _is_there(store: Store, fault: Shortfall) -> bool:
    """Say whether a body or header that should not be there is."""
    if fault.part == "body":
        return store.objects.has(fault.body)
    with passing_over():
        store.headers.get(fault.body)
        return True
    return False


def destroyed_bodies(ledger: Ledger, since: int = 0) -> set[Digest]:
    """Return the bodies of all items that were destroyed by entries from `since` on."""
    return {
        form.sealed.body
        for item, index in ledger.destroyed.items()
        if index >= since and item in ledger.tombstones
        for form in ledger.tombstones[item].renditions.values()
    }
