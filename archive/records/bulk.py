"""Records in bulk: each `{"type": …, "key": "#…", "id": …, "data": {…}}`, referring to each other by key.

A key lives in one file only. It stands wherever an identifier of another record may stand.
"""

import os
import re
from typing import Any

from archive.ids import Random, new_id
from archive.records.faults import Fault, FaultyRecord, join, kind_of
from archive.records.links import is_id
from archive.records.registry import record_types, schema_of
from archive.records.walk import rewrite

_KEY = re.compile(r"#[\w.-]{1,64}")
_MEMBERS = {"type", "key", "id", "data"}


def resolve_local(records: object, random: Random = os.urandom) -> list[dict[str, Any]]:
    """Return the records as `{"type", "id", "data"}`, each with an identifier and every key replaced by one.

    The data themselves are not yet judged: that is `load_record`'s work. Raises I12 (a `FaultyRecord`) with
    all malformed entries, repeated keys, unknown keys, and keys of a record of the wrong type.
    """
    if not isinstance(records, list):
        raise FaultyRecord("I12", "a file of records", [Fault("", "a list of records", kind_of(records))])
    faults = [
        fault for position, record in enumerate(records) for fault in _envelope(record, f"[{position}]")
    ]
    keys: dict[str, tuple[str, str]] = {}
    if not faults:
        keys, faults = _assign(records, random)
    if faults:
        raise FaultyRecord("I12", "a file of records", faults)
    return _resolve(records, keys, random)


def _envelope(record: object, path: str) -> list[Fault]:
    if not isinstance(record, dict):
        return [Fault(path, "an object", kind_of(record))]
    faults = [
        Fault(join(path, n), "one of type, key, id, data", kind_of(record[n]))
        for n in record.keys() - _MEMBERS
    ]
    checks = {
        "type": (record.get("type") in record_types(), f"one of {', '.join(record_types())}"),
        "key": ("key" not in record or _is_key(record["key"]), "# and up to 64 letters, digits, . _ -"),
        "id": (
            "id" not in record or (isinstance(record["id"], str) and is_id(record["id"])),
            "an identifier",
        ),
        "data": (isinstance(record.get("data"), dict), "an object"),
    }
    faults += [
        Fault(join(path, n), want, kind_of(record.get(n))) for n, (ok, want) in checks.items() if not ok
    ]
    return faults


def _is_key(value: object) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


def _assign(records: list[Any], random: Random) -> tuple[dict[str, tuple[str, str]], list[Fault]]:
    """Map each key to its record's type and identifier."""
    keys: dict[str, tuple[str, str]] = {}
    faults = []
    for position, record in enumerate(records):
        key = record.get("key")
        if key in keys:
            faults.append(Fault(f"[{position}].key", "a key of its own", "the key of an earlier record"))
        elif key is not None:
            keys[key] = (record["type"], record.get("id") or new_id(random))
    return keys, faults


def _resolve(
    records: list[dict[str, Any]], keys: dict[str, tuple[str, str]], random: Random
) -> list[dict[str, Any]]:
    faults: list[Fault] = []

    def replace(path: str, key: str, allowed: tuple[str, ...]) -> str:
        type_name, identifier = keys.get(key, ("", ""))
        if not identifier:
            faults.append(Fault(path, "the key of a record in this file", "an unknown key"))
        elif allowed and type_name not in allowed:
            faults.append(Fault(path, f"a record of type {' or '.join(allowed)}", f"one of type {type_name}"))
        return identifier

    resolved = []
    for position, record in enumerate(records):
        schema = schema_of(record["type"])
        identifier = keys[record["key"]][1] if "key" in record else record.get("id") or new_id(random)
        data = rewrite(schema, record["data"], replace, f"[{position}].data")
        resolved.append({"type": record["type"], "id": str(identifier), "data": data})
    if faults:
        raise FaultyRecord("I12", "a file of records", faults)
    return resolved
