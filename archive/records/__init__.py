"""The record types of the catalogue: what may be said, in which spelling, and what refers to what.

Nothing here touches the disk, a key or the log. A new record type needs one schema class, named in
`registry.SCHEMAS`, and labels in `archive/vocab/record-types.json` and `archive/vocab/fields.json`.
"""

from archive.records.bulk import resolve_local
from archive.records.dates import date_bounds
from archive.records.description import Description, consent_state, flags_of, given_alone, load_description
from archive.records.faults import Fault, FaultyRecord
from archive.records.registry import (
    FieldLabel,
    describe_fields,
    load_record,
    mentions_of,
    names_of,
    record_types,
    references,
    title_of,
)

__all__ = [
    "Description",
    "Fault",
    "FaultyRecord",
    "FieldLabel",
    "consent_state",
    "date_bounds",
    "describe_fields",
    "flags_of",
    "given_alone",
    "load_description",
    "load_record",
    "mentions_of",
    "names_of",
    "record_types",
    "references",
    "resolve_local",
    "title_of",
]
