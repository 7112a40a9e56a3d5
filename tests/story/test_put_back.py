"""What was destroyed and is put back by hand is named by the audit, and opens for nobody who goes by the doors."""

import destroying
import pytest
from founded import audited, refusal


@pytest.fixture
def destroyed(house):
    """An item destroyed, and its bytes as somebody kept them."""
    item = house.deposit_one(house.documenter(), "Сведчанне").item
    house.lawyer()
    house.deposit_one(house.sign_in("vera"), "Яшчэ адно")
    body = house.archive.ledger().items[item].original.sealed.body
    with house.archive.objects.open(body) as file:
        kept = file.read()
    header = house.archive.headers.get(body)
    destroying.may_destroy(house)
    destroying.destroy(house, item)
    house.item, house.body, house.kept, house.header = item, body, kept, header
    return house


def put_back(house):
    with house.archive.objects.writer() as writer:
        writer.write(house.kept)
        writer.commit()


def test_a_body_put_back_after_its_destruction_is_named(destroyed):
    assert (audited(destroyed.folder).faults, audited(destroyed.folder).warnings) == ((), ())
    put_back(destroyed)
    report = audited(destroyed.folder)
    assert report.faults == ()
    assert [(one.code, one.object) for one in report.warnings] == [("F56", f"body {destroyed.body}")]


def test_with_its_header_it_is_a_fault_and_still_unknown_at_every_door(destroyed):
    put_back(destroyed)
    destroyed.archive.headers.put(destroyed.body, destroyed.header)
    report = audited(destroyed.folder)
    assert [(one.code, one.object) for one in report.faults] == [("F56", f"header {destroyed.body}")]
    with refusal("A20"):
        destroyed.read_original(destroyed.sign_in("lena"), destroyed.item)
