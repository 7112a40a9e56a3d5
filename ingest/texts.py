"""What follows an accession while the plaintext is in memory: its text, sealed, and an entry for the index.

The archive's own agent records both. A file that yields no text, or a parser that crashes, is an outcome
recorded on the item; the original is safe before any of this starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.access.parts import Archive
from archive.author import Signed
from archive.canonical import format_json
from archive.codec import b64
from archive.digests import SALT_BYTES, Digest, commit
from archive.events import format_moment
from archive.ids import Id, new_id
from archive.index_batches import IndexEntry, format_batch
from archive.kinds import Kind, Outcome, RenditionKind
from archive.records import Description
from archive.records.indexing import item_entry
from ingest.accession import rendition_row
from ingest.extraction import Extraction
from ingest.receive import Target, seal_bytes
from keys.sealing import seal
from storage.catalogue.rows import BatchRow, RenditionRow

_OUTCOMES = {"success": Outcome.SUCCESS, "not-text": Outcome.SUCCESS, "waiting": Outcome.WARNING}


@dataclass(frozen=True, slots=True)
class Derived:
    """What extraction adds to an item: events and a rendition to commit, and an entry for the index."""

    signed: tuple[Signed, ...]
    renditions: tuple[RenditionRow, ...]
    entry: IndexEntry


def derive(
    archive: Archive, target: Target, item: Id, extraction: Extraction, described: Description
) -> Derived:
    """Seal the text of an item as a rendition and record the outcome; nothing is logged yet."""
    author = archive.archive_author
    outcome = _OUTCOMES.get(extraction.outcome, Outcome.FAIL)
    detail = extraction.outcome if outcome is Outcome.SUCCESS else extraction.detail or extraction.outcome
    signed = [author.write(Kind.EXTRACTION, {"item": item, "outcome": outcome.value, "detail": detail})]
    subject, rows = item, list[RenditionRow]()
    if extraction.segments:
        event, row = text_form(archive, target, item, extraction, language=described.data.get("language"))
        signed.insert(0, event)
        rows.append(row)
        subject = row.rendition
    entry = item_entry(item, subject, described.data, segments_of(extraction))
    return Derived(tuple(signed), tuple(rows), entry)


def text_form(
    archive: Archive,
    target: Target,
    item: Id,
    extraction: Extraction,
    *,
    language: str | None,
    source: Id | None = None,
) -> tuple[Signed, RenditionRow]:
    """Seal the text of an item, or of another form of it (`source`), and write the event that adds it."""
    rendition = new_id(archive.random)
    plain, commitment = _text_rendition(archive, item, rendition, extraction, language)
    sealed = seal_bytes(plain, target)
    event = archive.archive_author.write(
        Kind.RENDITION,
        {
            "item": item,
            "rendition": rendition,
            "kind": RenditionKind.TEXT.value,
            "sealed": sealed.as_data(),
            "sha256": commitment,
            "uses": None,
            "source": source,
            "reason": None,
            "proposal": None,
        },
    )
    row = rendition_row(
        rendition, item, RenditionKind.TEXT, sealed=sealed, size_bytes=len(plain), event=event.event
    )
    return event, row


def segments_of(extraction: Extraction) -> list[tuple[str, str]]:
    """Return the segments as (locator, text)."""
    return [(segment.locator, segment.text) for segment in extraction.segments]


def _text_rendition(
    archive: Archive, item: Id, rendition: Id, extraction: Extraction, language: str | None
) -> tuple[bytes, Digest]:
    """Return the bytes of a text rendition, which name what they are and carry a salt, and the commitment."""
    salt = archive.random(SALT_BYTES)
    value = {
        "v": 1,
        "kind": "text",
        "archive": archive.archive,
        "item": item,
        "rendition": rendition,
        "salt": b64(salt),
        "language": language,
        "metadata": dict(extraction.metadata),
        "segments": [{"locator": locator, "text": text} for locator, text in segments_of(extraction)],
    }
    plain = format_json(value)
    return plain, commit(salt, "sha256", Digest.of(plain).raw)


def seal_batch(archive: Archive, target: Target, entries: Sequence[IndexEntry]) -> tuple[Signed, BatchRow]:
    """Seal an index batch to the compartment, and write the event that makes it count and visible."""
    sealed = seal(format_batch(entries), [target.recipient], random=archive.random)
    data = {"compartment": target.compartment, "batch": Digest.of(sealed.body)}
    signed = archive.archive_author.write(Kind.INDEXING, data)
    row = BatchRow(
        batch=new_id(archive.random),
        compartment=target.compartment,
        epoch=target.epoch,
        header=sealed.header,
        content=sealed.body,
        created_at=format_moment(archive.clock()),
        event=signed.event,
    )
    return signed, row
