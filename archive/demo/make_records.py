"""Reads the records of the demo dossier and puts identifiers in the place of their keys.

The records of all compartments refer to each other and to the deposited items, so their keys are resolved
together; what comes back are four bulk files for `describe`, one for each compartment.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

from archive.demo.make_files import DOSSIER
from archive.ids import Id, Random
from archive.records.bulk import resolve_local

# Referred to by the later ones, so described first.
RECORD_COMPARTMENTS = ("authority", "main", "prisons", "main.identities")


def make_records(items: Mapping[str, Id], random: Random = os.urandom) -> dict[str, list[dict[str, Any]]]:
    """Return the records of each compartment as `{"type", "id", "data"}`.

    `items` gives the identifier of every deposited file by its `DemoFile.key`.
    """
    files = {name: _load(name) for name in RECORD_COMPARTMENTS}
    deposited = [{"type": "item", "key": f"#{key}", "id": item, "data": {}} for key, item in items.items()]
    resolved = iter(resolve_local(deposited + [r for records in files.values() for r in records], random))
    for _ in deposited:
        next(resolved)
    return {name: [next(resolved) for _ in records] for name, records in files.items()}


def _load(compartment: str) -> list[dict[str, Any]]:
    content = (DOSSIER / f"records-{compartment}.json").read_text(encoding="utf-8")
    return list(json.loads(content))
