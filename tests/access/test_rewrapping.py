"""Sealing again after a revocation: everything opens for the new epoch alone, and reading never stops."""

import threading

import pytest
from founded import audited, opened_house, refusal
from test_grants import held_by

from archive.access import compartments, grants
from archive.access.opening import Binding, open_structure
from archive.access.rewrapping import earlier, rewrap_compartment
from archive.access.sealed import sealed_original
from archive.digests import Digest
from archive.errors import AccessError, KeysError
from archive.kinds import Kind
from archive.nouns import Action, Role
from keys.sealing import open_, rewrap
from search.resealing import reseal
from storage.catalogue.rows import PendingHeaderRow


@pytest.fixture
def revoked(house):
    """Three testimonies in `main`, and a lawyer who kept her identity and lost her rights; lena stays."""
    vera = house.documenter()
    house.lawyer("ivan")
    house.lawyer()
    house.items = [house.deposit_one(vera, f"Белыя дубінкі, сведчанне {n}").item for n in range(3)]
    house.vera, house.kept = vera, held_by(house, house.sign_in("ivan")).identities
    house.revoke("ivan")
    return house


def main_of(house):
    return held_by(house, house.anna).compartment


def headers_of(house):
    """Every header of the compartment, as it stands where it belongs."""
    ledger, found = house.archive.ledger(), {}
    for ref in ledger.bodies.values():
        if ref.holder == main_of(house):
            row = house.archive.catalogue.sealed.get(ref.body)
            found[ref.body] = row.header if row else house.archive.headers.get(ref.body)
    return found


def read_body(house, body):
    with house.archive.objects.open(body) as file:
        return file.read()


def test_everything_of_earlier_epochs_is_sealed_to_the_epoch_in_force(revoked):
    house, old = revoked, headers_of(revoked)
    assert len(earlier(house.archive, main_of(house))) == len(old) > 6
    done = rewrap_compartment(house.archive, house.anna, "main")
    assert (done.epoch, done.headers, done.left) == (2, len(old), ())
    assert earlier(house.archive, main_of(house)) == []
    new = headers_of(house)
    assert all(new[body] != header for body, header in old.items())
    for body, ref in house.archive.ledger().bodies.items():
        if body in new:
            assert (ref.epoch, ref.header) == (2, Digest.of(new[body]))
    assert {row.epoch for row in house.archive.catalogue.renditions.each()} == {2}
    report = audited(house.folder)
    assert (report.faults, report.warnings) == ((), ())
    lena = house.sign_in("lena")
    assert all(house.read_original(lena, item) for item in house.items)
    assert house.found_items(lena, "дубінкі") == set(house.items)


def test_reasons_open_after_they_were_sealed_again(revoked):
    house = revoked
    rewrap_compartment(house.archive, house.anna, "main")
    held = held_by(house, house.anna)
    for grant in house.archive.ledger().grants.values():
        if grant.compartment == held.compartment:
            ref = house.archive.ledger().present(grant.reason)
            binding = Binding(house.archive.archive, "reason", grant.grant, 1, grant.compartment, 1)
            assert open_structure(house.archive, ref, binding, [held.identities[2]])["text"]


def test_whoever_kept_an_earlier_identity_opens_nothing_that_is_there_now(revoked):
    """The attack: the revoked lawyer copies the store after the rewrapping."""
    house = revoked
    rewrap_compartment(house.archive, house.anna, "main")
    for body, header in headers_of(house).items():
        row = house.archive.catalogue.sealed.get(body)
        content = row.content if row else read_body(house, body)
        with pytest.raises(KeysError):
            open_(header, content, house.kept[1], commitment=None)


