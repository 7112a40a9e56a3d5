"""Rows and log entries that come true together, and what is tidied after those who did not end well."""

import io
import threading

import pytest
from founded import founded_house, opened_house

from archive.access.signin import pen
from archive.errors import CustodyError, SviedkaError
from archive.ids import new_id
from archive.kinds import Kind
from ingest.receive import Target, receive
from keys.identities import Identity
from storage.staging import StagingLock


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as opened:
        opened.documenter()
        yield opened


def left_over(house):
    """Store a body and a header as a deposit does that is killed before it is logged."""
    archive = house.archive
    recipient = Identity.generate(archive.random).recipient
    target = Target(archive.objects, archive.headers, new_id(archive.random), 1, recipient)
    return receive(io.BytesIO(b"left over"), target).sealed.body


def broken_off(house):
    try:
        with house.archive.custody.writing():
            body = left_over(house)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        return body


def bodies(house):
    return set(house.archive.objects.digests()) | set(house.archive.headers.bodies())


def test_a_body_without_a_row_is_removed_at_the_next_opening_after_a_crash(house):
    kept = house.deposit_one(house.sign_in("vera"), "kept").sealed_digest
    body = broken_off(house)
    half_written = house.folder / "headers" / body[:2] / f".{body}.0123456789abcdef.new"
    half_written.write_bytes(b"age-encryption.org/v1\n-> mlkem")
    (house.folder / "objects" / "partial" / "tmpabc").write_bytes(b"half a body")
    assert body in bodies(house)
    with opened_house(house.folder) as again:
        assert body not in bodies(again)
        assert kept in bodies(again)
    assert not half_written.exists()
    assert list((house.folder / "objects" / "partial").iterdir()) == []


def test_nothing_is_removed_while_anybody_writes(house):
    with house.archive.custody.writing():
        body = left_over(house)
        with opened_house(house.folder) as again:
            assert body in bodies(again)
        assert body in bodies(house)


def test_nothing_is_looked_for_when_everybody_ended_well(house):
    with house.archive.custody.writing():
        body = left_over(house)
    with opened_house(house.folder) as again:
        assert body in bodies(again)
    assert list(house.folder.glob("staging.lock.*")) == []


def test_what_a_refused_entry_staged_is_gone_at_once(house):
    vera = house.sign_in("vera")
    before = house.archive.catalogue.counts()
    signed = pen(house.archive, vera).write(
        Kind.REVOCATION,
        {
            "grant": new_id(house.archive.random),
            "reason": next(iter(house.archive.ledger().grants.values())).reason.as_data(),
        },
    )
    with pytest.raises(CustodyError):
        house.archive.custody.record([signed])
    assert house.archive.catalogue.counts() == before


def test_a_refused_entry_leaves_the_ledger_as_the_log_has_it(house):
    vera = house.sign_in("vera")
    good = house.deposit_one(vera, "one").item
    size = house.archive.log.checkpoint().size
    rights = house.archive.ledger().items[good].rights
    policy = {"item": good, "basis": "public", "uses": [], "consents": [], "reason": None}
    with pytest.raises(CustodyError, match="vanish"):
        house.archive.custody.record([pen(house.archive, vera).write(Kind.POLICY, policy)])
    ledger = house.archive.ledger()
    assert (ledger.size, ledger.items[good].rights) == (size, rights)


def test_many_threads_record_at_once_and_every_event_is_logged_once(house):
    vera, faults = house.sign_in("vera"), []

    def depositing(number):
        try:
            for turn in range(4):
                house.deposit_one(vera, f"said {number} {turn}")
        except SviedkaError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=depositing, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    ledger = house.archive.ledger()
    assert len(ledger.items) == 16
    assert sorted(ledger.events.values()) == list(range(ledger.size))
    assert house.archive.catalogue.counts()["staged"] == 0


def test_a_mark_says_how_long_the_log_was_and_outlives_only_a_bad_end(tmp_path):
    lock = StagingLock(tmp_path / "lock")
    with lock.shared(7):
        assert list(lock.marks().values()) == [7]
        with lock.shared(9), lock.exclusive_or_nothing() as alone:
            assert not alone
            assert sorted(lock.marks().values()) == [7, 9]
    assert lock.marks() == {}
    with pytest.raises(RuntimeError), lock.shared(11):
        raise RuntimeError
    assert list(lock.marks().values()) == [11]
    with lock.exclusive_or_nothing() as alone:
        assert alone


def test_an_act_that_the_rules_refuse_leaves_nothing_to_be_tidied(house):
    author, before = pen(house.archive, house.sign_in("vera")), house.archive.log.checkpoint().size
    compartment = next(iter(house.archive.ledger().compartments))
    data = {"compartment": compartment, "epoch": 1, "headers": []}
    with pytest.raises(CustodyError, match="without a right"):
        house.archive.custody.record([author.write(Kind.REWRAP, data)])
    assert list(house.folder.glob("staging.lock.*")) == []
    assert house.archive.catalogue.staged_events() == set()
    assert house.archive.log.checkpoint().size == before
