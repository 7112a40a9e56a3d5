"""Holdings on their way to an auditor: lines of JSON, in the order of `PARTS`; the last one counts them.

Each line is `["part", value …]`: texts, numbers, null, and bytes as `{"b": base64}`. A row is a list in the
order of its table's columns in `COLUMNS`: what an audit compares, and nothing else; no key file leaves.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from archive.codec import b64, unb64
from archive.errors import CustodyError, IntakeError
from archive.holdings import Row

#: No line is longer: the receipts of the largest pack fit.
LONGEST_LINE_BYTES: Final = 32 << 20

_LOGGED: Final = ("event", "log_index")
_SEALED: Final = ("epoch", "header", "content")

#: The tables that an audit compares, and of each the columns that it compares.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "pending_headers": ("body", "digest", "epoch", "header", *_LOGGED),
    "agents": ("agent", "handle", "handle_salt", "role", *_LOGGED),
    "compartments": ("compartment", "companion_of", "sealed", *_LOGGED),
    "items": ("item", "compartment", "deposit", "depositor", *_LOGGED),
    "renditions": ("rendition", "item", "kind", "compartment", "epoch", "body", "size_bytes", *_LOGGED),
    "sealed": ("body", "kind", "subject", "version", "holder", *_SEALED, *_LOGGED),
    "packs": ("deposit", "compartment", "manifest", "signature", "header", "content", "code", *_LOGGED),
    "item_events": ("item", "log_index"),
}

#: What a line can hold, and how many values follow its name; rows have as many as their table has columns.
PARTS: Final[Mapping[str, int]] = {
    "settings": 1,
    "checkpoint": 1,
    #: The list of cosigners, or null, where cosigned checkpoints are shown at all; each of those by its size.
    "cosigners": 1,
    "cosigned": 2,
    "tile": 1,
    "integrity": 1,
    "leftover": 1,
    "stray": 1,
    **{f"row {table}": len(columns) for table, columns in COLUMNS.items()},
    "table": 1,
    "header": 2,
    "body": 1,
    #: What could not be read: the part, a code of the family F, and a message.
    "fault": 3,
    "end": 1,
}


def format_line(part: str, *values: Any) -> bytes:
    """Write one line."""
    plain = [{"b": b64(value)} if isinstance(value, bytes) else value for value in values]
    return json.dumps([part, *plain], separators=(",", ":")).encode() + b"\n"


def parse_line(line: bytes) -> tuple[str, list[Any]]:
    """Read one line; raise C38 for anything that `format_line` does not write."""
    try:
        part, *values = json.loads(line)
        read = [_value(value) for value in values]
        if not line.endswith(b"\n") or len(read) != PARTS[part]:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError, IntakeError):
        raise CustodyError("C38", "the mirror sends what is no part of an archive") from None
    return part, read


def row_of(table: str, values: list[Any]) -> Row:
    """Put a row's values under the names of its columns."""
    return dict(zip(COLUMNS[table], values, strict=True))


def _value(value: Any) -> Any:
    """Take a value as the catalogue could hold it: nothing that cannot be looked up, nothing nested."""
    if isinstance(value, dict):
        if value.keys() != {"b"}:
            raise ValueError
        return unb64(value["b"])
    if (value is not None and not isinstance(value, str | int | float)) or isinstance(value, bool):
        raise ValueError
    return value
