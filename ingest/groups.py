"""The files of one group of a deposit: logged together, each once."""

import time
from dataclasses import dataclass, field

from archive.errors import FixityError
from archive.ids import Id
from archive.records import Description
from ingest.accession import Accession, Desk, prepare
from ingest.identify import Identified
from ingest.receive import Received
from storage.catalogue.rows import ItemRow

_TRIES = 20
_PAUSE_SECONDS = 0.1


@dataclass(slots=True)
class Waiting:
    """One received file of the group being gathered."""

    path: str = field(repr=False)
    name: str = field(repr=False)
    description: Description = field(repr=False)
    received: Received
    kind: Identified
    tags: tuple[bytes, ...]
    accession: Accession | None = None
    known: ItemRow | None = None

    @property
    def item(self) -> Id | None:
        """The item it became, or was before."""
        if self.accession is not None:
            return self.accession.item
        return self.known.item if self.known else None


def log_group(desk: Desk, group: list[Waiting]) -> None:
    """Log the new files. What the same depositor handed in before, or twice, counts once."""
    for left in reversed(range(_TRIES)):
        _prepare(desk, group)
        try:
            _record(desk, group)
            break
        except FixityError as fault:
            # Another process of the same depositor has one of these files in hand at this moment.
            if fault.code != "F21" or not left:
                raise
            time.sleep(_PAUSE_SECONDS)
    for one in group:
        if one.accession is None:
            one.known = _known(desk, one)
            forget(desk, one.received)


def _prepare(desk: Desk, group: list[Waiting]) -> None:
    first: set[bytes] = set()
    for one in group:
        one.accession, one.known = None, _known(desk, one)
        if one.known is None and one.tags[0] not in first:
            first.add(one.tags[0])
            one.accession = prepare(desk, one.name, one.received, one.kind, one.description)


def _known(desk: Desk, one: Waiting) -> ItemRow | None:
    """Return the depositor's earlier item of these bytes, if what was sealed then is still whole."""
    items = desk.archive.catalogue.items
    found = (items.by_duplicate(desk.sitting.id, tag) for tag in one.tags)
    row = next((row for row in found if row is not None), None)
    item = desk.archive.ledger().items.get(row.item) if row else None
    if item is None or item.depositor != desk.sitting.id:
        return None
    sealed = item.original.sealed
    return row if desk.archive.objects.has(sealed.body) else None


def _record(desk: Desk, group: list[Waiting]) -> None:
    new = [one.accession for one in group if one.accession is not None]
    if new:
        desk.archive.custody.record(
            [signed for accession in new for signed in accession.signed],
            items=[accession.item_row for accession in new],
            renditions=[accession.rendition_row for accession in new],
            sealed=[row for accession in new for row in accession.sealed_rows],
        )


def forget(desk: Desk, received: Received) -> None:
    """Remove a sealing that no row will refer to."""
    desk.archive.headers.delete(received.sealed.body)
    desk.archive.objects.delete(received.sealed.body)
