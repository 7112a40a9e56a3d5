"""From index batches to documents: what each segment and each record is to be found by."""

from collections.abc import Iterable, Iterator

from archive.index_batches import IndexEntry
from search.engines.port import Document
from search.languages.guess import guess_language


def newest(entries: Iterable[IndexEntry]) -> list[IndexEntry]:
    """Return the last entry for each item and each record: it stands in place of all before it."""
    return list({holder(entry): entry for entry in entries}.values())


def holder(entry: IndexEntry) -> str:
    """Return under what an entry's documents are kept, and deleted when a newer one comes: item or record."""
    return entry.item or entry.subject


def documents(entries: Iterable[IndexEntry]) -> Iterator[Document]:
    """Yield the documents of index entries; an item without text still has one, for its title and names."""
    for entry in entries:
        segments = entry.segments or [("", "")]
        for ordinal, (locator, text) in enumerate(segments):
            yield _document(entry, ordinal, locator, text)


def _document(entry: IndexEntry, ordinal: int, locator: str, text: str) -> Document:
    names = entry.names
    return Document(
        key=f"{entry.subject}/{ordinal}",
        item=holder(entry),
        kind=entry.kind,
        rendition=entry.subject,
        locator=locator,
        language=entry.language or guess_language(text or entry.title) or "",
        title=entry.title if ordinal == 0 else "",
        text=text,
        perpetrators=tuple(names.get("perpetrator", ())),
        victims=tuple(names.get("victim", ())),
        institutions=tuple(names.get("institution", ())),
        places=tuple(names.get("place", ())),
        acts=tuple(names.get("act", ())),
        refs=(f"item:{holder(entry)}", *entry.refs),
        date_from=entry.date_from,
        date_to=entry.date_to,
        order=entry.order,
    )
