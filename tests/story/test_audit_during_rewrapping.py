"""Auditing while another process seals everything again: whatever moves meanwhile is no fault."""

from dataclasses import replace

import destroying
import pytest
from driving import told
from founded import audited, found_house, leave_nothing, opened_house
from test_rewrap_killed import left_over, start

from archive.access import rewrapping
from archive.access.signin import pen
from archive.audit import audit
from archive.digests import Digest
from archive.kinds import Kind
from bench.rewrap import add_forms
from keys.signing import SigningKey, verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """An archive with enough in it that sealing it again takes as long as some audits."""
    folder = tmp_path_factory.mktemp("audited") / "archive"
    found_house(folder)
    with opened_house(folder) as house:
        item = house.deposit_one(house.documenter(), "Сведчанне").item
        add_forms(house.archive, house.anna, item, 3000)
        house.lawyer()
        house.revoke("lena")
    yield folder
    leave_nothing(folder)


def test_an_audit_while_another_process_seals_everything_again_names_no_fault(large):
    driver = start(large, 100)
    audits = 0
    while driver.poll() is None:
        report = audited(large)
        assert report.faults == (), report.faults[:3]
        audits += 1
    assert told(driver)[-1] == ["done", "0"]
    assert audits
    assert audited(large).outcome == "verified"
    with opened_house(large) as house:
        assert left_over(house) == 0


@pytest.fixture
def revoked(house):
    """Three testimonies, to be sealed again."""
    vera = house.documenter()
    house.lawyer()
    house.items = [house.deposit_one(vera, f"Сведчанне {number}").item for number in range(3)]
    house.revoke("lena")
    return house


def audit_of_before(house, act):
    """Audit an archive in which `act` is done between the reading of its log and of its stores."""
    with local_holdings(house.folder) as holdings:
        act()
        report = audit(holdings, verify_ed25519=verify_ed25519, verify_mldsa44=verify_mldsa44)
    return [fault.code for fault in report.faults]


def original(house, number):
    return house.archive.ledger().items[house.items[number]].original.sealed.body


def test_a_header_that_was_changed_besides_is_named_all_the_same(revoked):
    house = revoked

    def act():
        rewrapping.rewrap_compartment(house.archive, house.anna, "main")
        house.archive.headers.replace(original(house, 0), b"damaged")

    assert audit_of_before(house, act) == ["F43"]


def test_what_was_destroyed_meanwhile_is_not_missing(revoked):
    house = revoked
    body = original(house, 0)
    destroying.may_destroy(house)

    def act():
        destroying.destroy(house, house.items[0])

    assert audit_of_before(house, act) == []
    assert not house.archive.objects.has(body)


def test_a_later_entry_that_nobody_was_entitled_to_explains_nothing(revoked):
    """The attack: with the stolen key of the log, a header of one's own is logged while the audit goes on."""
    house, body = revoked, original(revoked, 0)
    header = house.archive.headers.get(body)
    forged = header[:-2] + (b"I\n" if header.endswith(b"A\n") else b"A\n")
    known = house.archive.ledger().bodies[body]
    data = {
        "compartment": known.holder,
        "epoch": house.archive.ledger().compartments[known.holder].epoch,
        "headers": [{"body": body, "header": Digest.of(forged)}],
    }
    thief = replace(pen(house.archive, house.anna), sign=SigningKey.generate().sign)

    def act():
        house.archive.log.append([thief.write(Kind.REWRAP, data).entry])
        house.archive.headers.replace(body, forged)

    assert audit_of_before(house, act) == ["F43"]
