"""Destroying what came in a pack: nothing that opens its commitments is left, here or in a backup."""

import io
from dataclasses import replace

import pytest
from backup_driver import run_backup, run_restore
from founded import audited, founded_house, opened_house, refusal
from packing_people import altered, card_of, packed

from archive.access import preserving
from archive.access.ending import ending
from archive.access.pack_receipts import receipts_by_code
from archive.nouns import Action
from archive.packs import format_head
from ingest.confirmation import confirm
from ingest.submission import submit

NAMES = {"first.txt": b"the first statement", "second.txt": b"the second statement"}


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as house:
        house.grant("anna", Action.DESTROY, purposes=())
        yield house


def handed_in(house):
    data, made = packed(card_of(house.archive), NAMES)
    submit(house.archive, io.BytesIO(data))
    return data, made


def destroyed(house, item):
    records = [one.record for one in ending(house.archive, house.anna, item).records]
    preserving.order(house.archive, house.anna, item, "she asked for it", delay_days=0, records=records)
    assert preserving.carry_out(house.archive).items == (item,)


def under_the_id_of(made):
    def renamed(parts, manifest):
        head = replace(manifest.head, deposit=made.head.deposit)
        parts["pack.json"] = format_head(head)
        return replace(manifest, head=head)

    return renamed


def row_of(house, made):
    return house.archive.catalogue.packs.get(made.head.deposit)


@pytest.mark.parametrize("look", [False, True])
def test_what_opens_the_commitments_goes_with_the_first_item_that_is_destroyed(house, tmp_path, look):
    data, made = handed_in(house)
    row = row_of(house, made)
    if look:
        confirm(house.archive, house.anna, house.extractor, made.items[0])
    assert set(receipts_by_code(house.archive, made.code)) == set(made.items)
    assert ending(house.archive, house.anna, made.items[0]).packed
    destroyed(house, made.items[0])
    assert row_of(house, made) is None
    with refusal("A22"):
        receipts_by_code(house.archive, made.code)
    assert not holds(tmp_path / "archive", row.content)
    # The other item is there as before, and is confirmed.
    assert confirm(house.archive, house.anna, house.extractor, made.items[1]).differences == ()
    assert audited(house.folder).outcome == "verified"
    # What was destroyed does not come again, nor another pack under its id.
    with refusal("I89"):
        submit(house.archive, io.BytesIO(data))
    with refusal("I89"):
        submit(house.archive, io.BytesIO(altered(packed(card_of(house.archive))[0], under_the_id_of(made))))
    destroyed(house, made.items[1])
    with refusal("I89"):
        submit(house.archive, io.BytesIO(data))
    assert audited(house.folder).faults == ()


def test_a_claim_is_held_and_not_destroyed_meanwhile(house):
    _data, made = handed_in(house)
    preserving.hold(house.archive, house.anna, made.items[0], "a court asked for it")
    with refusal("C58"):
        preserving.order(house.archive, house.anna, made.items[0], "all the same", delay_days=0)


def test_a_restored_backup_holds_packs_and_nothing_of_a_destroyed_one(house, tmp_path):
    kept, gone = handed_in(house), handed_in(house)
    run_backup(house.archive, tmp_path / "disk")
    content = row_of(house, gone[1]).content
    assert holds(tmp_path / "disk", content)
    run_restore(tmp_path / "disk", tmp_path / "before")
    with opened_house(tmp_path / "before") as again:
        assert set(receipts_by_code(again.archive, gone[1].code)) == set(gone[1].items)
        confirm(again.archive, again.anna, again.extractor, gone[1].items[0])
    assert audited(tmp_path / "before").outcome == "verified"
    destroyed(house, gone[1].items[0])
    assert not holds(tmp_path / "disk", content)
    restored = run_restore(tmp_path / "disk", tmp_path / "after")
    assert restored.destroyed == 1
    with opened_house(tmp_path / "after") as again:
        assert gone[1].items[0] not in again.archive.ledger().items
        assert row_of(again, gone[1]) is None
        assert set(receipts_by_code(again.archive, kept[1].code)) == set(kept[1].items)
    assert audited(tmp_path / "after").outcome == "verified"


def holds(folder, data):
    return any(data in path.read_bytes() for path in folder.rglob("*") if path.is_file())
