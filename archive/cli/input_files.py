"""Reading what people wrote: JSON, JSON Lines and CSV, with faults named by line and never by content."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from archive.cli.failing import reason_of
from archive.errors import IntakeError

_LARGEST_BYTES: Final = 256 << 20
_DELIMITERS: Final = ",;\t"


def load_json(path: Path) -> Any:
    """Read a JSON file (I79 for anything else)."""
    return _parse(_text(path), 0)


def load_json_lines(path: Path) -> list[Any]:
    """Read one JSON value a line; empty lines are passed over."""
    lines = _text(path).split("\n")
    return [_parse(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def load_csv(path: Path, mapping: object) -> list[dict[str, Any]]:
    """Read records from a table. `mapping` is `{"type": …, "columns": {column: field path}}`, and may say
    under `"always"` what every record holds, as `{field path: value}`.

    A field path is `a.b` for a field in a field and `a.0` for a place in a list. Empty cells are left out.
    """
    type_name, columns, always = _mapping(mapping)
    text = _text(path)
    if not text.strip():
        raise IntakeError("I79", "the table is empty")
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        missing = set(columns) - set(rows.fieldnames or ())
        if missing:
            raise IntakeError("I79", "columns of the mapping that the table lacks", found=len(missing))
        return [{"type": type_name, "data": _record(row, columns, always)} for row in rows]
    except csv.Error:
        raise IntakeError("I79", f"not a table: broken at line {rows.line_num}", expected="CSV") from None


def load_bytes(path: Path, largest_bytes: int) -> bytes:
    """Read a file of at most so many bytes (I79 for a longer one, or one that cannot be read)."""
    try:
        with path.open("rb") as file:
            data = file.read(largest_bytes + 1)
    except OSError as fault:
        raise IntakeError("I79", "the file cannot be read", found=reason_of(fault)) from None
    if len(data) > largest_bytes:
        raise IntakeError("I79", "the file is too large", expected=f"at most {largest_bytes} bytes")
    return data


def _text(path: Path) -> str:
    data = load_bytes(path, _LARGEST_BYTES)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise IntakeError("I79", f"the file is not text at line {line}", expected="UTF-8") from None


def _parse(text: str, line: int) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as fault:
        at = f"line {line or fault.lineno}, column {fault.colno}"
        raise IntakeError("I79", f"not JSON: {fault.msg.casefold()} at {at}") from None
    except (RecursionError, ValueError):
        raise IntakeError(
            "I79", "not JSON that can be taken", expected="plain numbers, moderate depth"
        ) from None


def _no_constant(_name: str) -> None:
    raise ValueError


def _mapping(value: object) -> tuple[str, Mapping[str, str], Mapping[str, str]]:
    given = value if isinstance(value, dict) else {}
    type_name, columns, always = given.get("type"), given.get("columns"), given.get("always", {})
    if not isinstance(type_name, str) or not columns or not (_are_texts(columns) and _are_texts(always)):
        raise IntakeError("I79", "not a mapping", expected='{"type": …, "columns": {column: field}}')
    return type_name, columns, always


def _are_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _record(
    row: Mapping[str, str | None], columns: Mapping[str, str], always: Mapping[str, str]
) -> dict[str, Any]:
    record: dict[str, Any] = {}
    cells = [(field, (row.get(column) or "").strip()) for column, field in columns.items()]
    for field, cell in [*always.items(), *cells]:
        if cell:
            _put(record, field.split("."), cell)
    return {name: _lists(value) for name, value in record.items()}


def _put(record: dict[str, Any], steps: list[str], cell: str) -> None:
    for step in steps[:-1]:
        below = record.setdefault(step, {})
        if not isinstance(below, dict):
            raise IntakeError("I79", "two columns of the mapping exclude each other")
        record = below
    record[steps[-1]] = cell


def _lists(value: Any) -> Any:
    """Make lists of what is numbered, in order; gaps close."""
    if not isinstance(value, dict):
        return value
    inner: dict[str, Any] = {name: _lists(below) for name, below in value.items()}
    if inner and all(name.isascii() and name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def rows_of(value: Any) -> Iterator[Any]:
    """Yield the records of a JSON file: those of a list, or the one there is."""
    yield from value if isinstance(value, list) else [value]
