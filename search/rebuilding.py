"""Making an index again from sealed renditions and records, when it is damaged, lost, or outdated."""

from collections.abc import Iterator

from archive.access.keyring import Held, current_recipient
from archive.access.parts import Archive
from archive.digests import Digest
from archive.events import format_moment
from archive.ids import Id, new_id
from archive.index_batches import IndexEntry, format_batch
from archive.kinds import RenditionKind
from archive.nouns import Item
from archive.records.indexing import item_entry, record_entry
from keys.sealing import seal
from search.renditions import open_record, open_text
from search.sealed_index import Contents, announced, seal_manifest, sealed_files
from storage.catalogue.rows import BatchRow

ENTRIES_AT_ONCE = 500


def rebuild(archive: Archive, held: Held) -> int:
    """Throw a compartment's index away and queue everything in it anew; return how many entries.

    When another process changed the index meanwhile, nothing is thrown away: it can be opened as it is.
    """
    known = archive.catalogue.manifests.get(held.compartment)
    version = known.version if known else 0
    covers = frozenset(announced(archive, held.compartment))
    waiting = archive.catalogue.batches.of_compartment(held.compartment)
    total, batch = 0, list[IndexEntry]()
    rows: list[BatchRow] = []
    for entry in _entries(archive, held):
        batch.append(entry)
        total += 1
        if len(batch) >= ENTRIES_AT_ONCE:
            rows.append(_seal(archive, held, batch))
            batch = []
    if batch:
        rows.append(_seal(archive, held, batch))
    store = sealed_files(archive, held.compartment)
    with store.locked():
        queued = frozenset(Digest.of(row.content) for row in rows)
        empty = seal_manifest(archive, held, version + 1, Contents(covers=covers, queued=queued))
        swapped = archive.catalogue.manifests.restart(
            empty, replaces=known.version if known else None, waiting=waiting, queued=rows
        )
        if swapped:
            store.keep_only(set())
    return total


def _entries(archive: Archive, held: Held) -> Iterator[IndexEntry]:
    ledger = archive.ledger()
    for item in list(ledger.items.values()):
        # What came in a pack and nobody confirmed has no description, and is not found.
        if item.compartment == held.compartment and item.item in ledger.records:
            yield _described(archive, held, item, item.item)
        for form in list(item.renditions.values()):
            if form.kind == RenditionKind.REDACTION and form.sealed.holder == held.compartment:
                yield _described(archive, held, item, form.rendition)
    for head in list(ledger.records.values()):
        if head.sealed.holder == held.compartment and head.item is None:
            opened = open_record(archive, held, head)
            yield record_entry(head.record, opened["type"], opened["record"])


def _described(archive: Archive, held: Held, item: Item, name: Id) -> IndexEntry:
    """Return the entry of an item, or of a redaction, by its own description and its own text."""
    data = open_record(archive, held, archive.ledger().records[name])["record"]
    subject, segments = name, list[tuple[str, str]]()
    for form in item.renditions.values():
        if form.kind == RenditionKind.TEXT.value and form.sealed.holder == held.compartment:
            redaction = item.redaction_behind(form.rendition)
            if (redaction.rendition if redaction else item.item) == name:
                text = open_text(archive, held, form)
                subject = form.rendition
                segments = [(one["locator"], one["text"]) for one in text["segments"]]
    return item_entry(name, subject, data, segments)


def _seal(archive: Archive, held: Held, entries: list[IndexEntry]) -> BatchRow:
    compartment = archive.ledger().compartments[held.compartment]
    sealed = seal(format_batch(entries), [current_recipient(compartment)], random=archive.random)
    return BatchRow(
        new_id(archive.random),
        held.compartment,
        compartment.epoch,
        sealed.header,
        sealed.body,
        format_moment(archive.clock()),
    )
