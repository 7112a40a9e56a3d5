"""docs/records.md describes what the code does."""

import json
import re
from pathlib import Path

from archive.records import load_description, load_record, record_types, references, resolve_local
from archive.records.registry import SCHEMAS
from archive.records.walk import field_names
from archive.uses import Use
from archive.vocabulary import vocabulary

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "records.md").read_text(encoding="utf-8")
EXAMPLE, DESCRIPTION = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))


def test_the_table_lists_every_record_type():
    assert re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE) == list(record_types())


def test_the_worked_example_loads_and_all_its_references_lead_somewhere():
    resolved = resolve_local(EXAMPLE)
    ids = {record["id"] for record in resolved}
    for record in resolved:
        data = load_record(record["type"], record["data"])
        assert {target for _, target in references(record["type"], data)} <= ids


def test_the_described_deposit_may_go_to_court():
    assert Use.COURT in load_description(DESCRIPTION, ["a.txt"])["a.txt"].uses()


def test_every_field_label_is_used():
    used = frozenset().union(*(field_names(schema()) for schema in SCHEMAS))
    assert set(vocabulary("fields")) == used
