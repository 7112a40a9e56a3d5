"""The catalogue: staged rows stay invisible until the log has their event; the rest is looked up exactly."""

import hashlib
import sqlite3
import threading
import time
from dataclasses import replace

import pytest

from archive.digests import Digest
from archive.errors import FixityError
from archive.ids import new_id
from storage.catalogue import create_catalogue, open_catalogue, sqlite_url
from storage.catalogue.rows import (
    AgentRow,
    BatchRow,
    CompartmentRow,
    ItemRow,
    ManifestRow,
    RenditionRow,
    SealedRow,
    SessionRow,
)


def make_id(number, kind="x"):
    return new_id(lambda count: hashlib.sha256(f"{kind}{number}".encode()).digest()[:count])


MAIN = CompartmentRow(make_id(0, "compartment"), None, False, make_id(0, "event"), 0)
AGENT = AgentRow(make_id(0, "agent"), "heron", b"salt", "documenter", b"key file", make_id(1, "event"), 1)


def item(number, **changes):
    row = ItemRow(
        make_id(number, "item"),
        MAIN.compartment,
        make_id(number, "deposit"),
        AGENT.agent,
        b"duplicate %d" % number,
        b"code %d" % number,
        make_id(number, "accession"),
    )
    return replace(row, **changes)


def rendition(number, **changes):
    row = RenditionRow(
        make_id(number, "rendition"),
        make_id(number, "item"),
        "original",
        MAIN.compartment,
        1,
        Digest.of(b"body %d" % number),
        2**40 + number,
        make_id(number, "accession"),
    )
    return replace(row, **changes)


def sealed(number, **changes):
    row = SealedRow(
        Digest.of(b"sealed %d" % number),
        "testimony",
        make_id(number, "subject"),
        1,
        MAIN.compartment,
        1,
        b"header",
        b"content",
        make_id(number, "accession"),
    )
    return replace(row, **changes)


def batch(number, **changes):
    row = BatchRow(
        make_id(number, "batch"), MAIN.compartment, 1, b"h", b"c", f"2026-01-{number:02}T00:00:00Z"
    )
    return replace(row, **changes)


def session(number, **changes):
    row = SessionRow(Digest.of(b"cookie %d" % number), AGENT.agent, b"h", b"c", number, number, "court")
    return replace(row, **changes)


@pytest.fixture
def catalogue(tmp_path):
    with create_catalogue(sqlite_url(tmp_path / "catalogue.sqlite")) as catalogue:
        catalogue.stage(compartments=[MAIN], agents=[AGENT])
        yield catalogue


@pytest.fixture
def deposited(catalogue):
    """Two items: the first confirmed, the second still staged."""
    catalogue.stage(
        items=[item(1), item(2)],
        renditions=[rendition(1), rendition(2)],
        sealed=[sealed(1), sealed(2)],
        batches=[batch(1, event=make_id(1, "accession")), batch(2, event=make_id(2, "accession"))],
    )
    catalogue.confirm({make_id(1, "accession"): 7}, item_events=[(make_id(1, "item"), 7)])
    return catalogue


def test_a_row_comes_back_as_it_was_stored(deposited):
    assert deposited.items.get(item(1).item) == item(1, log_index=7)
    assert deposited.renditions.get(rendition(1).rendition) == rendition(1, log_index=7)
    assert deposited.sealed.get(sealed(1).body) == sealed(1, log_index=7)
    assert deposited.batches.get(batch(1).batch) == batch(1, event=make_id(1, "accession"), log_index=7)
    assert deposited.agents.get(AGENT.agent) == AGENT
    assert deposited.compartments.all() == [MAIN]
    assert deposited.compartments.get(MAIN.compartment) == MAIN


