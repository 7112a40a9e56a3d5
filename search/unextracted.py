"""Originals whose text was never looked for: of sealed compartments before they were opened, and of deposits
that a crash broke off. Who holds the key now opens them, for the parser host and for nobody else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.access.keyring import Held
from archive.access.parts import Archive
from archive.nouns import Item
from search.renditions import item_record, open_body, open_record


@dataclass(frozen=True, slots=True)
class Unextracted:
    """An original: what was written of it, the type of its file, and its plaintext, to be read to the end."""

    item: Item
    description: dict[str, Any] = field(repr=False)
    media_type: str
    chunks: Iterator[bytes] = field(repr=False)


def unextracted(archive: Archive, held: Held) -> Iterator[Unextracted]:
    """Yield those originals of a compartment that the identities held open.

    What came in a pack and was not confirmed waits for that. Raises FixityError for damaged bytes.
    """
    ledger = archive.ledger()
    for item in list(ledger.items.values()):
        waits = item.claimed or item.extracted or item.compartment != held.compartment
        if waits or item.original.sealed.epoch not in held.identities:
            continue
        record = open_record(archive, held, item_record(ledger, item.item))
        chunks = open_body(archive, held, item.original)
        yield Unextracted(item, record["record"], record["file"]["media_type"], chunks)
