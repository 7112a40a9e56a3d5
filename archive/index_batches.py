"""Index batches: what `ingest` leaves, sealed, for whoever next opens a compartment's index.

A batch is JSON: entries of two sorts. A `segments` entry is an item's text with what its description says; a
`record` entry is one catalogue record by its names and references. Batches are derived and disposable: all of
it can be made again from sealed renditions and records.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from archive.errors import IntakeError
from archive.ids import Id

#: Named parts of a description that are searchable by field.
NAMED = ("perpetrator", "victim", "institution", "place", "act")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One item's text, or one record, to be indexed.

    `kind` is `segment` or `record`; `subject` is the rendition or the record; `names` maps the fields of
    `NAMED` to names as written; `refs` are `role:id`; dates are day ordinals; segments are (locator, text).
    """

    kind: str
    subject: Id
    item: str
    order: int
    language: str | None
    title: str
    names: dict[str, list[str]]
    refs: list[str]
    date_from: int | None
    date_to: int | None
    segments: list[tuple[str, str]]


def format_batch(entries: Iterable[IndexEntry]) -> bytes:
    """Write a batch."""
    return json.dumps(
        [asdict(entry) for entry in entries], ensure_ascii=False, separators=(",", ":")
    ).encode()


def parse_batch(data: bytes) -> list[IndexEntry]:
    """Read a batch (I05 when malformed)."""
    try:
        return [_entry(value) for value in json.loads(data)]
    except (ValueError, TypeError, KeyError):
        raise IntakeError("I05", "a malformed index batch") from None


def _entry(value: dict[str, Any]) -> IndexEntry:
    segments = [(locator, text) for locator, text in value.pop("segments")]
    return IndexEntry(segments=segments, **value)
