"""What copies add to the stores: how many hold a body before it counts, and what happens when one fails."""

import shutil

import pytest
from founded import refusal
from two_copies import stores_in

from archive.digests import Digest
from archive.errors import FixityError
from storage.copies.headers import CopiedHeaders
from storage.copies.listed import (
    LIST_NAME,
    MARK_NAME,
    Listed,
    Listing,
    format_listing,
    parse_listing,
    parse_mark,
)
from storage.copies.objects import CopiedObjects

BODY = Digest.of(b"body")


@pytest.fixture
def stores(tmp_path):
    return stores_in(tmp_path / "archive", acknowledge=2)


def put(stores, data=b"body"):
    with CopiedObjects(stores).writer() as writer:
        writer.write(data)
        body = writer.commit()
    CopiedHeaders(stores).put(body, b"header")
    return body


def everywhere(stores):
    return [stores.own, *stores.reached()]


def unplug(stores, *numbers):
    for number in numbers:
        folder = stores.copies()[number].folder
        folder.rename(folder.with_name(f"{folder.name} unplugged"))
        folder.mkdir()


def test_a_body_and_its_header_are_in_every_store_when_they_are_acknowledged(stores):
    put(stores)
    assert [one.objects.has(BODY) and one.headers.get(BODY) for one in everywhere(stores)] == [b"header"] * 3


def test_a_folder_without_its_disk_gets_nothing_and_the_others_suffice(stores):
    unplug(stores, 0)
    put(stores)
    assert list(stores.copies()[0].folder.iterdir()) == []
    assert [one.headers.get(BODY) for one in everywhere(stores)] == [b"header"] * 2


def test_with_fewer_stores_than_are_to_hold_it_nothing_is_begun(stores):
    unplug(stores, 0, 1)
    with refusal("F62"):
        CopiedObjects(stores).writer()
    assert list(stores.own.objects.digests()) == []
    assert stores.own.objects.sweep(older_than_seconds=0, now=9e9) == 0


def test_a_copy_that_goes_away_in_the_middle_leaves_no_half_body(stores):
    unplug(stores, 0)
    with refusal("F62"), CopiedObjects(stores).writer() as writer:
        writer.write(b"bo")
        shutil.rmtree(stores.copies()[1].folder)
        writer.write(b"dy")
        writer.commit()
    assert list(stores.own.objects.digests()) == []
    assert stores.own.objects.sweep(older_than_seconds=0, now=9e9) == 0


def test_what_the_own_store_refuses_is_in_no_copy(stores):
    shutil.rmtree(stores.own.folder / "objects" / "partial")
    (stores.own.folder / "objects" / "partial").write_bytes(b"in the way")
    with pytest.raises(FixityError):
        CopiedObjects(stores).writer()
    assert [list(one.objects.digests()) for one in everywhere(stores)] == [[], [], []]


def test_a_header_counts_only_where_its_body_is(stores):
    put(stores)
    unplug(stores, 0)
    with CopiedObjects(stores).writer() as writer:
        writer.write(b"another")
        another = writer.commit()
    stores.copies()[1].store().objects.delete(another)
    with refusal("F62"):
        CopiedHeaders(stores).put(another, b"header")
    assert [list(one.headers.bodies()) for one in everywhere(stores)] == [[BODY], [BODY]]


def test_a_header_that_too_few_took_is_in_none(stores):
    with CopiedObjects(stores).writer() as writer:
        writer.write(b"body")
        writer.commit()
    unplug(stores, 0, 1)
    with refusal("F62"):
        CopiedHeaders(stores).put(BODY, b"header")
    assert list(stores.own.headers.bodies()) == []


def test_what_the_own_store_lacks_is_read_from_a_copy(stores):
    put(stores)
    stores.own.headers.delete(BODY)
    stores.own.objects.delete(BODY)
    with CopiedObjects(stores).open(BODY) as body:
        assert body.read() == b"body"
    assert CopiedHeaders(stores).get(BODY) == b"header"
    assert CopiedObjects(stores).size(BODY) == 4


def test_deleting_and_replacing_reach_every_store_that_is_there(stores):
    put(stores)
    put(stores, b"other")
    CopiedHeaders(stores).replace(BODY, b"newer.")
    with CopiedHeaders(stores).changing() as replace_all:
        replace_all({Digest.of(b"other"): b"newest"})
    assert {one.headers.get(BODY) for one in everywhere(stores)} == {b"newer."}
    assert {one.headers.get(Digest.of(b"other")) for one in everywhere(stores)} == {b"newest"}
    unplug(stores, 1)
    CopiedHeaders(stores).delete(BODY)
    CopiedObjects(stores).delete(BODY)
    assert [one.objects.has(BODY) for one in everywhere(stores)] == [False, False]


def test_a_copy_is_known_from_the_moment_it_is_listed(stores):
    put(stores)
    listing = stores.listing()
    stores.path.with_name("new").write_bytes(format_listing(Listing(1, listing.copies[:1])))
    stores.path.with_name("new").replace(stores.path)
    assert [one.copy for one in stores.copies()] == [listing.copies[0].copy]
    stores.path.unlink()
    assert stores.copies() == ()


def test_the_list_has_one_spelling_and_asks_for_no_more_than_there_is(tmp_path):
    listing = Listing(2, (Listed("a" * 26, "/media/copy"),))
    assert parse_listing(format_listing(listing)) == listing
    for spoiled in (
        b"",
        format_listing(listing)[:-5],
        format_listing(Listing(3, listing.copies)),
        format_listing(Listing(1, (Listed("a" * 26, "here"),))),
    ):
        with refusal("F65"):
            parse_listing(spoiled)
    with refusal("F64"):
        parse_mark(b"{}\n")
    assert (LIST_NAME, MARK_NAME) == ("copies.json", "copy.json")