def test_the_old_headers_are_nowhere_in_the_archives_folder(revoked):
    house, old = revoked, headers_of(revoked)
    rewrap_compartment(house.archive, house.anna, "main")
    stored = [path.read_bytes() for path in house.folder.rglob("*") if path.is_file()]
    for header in old.values():
        # The last line of a header is its MAC; what stands before it is the wrapped key.
        middle = header[len(header) // 2 :][:200]
        assert not any(middle in data for data in stored)


def test_a_second_run_finds_nothing_to_do_and_a_second_revocation_everything(revoked):
    house = revoked
    first = rewrap_compartment(house.archive, house.anna, "main").headers
    assert rewrap_compartment(house.archive, house.anna, "main").headers == 0
    house.lawyer("olga")
    house.revoke("olga")
    done = rewrap_compartment(house.archive, house.anna, "main")
    assert (done.epoch, done.left) == (3, ())
    assert done.headers > first
    assert audited(house.folder).faults == ()


def test_only_whoever_manages_the_compartment_seals_it_again(revoked):
    house = revoked
    with pytest.raises(AccessError, match="may not manage"):
        rewrap_compartment(house.archive, house.sign_in("lena"), "main")
    compartments.found(house.archive, house.anna, "shut", sealed=True)
    with pytest.raises(AccessError) as caught:
        rewrap_compartment(house.archive, house.anna, "shut")
    assert caught.value.code == "A06"


def test_a_header_that_does_not_open_is_left_and_named_and_stops_nothing(revoked):
    house = revoked
    body = house.archive.ledger().items[house.items[0]].original.sealed.body
    house.archive.headers.replace(body, b"damaged")
    done = rewrap_compartment(house.archive, house.anna, "main")
    assert done.left == (body,)
    assert [ref.body for ref in earlier(house.archive, main_of(house))] == [body]


def interrupted(house, monkeypatch, point):
    """Rewrap, and stop as a crash would just before `point` of the custody."""

    def stop(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(house.archive.custody, point, stop)
        with pytest.raises(KeyboardInterrupt):
            rewrap_compartment(house.archive, house.anna, "main")


def test_what_waits_for_its_place_is_read_audited_and_put_there_when_the_archive_is_opened(
    revoked, monkeypatch
):
    house, old = revoked, headers_of(revoked)
    interrupted(house, monkeypatch, "place")
    assert house.archive.catalogue.pending.any()
    assert headers_of(house) == old
    lena = house.sign_in("lena")
    assert all(house.read_original(lena, item) for item in house.items)
    assert all(b"".join(sealed_original(house.archive, lena, item)) for item in house.items)
    assert house.found_items(lena, "дубінкі") == set(house.items)
    assert audited(house.folder).faults == ()
    with opened_house(house.folder) as again:
        assert not again.archive.catalogue.pending.any()
        assert earlier(again.archive, main_of(again)) == []
        report = audited(again.folder)
        assert (report.faults, report.warnings) == ((), ())


def test_a_forged_header_that_waits_is_never_taken_and_never_put_anywhere(revoked):
    """The attack: somebody who can write the catalogue adds a header of his own for a body."""
    house, old = revoked, headers_of(revoked)
    ref = house.archive.ledger().items[house.items[0]].original.sealed
    forged = rewrap(old[ref.body], house.kept[1], house.kept[1].recipient)
    event = next(iter(house.archive.ledger().events))
    row = PendingHeaderRow(ref.body, Digest.of(forged), 2, forged, event, 0)
    house.archive.catalogue.stage(pending=[row])
    house.archive.custody.place(house.archive.headers)
    assert headers_of(house) == old
    assert not house.archive.catalogue.pending.any()


def test_an_earlier_header_that_waits_does_not_replace_a_later_one(revoked, monkeypatch):
    house = revoked
    interrupted(house, monkeypatch, "place")
    house.lawyer("olga")
    house.revoke("olga")
    done = rewrap_compartment(house.archive, house.anna, "main")
    assert (done.epoch, done.left) == (3, ())
    assert not house.archive.catalogue.pending.any()
    assert audited(house.folder).faults == ()


def test_reading_and_depositing_go_on_while_everything_is_sealed_again(revoked):
    house = revoked
    faults, reads, over = [], [0], threading.Event()
    lena = house.sign_in("lena")

    def reading():
        while not over.is_set():
            try:
                for item in house.items:
                    assert house.read_original(lena, item).startswith("Белыя".encode())
                    reads[0] += 1
            except BaseException as fault:
                faults.append(fault)
                return

    reader = threading.Thread(target=reading)
    reader.start()
    try:
        for number in range(4):
            house.lawyer(f"olga{number}")
            house.revoke(f"olga{number}")
            house.deposit_one(house.vera, f"Новае сведчанне {number}")
            rewrap_compartment(house.archive, house.anna, "main")
    finally:
        over.set()
        reader.join()
    assert faults == []
    assert reads[0] > 3
    assert audited(house.folder).faults == ()


def test_the_log_names_every_new_header_in_entries_of_bounded_size(revoked, monkeypatch):
    house = revoked
    monkeypatch.setattr("archive.access.rewrapping.IN_AN_ENTRY", 4)
    size = house.archive.ledger().size
    done = rewrap_compartment(house.archive, house.anna, "main")
    events = [house.archive.custody.checked(index) for index in range(size, house.archive.ledger().size)]
    assert {event.kind for event in events} == {Kind.REWRAP}
    assert sum(len(event.data["headers"]) for event in events) == done.headers
    assert all(len(event.data["headers"]) <= 4 for event in events)


def test_the_index_goes_on_after_a_revocation_and_its_old_files_go(revoked):
    house, lena = revoked, revoked.sign_in("lena")
    assert house.found_items(lena, "дубінкі") == set(house.items)
    reseal(house.archive, house.anna, "main")
    for header in (house.folder / "index" / main_of(house)).glob("*.header"):
        raise AssertionError(header)
    house.deposit_one(house.vera, "Белыя дубінкі, пасля ўсяго")
    assert len(house.found_items(lena, "дубінкі")) == 4
    row = house.archive.catalogue.manifests.get(main_of(house))
    assert row.epoch == 2
    with pytest.raises(KeysError):
        open_(row.header, row.content, house.kept[1], commitment=None)
    for header in (house.folder / "index" / main_of(house)).glob("*.header"):
        body = header.with_suffix(".body").read_bytes()
        with pytest.raises(KeysError):
            open_(header.read_bytes(), body, house.kept[1], commitment=None)


def test_what_a_crash_left_half_written_in_its_place_is_read_and_mended(revoked, monkeypatch):
    """A header of which the power cut left the first half new and the second old."""
    house, old = revoked, headers_of(revoked)
    interrupted(house, monkeypatch, "place")
    body = house.archive.ledger().items[house.items[0]].original.sealed.body
    new = house.archive.catalogue.pending.get(body, house.archive.ledger().bodies[body].header)
    house.archive.headers.replace(body, new[: len(new) // 2] + old[body][len(new) // 2 :])
    lena = house.sign_in("lena")
    assert all(house.read_original(lena, item) for item in house.items)
    assert audited(house.folder).faults == ()
    with opened_house(house.folder) as again:
        assert again.archive.headers.get(body) == new
        assert (audited(again.folder).faults, audited(again.folder).warnings) == ((), ())


def test_a_revocation_in_the_middle_makes_it_begin_again_for_the_newer_epoch(revoked, monkeypatch):
    house = revoked
    house.lawyer("olga")
    monkeypatch.setattr("archive.access.rewrapping.AT_ONCE", 3)
    steps = []

    def tell(done, of):
        steps.append((done, of))
        if len(steps) == 2:
            house.revoke("olga")

    done = rewrap_compartment(house.archive, house.anna, "main", tell)
    assert (done.epoch, done.left) == (3, ())
    assert earlier(house.archive, main_of(house)) == []
    assert steps[2][0] == 3
    report = audited(house.folder)
    assert (report.faults, report.warnings) == ((), ())


def test_a_revocation_after_the_last_step_is_not_overlooked(revoked):
    house, steps = revoked, []
    house.lawyer("olga")

    def tell(done, of):
        steps.append(done)
        if len(steps) == 1:
            house.revoke("olga")

    assert rewrap_compartment(house.archive, house.anna, "main", tell).epoch == 3
    assert earlier(house.archive, main_of(house)) == []


def test_whoever_loses_the_right_in_the_middle_is_refused_and_another_custodian_goes_on(revoked, monkeypatch):
    house = revoked
    boris = house.enrol("boris", Role.CUSTODIAN)
    house.grant("boris", Action.MANAGE, purposes=())
    monkeypatch.setattr("archive.access.rewrapping.AT_ONCE", 3)

    def tell(done, _of):
        if done == 3:
            grants.revoke(house.archive, house.sign_in("boris"), "anna", "main", "he left")

    with refusal("A02"):
        rewrap_compartment(house.archive, house.anna, "main", tell)
    assert audited(house.folder).faults == ()
    done = rewrap_compartment(house.archive, boris, "main")
    assert (done.epoch, done.left) == (3, ())
    report = audited(house.folder)
    assert (report.faults, report.warnings) == ((), ())