def test_staged_rows_are_seen_by_no_reading_method(deposited):
    second = item(2)
    assert deposited.items.get(second.item) is None
    assert deposited.items.by_duplicate(AGENT.agent, second.duplicate) is None
    assert deposited.items.by_receipt_code(second.receipt_code) is None
    assert [row.item for row in deposited.items.of_compartment(MAIN.compartment)] == [item(1).item]
    assert [row.item for row in deposited.items.each()] == [item(1).item]
    assert deposited.renditions.of_item(second.item) == []
    assert deposited.renditions.get(rendition(2).rendition) is None
    assert deposited.renditions.by_body(rendition(2).body) is None
    assert len(list(deposited.renditions.each())) == 1
    assert deposited.sealed.get(sealed(2).body) is None
    assert deposited.sealed.latest("testimony", sealed(2).subject) is None
    assert deposited.sealed.versions("testimony", sealed(2).subject) == []
    assert len(list(deposited.sealed.of_holder("testimony", MAIN.compartment))) == 1
    assert len(list(deposited.sealed.each())) == 1
    assert deposited.batches.of_compartment(MAIN.compartment) == [batch(1).batch]
    assert deposited.batches.get(batch(2).batch) is None
    with pytest.raises(FixityError):
        deposited.sealed.replace_header(sealed(2).body, b"new", epoch=2)
    staged_agent = replace(AGENT, agent=make_id(5, "agent"), handle="crane", event=make_id(5), log_index=None)
    staged_compartment = CompartmentRow(make_id(5, "compartment"), MAIN.compartment, True, make_id(5))
    deposited.stage(agents=[staged_agent], compartments=[staged_compartment])
    assert deposited.agents.by_handle("crane") is None
    assert deposited.agents.get(staged_agent.agent) is None
    assert deposited.agents.all() == [AGENT]
    assert deposited.compartments.all() == [MAIN]
    with pytest.raises(FixityError) as caught:
        deposited.agents.set_key_file(staged_agent.agent, b"new")
    assert caught.value.code == "F26"


def test_lookups_find_what_is_confirmed(deposited):
    first = item(1, log_index=7)
    assert deposited.items.by_duplicate(AGENT.agent, b"duplicate 1") == first
    assert deposited.items.by_duplicate(make_id(9), b"duplicate 1") is None
    assert deposited.items.by_receipt_code(b"code 1") == first
    assert deposited.renditions.by_body(rendition(1).body) == rendition(1, log_index=7)
    assert deposited.renditions.of_item(first.item) == [rendition(1, log_index=7)]
    assert deposited.agents.by_handle("heron") == AGENT
    deposited.agents.set_key_file(AGENT.agent, b"new key file")
    assert deposited.agents.get(AGENT.agent).key_file == b"new key file"


def test_events_wait_until_they_are_confirmed_or_discarded(deposited):
    waiting = make_id(2, "accession")
    assert deposited.staged_events() == {waiting}
    assert deposited.discard([make_id(1, "accession")]) == []
    assert deposited.items.get(item(1).item) is not None
    assert deposited.discard({waiting}) == [rendition(2).body]
    assert deposited.discard({waiting}) == []
    assert deposited.staged_events() == set()
    deposited.stage(items=[item(2)], renditions=[rendition(2)])
    assert deposited.staged_events() == {waiting}


def test_confirming_again_changes_nothing(deposited):
    deposited.confirm({make_id(1, "accession"): 99}, item_events=[(item(1).item, 7), (item(1).item, 9)])
    assert deposited.items.get(item(1).item).log_index == 7
    assert deposited.items.events(item(1).item) == [7, 9]
    deposited.confirm({})
    assert deposited.items.events(item(2).item) == []


def test_a_contradicting_row_takes_the_whole_staging_with_it(deposited):
    with pytest.raises(FixityError, match="contradicts") as caught:
        deposited.stage(items=[item(3), item(4, duplicate=b"duplicate 2")])
    assert caught.value.code == "F21"
    assert "duplicate" not in str(caught.value)
    assert deposited.staged_events() == {make_id(2, "accession")}
    with pytest.raises(FixityError):
        deposited.stage(renditions=[rendition(5)])
    deposited.stage(items=[item(3, duplicate=None), item(4, duplicate=None)])


def test_things_without_an_event_are_visible_at_once(catalogue):
    catalogue.stage(sealed=[sealed(1, kind="receipt", event=None)])
    assert catalogue.sealed.get(sealed(1).body) == sealed(1, kind="receipt", event=None)
    assert catalogue.staged_events() == set()


