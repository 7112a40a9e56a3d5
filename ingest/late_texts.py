"""Texts of originals that were taken in earlier: extracted, sealed and queued as at a deposit."""

import os
from collections.abc import Iterable

from archive.access.keyring import current_recipient
from archive.access.parts import Archive
from archive.nouns import Item
from archive.records import Description
from ingest.extraction import Extraction, Extractor
from ingest.receive import Kept, Target
from ingest.texts import derive, seal_batch


def extract_late(extractor: Extractor, chunks: Iterable[bytes], media_type: str) -> Extraction:
    """Extract the text of an original that was opened anew; too large is what does not fit into memory."""
    kept = Kept()
    try:
        for chunk in chunks:
            kept.add(chunk)
        if kept.descriptor is None:
            return Extraction("too-large", "input")
        os.lseek(kept.descriptor, 0, os.SEEK_SET)
        return extractor.extract(kept.descriptor, media_type=media_type)
    finally:
        kept.drop()


def add_text(archive: Archive, item: Item, extraction: Extraction, described: Description) -> bool:
    """Seal and log the text, and queue it for the index; return False where somebody else did meanwhile."""
    compartment = archive.ledger().compartments[item.compartment]
    target = Target(
        archive.objects,
        archive.headers,
        compartment.compartment,
        compartment.epoch,
        current_recipient(compartment),
        archive.random,
    )
    with archive.custody.writing():
        if archive.ledger().items[item.item].extracted:
            return False
        derived = derive(archive, target, item.item, extraction, described)
        queued, batch = seal_batch(archive, target, [derived.entry])
        archive.custody.record([*derived.signed, queued], renditions=derived.renditions, batches=[batch])
    return True
