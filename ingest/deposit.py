"""Deposits: the one way in for files, one or thousands, by command line or web.

Files go through in groups: each is received and sealed durably; the group is logged at once; only then are
receipts given and texts extracted. A deposit may be stopped anywhere and repeated: what is there already is
recognised as the depositor's own and completed, never doubled.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from archive.access.grants import demand
from archive.access.keyring import current_recipient, find_label, keyring
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.ids import Id, new_id
from archive.nouns import Action
from archive.records import Description
from ingest.accession import Desk, duplicate_tags
from ingest.extraction import Extraction, Extractor
from ingest.files import unreadable, writable
from ingest.groups import Waiting, forget, log_group
from ingest.receive import Target, receive
from ingest.texts import derive, seal_batch

GROUP_FILES = 32
GROUP_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Handed:
    """One file handed in: what to call it, how to open it, and what is said about it."""

    name: str = field(repr=False)
    open: Callable[[], Any] = field(repr=False)
    description: Description = field(repr=False)
    path: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file. `status` is accessioned, duplicate or failed; `error` tells why it failed."""

    path: str
    status: str
    item: Id | None = None
    sha256: Digest | None = None
    blake3: Digest | None = None
    sealed_digest: Digest | None = None
    media_type: str | None = None
    size_bytes: int | None = None
    log_index: int | None = None
    receipt_code: str | None = None
    mismatch: bool = False
    error: SviedkaError | None = None


class Intake:
    """An open deposit of one agent into one compartment. Use it in a `with` block."""

    def __init__(
        self, archive: Archive, sitting: Sitting, label: str, extractor: Extractor, *, language: str = "en"
    ) -> None:
        held = find_label(keyring(archive, sitting), label)
        compartment = archive.ledger().compartments[held.compartment]
        author = pen(archive, sitting)
        demand(archive, author, Action.CONTRIBUTE, held.compartment)
        target = Target(
            archive.objects,
            archive.headers,
            held.compartment,
            compartment.epoch,
            current_recipient(compartment),
            archive.random,
        )
        self._archive = archive
        self._extractor = extractor
        self._sealed = compartment.sealed
        self._desk = Desk(archive, sitting, author, target, new_id(archive.random), language)

    def deposit(
        self, files: Iterable[Handed], *, on_bytes: Callable[[int], None] | None = None
    ) -> Iterator[Result]:
        """Take custody of each file; yield its result as soon as it is durable and logged."""
        group: list[Waiting] = []
        # Held to the end: bodies that wait for their group have no row yet, and are not leftovers.
        with self._archive.custody.writing():
            for handed in files:
                try:
                    group.append(self._receive(handed, on_bytes))
                except SviedkaError as fault:
                    yield Result(handed.path or handed.name, "failed", error=fault)
                except OSError as fault:
                    yield Result(handed.path or handed.name, "failed", error=unreadable(fault))
                if len(group) >= GROUP_FILES or sum(one.received.size_bytes for one in group) >= GROUP_BYTES:
                    yield from self._finish(group)
                    group = []
            yield from self._finish(group)

    def _receive(self, handed: Handed, on_bytes: Callable[[int], None] | None) -> Waiting:
        self._desk = _in_force(self._desk)
        name = writable(handed.name)
        with handed.open() as source:
            received = receive(source, self._desk.target, on_bytes=on_bytes)
        kind = self._extractor.identify(received.head, name=handed.name)
        return Waiting(
            handed.path or handed.name,
            name,
            handed.description,
            received,
            kind,
            duplicate_tags(self._desk, received),
        )

    def _finish(self, group: list[Waiting]) -> Iterator[Result]:
        """Log the group's new files together, give their results, then extract their texts."""
        try:
            try:
                log_group(self._desk, group)
            except SviedkaError as fault:
                yield from self._refused(group, fault)
                return
            yield from (self._result(one) for one in group)
            if not self._sealed:
                self._extract(group)
        finally:
            for one in group:
                if one.received.kept is not None:
                    os.close(one.received.kept)

    def _refused(self, group: list[Waiting], fault: SviedkaError) -> Iterator[Result]:
        """Forget a group that could not be logged, and say so of each file."""
        logged = self._archive.ledger().events
        if any(one.accession and one.accession.signed[0].event in logged for one in group):
            # Logged after all, only its rows are not confirmed: whoever next opens the archive does that.
            raise fault
        for one in group:
            forget(self._desk, one.received)
            yield Result(one.path, "failed", error=fault)

    def _result(self, one: Waiting) -> Result:
        received = one.received
        held = self._archive.ledger().items[one.item] if one.item else None
        original = held.original if held else None
        return Result(
            one.path,
            "accessioned" if one.accession else "duplicate",
            one.item,
            received.sha256,
            received.blake3,
            original.sealed.body if original else None,
            one.kind.media_type,
            received.size_bytes,
            held.index if held else None,
            one.accession.receipt_code if one.accession else None,
            one.kind.mismatch,
        )

    def _extract(self, group: list[Waiting]) -> None:
        """Extract, seal and queue the texts of the group; also of earlier items that were left without."""
        derived = []
        first: dict[Id | None, Waiting] = {}
        for one in group:
            first.setdefault(one.item, one)
        for item, one in first.items():
            if item is None or self._archive.ledger().items[item].extracted:
                continue
            derived.append(derive(self._archive, self._desk.target, item, self._text(one), one.description))
        if not derived:
            return
        signed = [event for one in derived for event in one.signed]
        queued, batch = seal_batch(self._archive, self._desk.target, [one.entry for one in derived])
        self._archive.custody.record(
            [*signed, queued], renditions=[row for one in derived for row in one.renditions], batches=[batch]
        )

    def _text(self, one: Waiting) -> Extraction:
        if one.received.kept is None:
            return Extraction("too-large", "input")
        os.lseek(one.received.kept, 0, os.SEEK_SET)
        return self._extractor.extract(one.received.kept, media_type=one.kind.media_type)


def _in_force(desk: Desk) -> Desk:
    """Return the desk with the recipient of the epoch now in force: a revocation may come at any time."""
    compartment = desk.archive.ledger().compartments[desk.target.compartment]
    if compartment.epoch == desk.target.epoch:
        return desk
    target = replace(desk.target, epoch=compartment.epoch, recipient=current_recipient(compartment))
    return replace(desk, target=target)