def test_the_latest_version_is_the_highest_and_all_are_kept(catalogue):
    subject = make_id(1, "subject")
    rows = [sealed(n, subject=subject, version=v, log_index=n) for n, v in ((1, 1), (2, 3), (3, 2), (4, 3))]
    catalogue.stage(sealed=rows)
    assert catalogue.sealed.latest("testimony", subject) == rows[3]
    assert [row.version for row in catalogue.sealed.versions("testimony", subject)] == [1, 2, 3, 3]
    assert catalogue.sealed.latest("grant", subject) is None


def test_a_rewrapped_header_replaces_the_old_one(deposited):
    deposited.sealed.replace_header(sealed(1).body, b"new header", epoch=2)
    found = deposited.sealed.get(sealed(1).body)
    assert (found.header, found.epoch, found.content) == (b"new header", 2, b"content")


def test_a_large_set_is_walked_over_in_pages(catalogue):
    catalogue.stage(sealed=[sealed(n, log_index=n) for n in range(1203)])
    bodies = [row.body for row in catalogue.sealed.of_holder("testimony", MAIN.compartment)]
    assert len(bodies) == 1203
    assert bodies == sorted(set(bodies))


def test_two_thousand_items_are_staged_and_confirmed_quickly(catalogue):
    rows = [[make(n) for n in range(2000)] for make in (item, rendition, sealed)]
    started = time.perf_counter()
    catalogue.stage(items=rows[0], renditions=rows[1], sealed=rows[2])
    staged = time.perf_counter()
    indexes = {row.event: number for number, row in enumerate(rows[0])}
    catalogue.confirm(indexes, item_events=[(row.item, indexes[row.event]) for row in rows[0]])
    print(f"stage {staged - started:.3f} s, confirm {time.perf_counter() - staged:.3f} s")
    assert time.perf_counter() - started < 5
    assert catalogue.counts()["items"] == 2000
    assert catalogue.staged_events() == set()


def test_work_is_claimed_once_oldest_first_and_ends(catalogue):
    numbers = [
        catalogue.work.add(kind, f"subject {n}", MAIN.compartment, created_at="2026-01-01T00:00:00Z")
        for n, kind in enumerate(["extract", "index", "extract"])
    ]
    first = catalogue.work.claim(["extract"])
    assert (first.work, first.state, first.attempts) == (numbers[0], "running", 1)
    assert catalogue.work.claim(["extract"], [make_id(9)]) is None
    second = catalogue.work.claim(["extract", "index"], [MAIN.compartment])
    assert second.work == numbers[1]
    catalogue.work.finish(second.work)
    catalogue.work.fail(first.work, retry=True)
    assert catalogue.work.claim(["extract"]).attempts == 2
    catalogue.work.fail(first.work, retry=False)
    assert catalogue.work.claim(["extract"]).work == numbers[2]
    assert catalogue.work.claim(["extract"]) is None
    assert catalogue.work.release() == 1
    assert [(row.work, row.state) for row in catalogue.work.all()] == [
        (numbers[0], "failed"),
        (numbers[2], "waiting"),
    ]


def test_many_workers_never_claim_the_same_work(catalogue):
    for number in range(30):
        catalogue.work.add("extract", str(number), MAIN.compartment, created_at="2026-01-01T00:00:00Z")
    claimed = []

    def worker():
        while (row := catalogue.work.claim(["extract"])) is not None:
            claimed.append(row.work)

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 30


