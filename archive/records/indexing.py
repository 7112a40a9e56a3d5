"""What an item or a record is to be found by: from canonical record data to index entries."""

from collections.abc import Mapping
from typing import Any

from archive.ids import Id
from archive.index_batches import NAMED, IndexEntry
from archive.records.dates import date_bounds
from archive.records.registry import mentions_of, names_of, references, title_of

_FIELD_OF_ROLE = {f"{field}s": field for field in NAMED}
#: The index field in which a record of a type is searchable by its own names.
_FIELD_OF_TYPE = {"person": "perpetrator", "institution": "institution", "place": "place"}


def item_entry(
    item: Id, rendition: Id, data: Mapping[str, Any], segments: list[tuple[str, str]]
) -> IndexEntry:
    """Return the index entry of an item from its description and its text."""
    names: dict[str, list[str]] = {field: [] for field in NAMED}
    for role, name in mentions_of("item", dict(data)):
        if role in _FIELD_OF_ROLE:
            names[_FIELD_OF_ROLE[role]].append(name)
    return IndexEntry(
        kind="segment",
        subject=rendition,
        item=item,
        order=0,
        language=data.get("language"),
        title=data.get("title", ""),
        names=names,
        refs=[f"{role}:{ref}" for role, ref in references("item", dict(data))],
        date_from=_bounds(data)[0],
        date_to=_bounds(data)[1],
        segments=segments,
    )


def record_entry(record: Id, type: str, data: dict[str, Any]) -> IndexEntry:
    """Return the index entry of a record: its names, and its references as `role:id`.

    What was withdrawn connects nothing any more.
    """
    said = () if "withdrawn_on" in data else references(type, data)
    names: dict[str, list[str]] = {field: [] for field in NAMED}
    if type in _FIELD_OF_TYPE:
        names[_FIELD_OF_TYPE[type]] = list(names_of(type, data))
    return IndexEntry(
        kind="record",
        subject=record,
        item="",
        order=0,
        language=None,
        title=title_of(type, data),
        names=names,
        refs=[f"type:{type}", *(f"{role}:{ref}" for role, ref in said)],
        date_from=_bounds(data)[0],
        date_to=_bounds(data)[1],
        segments=[],
    )


def _bounds(data: Mapping[str, Any]) -> tuple[int | None, int | None]:
    return date_bounds(data["date"]["edtf"]) if "date" in data else (None, None)