def test_sessions_are_kept_touched_and_ended(catalogue):
    for number in (1, 2, 3):
        catalogue.sessions.put(session(number))
    catalogue.sessions.touch(session(1).session, seen_at=50)
    assert catalogue.sessions.get(session(1).session) == session(1, seen_at=50)
    assert [row.created_at for row in catalogue.sessions.of_agent(AGENT.agent)] == [1, 2, 3]
    assert catalogue.sessions.expire(created_before=0, seen_before=3) == 1
    assert catalogue.sessions.expire(created_before=2, seen_before=0) == 1
    catalogue.sessions.delete(session(3).session)
    catalogue.sessions.delete(session(3).session)
    assert catalogue.sessions.get(session(3).session) is None
    catalogue.sessions.put(session(4))
    catalogue.sessions.put(session(6))
    assert catalogue.sessions.supersede(session(6).session, session(7))
    assert not catalogue.sessions.supersede(session(6).session, session(8))
    assert [row.created_at for row in catalogue.sessions.of_agent(AGENT.agent)] == [4, 7]
    catalogue.sessions.put(session(5, agent=make_id(8, "agent")))
    assert catalogue.sessions.delete_others(AGENT.agent, keep=session(4).session) == 1
    assert catalogue.sessions.delete_of_agent(AGENT.agent) == 1
    assert catalogue.sessions.delete_all() == 1


def test_batches_are_listed_in_order_and_deleted_together(catalogue):
    catalogue.stage(batches=[batch(2), batch(1)])
    assert catalogue.batches.of_compartment(MAIN.compartment) == [batch(1).batch, batch(2).batch]
    catalogue.batches.delete([batch(1).batch, batch(2).batch])
    catalogue.batches.delete([])
    assert catalogue.batches.of_compartment(MAIN.compartment) == []


def test_of_two_writers_of_a_manifest_one_is_told_that_it_was_late(catalogue):
    first = ManifestRow(MAIN.compartment, 1, 1, b"h", b"c")
    assert catalogue.manifests.get(MAIN.compartment) is None
    assert not catalogue.manifests.swap(replace(first, version=2), replaces=1)
    assert catalogue.manifests.swap(first, replaces=None)
    assert not catalogue.manifests.swap(first, replaces=None)
    assert catalogue.manifests.swap(replace(first, version=2), replaces=1)
    assert not catalogue.manifests.swap(replace(first, version=2, content=b"late"), replaces=1)
    assert catalogue.manifests.get(MAIN.compartment) == replace(first, version=2)


def test_settings_are_set_and_changed(catalogue):
    assert catalogue.settings.get("name") is None
    catalogue.settings.set("name", "one")
    catalogue.settings.set("name", "two")
    assert catalogue.settings.get("name") == "two"


def test_counts_tell_the_visible_from_the_staged(deposited):
    counts = deposited.counts()
    assert (counts["items"], counts["renditions"], counts["sealed"], counts["batches"]) == (1, 1, 1, 1)
    assert (counts["agents"], counts["item_events"], counts["staged"]) == (1, 1, 4)


def test_threads_write_at_once_without_losing_anything(catalogue):
    def work(start):
        for number in range(start, start + 10):
            catalogue.stage(items=[item(number)])
            catalogue.confirm({item(number).event: number}, item_events=[(item(number).item, number)])

    threads = [threading.Thread(target=work, args=(start * 10,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row.log_index for row in catalogue.items.each()} == set(range(80))


def test_a_damaged_row_is_an_error_and_not_a_value(tmp_path, deposited):
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as direct:
        direct.execute("UPDATE renditions SET body = 'x' || substr(body, 2)")
        direct.execute("UPDATE items SET depositor = 'nobody'")
    direct.close()
    for ask in (
        lambda: deposited.renditions.of_item(item(1).item),
        lambda: deposited.items.get(item(1).item),
    ):
        with pytest.raises(FixityError, match="malformed") as caught:
            ask()
        assert caught.value.code == "F22"


def test_a_file_that_is_no_database_is_said_to_be_unreadable(tmp_path):
    (tmp_path / "catalogue.sqlite").write_bytes(b"not a database at all, but long enough to look at" * 50)
    with pytest.raises(FixityError, match="cannot be read") as caught:
        open_catalogue(sqlite_url(tmp_path / "catalogue.sqlite"))
    assert caught.value.code == "F20"


def test_the_database_is_set_up_for_durability_and_forgetting(deposited):
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "temp_store": 2,
        "foreign_keys": 1,
    }
    with deposited.agents._database.reading() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
    assert found == expected
