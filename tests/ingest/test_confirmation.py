"""Claimed items, opened by somebody who may read there: confirmed and sealed afresh, or a mismatch for good."""

import io
from dataclasses import replace

import pytest
from founded import House, audited, founded_house, refusal
from packing_people import (
    CLAIMED,
    FILES,
    altered,
    card_of,
    compartment_of,
    lying,
    opened_claim,
    packed,
    resealed,
)

from archive.access import history, rewrapping, suspension
from archive.access.claimed import waiting
from archive.claims import Claim, format_claim
from archive.digests import Digest
from archive.ids import Id
from archive.kinds import Kind, RenditionKind
from archive.nouns import Action, Role
from archive.packs import Manifest, Parts
from archive.uses import Use
from ingest.confirmation import Confirmed, confirm
from ingest.describe import describe
from ingest.submission import submit
from keys.identities import Identity
from keys.sealing import seal
from search.disclosure import read


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with founded_house(tmp_path_factory.mktemp("confirmation") / "archive") as house:
        yield house


def handed_in(house: House, *args, **how) -> tuple[Id, ...]:
    return submit(house.archive, io.BytesIO(packed(card_of(house.archive), *args, **how)[0])).items


def confirmed(house: House, item: Id, who=None) -> Confirmed:
    return confirm(house.archive, who or house.anna, house.extractor, item)


def handed_in_altered(house: House, change) -> Id:
    data = packed(card_of(house.archive), {"account.txt": "Мяне білі.".encode()})[0]
    return submit(house.archive, io.BytesIO(altered(data, change))).items[0]


def test_a_confirmed_item_is_sealed_afresh_read_and_found_like_any_other(house):
    item, other = handed_in(house)
    before = house.archive.ledger().items[item].original
    done = confirmed(house, item)
    assert (done.differences, done.name, done.claimed_at) == ((), "сведчанне.txt", CLAIMED)
    found = house.archive.ledger().items[item]
    assert not found.claimed
    assert found.original.sealed.body != before.sealed.body
    assert found.original.sealed.file_key != before.sealed.file_key
    assert found.rights.uses == {Use.STORE, Use.COURT}
    lena = house.lawyer()
    assert house.found_items(lena, "дубінкамі") == {item}
    assert house.read_original(lena, item) == FILES["сведчанне.txt"]
    assert read(house.archive, lena, item).file["claimed_at"] == CLAIMED
    assert house.archive.ledger().items[other].claimed
    assert audited(house.folder).outcome == "verified"


def test_nobody_reads_what_is_claimed_whatever_rights_it_is_given(house):
    item, _other = handed_in(house)
    reader = house.lawyer("ahead")
    consent = {
        "items": [item],
        "given_by": "self",
        "uses": ["store", "court"],
        "given_on": "2026-11-20",
    }
    describe(house.archive, house.anna, "main", [{"type": "consent", "data": consent}])
    assert Use.COURT in house.archive.ledger().items[item].rights.uses
    with refusal("A20"):
        read(house.archive, reader, item, RenditionKind.ORIGINAL)
    with refusal("A63"):
        house.redact(house.anna, item, "black")
    # What was recorded meanwhile stays: the strictest of all that applies counts.
    assert confirmed(house, item).differences == ()
    assert len(house.archive.ledger().items[item].rights.consents) == 2
    assert house.read_original(reader, item)
    assert audited(house.folder).outcome == "verified"


def test_without_a_consent_in_the_claim_it_is_stored_only(house):
    [item] = handed_in(house, {"a.txt": b"nothing was said of it"}, {})
    done = confirmed(house, item)
    assert done.stored_only
    assert house.archive.ledger().items[item].rights.uses == {Use.STORE}


def test_a_description_that_is_none_is_left_out_and_said_so(house):
    [item] = handed_in(house, {"a.txt": b"x"}, {"title": 3, "language": ["be"]})
    done = confirmed(house, item)
    assert (done.differences, done.described, done.stored_only) == ((), False, True)
    assert audited(house.folder).outcome == "verified"


LIES = {
    "sha256": lambda one: replace(one, openings=replace(one.openings, sha256=Digest.of(b"other"))),
    "blake3": lambda one: replace(one, openings=replace(one.openings, blake3=Digest.of(b"other"))),
    "size_bytes": lambda one: replace(one, size_bytes=one.size_bytes + 1),
}


def true_claim(house: House, parts, manifest: Manifest) -> Claim:
    return opened_claim(house.archive, house.anna, parts, manifest)


@pytest.mark.parametrize("what", LIES)
def test_what_is_not_as_its_pack_says_is_a_mismatch_that_names_what(house, what):
    data = packed(card_of(house.archive), {"account.txt": "Мяне білі.".encode()})[0]
    data = lying(house.archive, house.anna, data, LIES[what])
    [item] = submit(house.archive, io.BytesIO(data)).items
    bodies = set(house.archive.objects.digests())
    done = confirmed(house, item)
    assert [one.what for one in done.differences] == [what]
    assert done.differences[0].expected != done.differences[0].found
    assert house.archive.ledger().items[item].mismatched == done.log_index
    assert set(house.archive.objects.digests()) == bodies
    with refusal("A64"):
        confirmed(house, item)
    assert house.archive.ledger().items[item].claimed
    assert audited(house.folder).outcome == "verified"


def test_a_name_that_was_not_committed_to_is_a_mismatch(house):
    def change(parts, manifest):
        said = true_claim(house, parts, manifest)
        [one] = manifest.items
        said = replace(said, openings=replace(said.openings, name="other.txt"))
        return resealed(
            house.archive, parts, manifest, format_claim(said, manifest.head, one.item, one.sealed), None
        )

    [difference] = confirmed(house, handed_in_altered(house, change)).differences
    assert (difference.what, difference.found) == ("name", "other.txt")


def test_a_description_of_another_item_is_a_mismatch(house):
    def change(parts, manifest):
        said = true_claim(house, parts, manifest)
        [one] = manifest.items
        other = format_claim(said, manifest.head, Id("a" * 26), one.sealed)
        return resealed(house.archive, parts, manifest, other, said.openings)

    assert [one.what for one in confirmed(house, handed_in_altered(house, change)).differences] == [
        "description"
    ]


def test_what_does_not_open_is_a_mismatch_and_holds_up_nobody(house):
    """Neither an original sealed to somebody else, nor one under another key than was committed to."""

    def sealed_to_others(parts, manifest):
        said = true_claim(house, parts, manifest)
        [one] = manifest.items
        sealed = seal("Мяне білі.".encode(), [Identity.generate().recipient])
        parts["1.age"] = sealed.header + sealed.body
        mine = Parts(Digest.of(sealed.body), Digest.of(sealed.header), sealed.commitment)
        manifest = replace(manifest, items=(replace(one, sealed=mine),))
        plain = format_claim(said, manifest.head, one.item, mine)
        return resealed(house.archive, parts, manifest, plain, said.openings)

    def under_another_key(parts, manifest):
        said = true_claim(house, parts, manifest)
        [one] = manifest.items
        other = replace(one.sealed, file_key=Digest.of(b"another"))
        manifest = replace(manifest, items=(replace(one, sealed=other),))
        plain = format_claim(said, manifest.head, one.item, other)
        return resealed(house.archive, parts, manifest, plain, said.openings)

    bodies = []
    for change in (sealed_to_others, under_another_key):
        item = handed_in_altered(house, change)
        bodies.append(house.archive.ledger().items[item].original.sealed.body)
        assert [one.what for one in confirmed(house, item).differences] == ["original"]
    house.lawyer("leaves")
    house.revoke("leaves")
    done = rewrapping.rewrap_compartment(house.archive, house.anna, "main")
    assert bodies[0] in done.left
    assert audited(house.folder).outcome == "verified"


def test_damage_at_the_archive_is_not_taken_for_a_lie_of_the_packer(house, tmp_path):
    with founded_house(tmp_path / "damaged") as damaged:
        [item] = handed_in(damaged, {"a.txt": b"x"})
        body = damaged.archive.ledger().items[item].original.sealed.body
        damaged.archive.objects.delete(body)
        with refusal("F03"):
            confirmed(damaged, item)
        assert damaged.archive.ledger().items[item].mismatched is None


def test_only_who_holds_the_key_and_may_describe_confirms(house):
    [item] = handed_in(house, {"a.txt": b"x"})
    for who, code in (
        (house.documenter("contributes"), "A20"),
        (house.lawyer("only-reads"), "A07"),
        (house.enrol("auditor", Role.AUDITOR), "A07"),
        (house.enrol("stranger", Role.LAWYER), "A20"),
    ):
        with refusal(code):
            confirmed(house, item, who)
        assert not any(one.confirmable for one in waiting(house.archive, who))
    both = house.lawyer("does-both")
    house.grant("does-both", Action.READ, Action.DESCRIBE)
    assert item in {one.item for one in waiting(house.archive, both) if one.confirmable}
    assert confirmed(house, item, both).differences == ()
    own = house.deposit_one(house.documenter("ordinary"), "not from a pack").item
    for again in (item, own):
        with refusal("A64"):
            confirmed(house, again)


def test_what_waits_is_listed_where_one_holds_the_key_and_nowhere_else(house):
    vera = house.documenter("signs")
    [item] = handed_in(house, {"a.txt": b"x"}, signer=vera.secret)
    [one] = [one for one in waiting(house.archive, house.anna) if one.item == item]
    assert (one.label, one.signer, one.mismatched_at, one.confirmable) == ("main", "signs", None, True)
    assert waiting(house.archive, vera) == []
    suspension.suspend(house.archive, house.anna, "signs")
    companion = compartment_of(house.archive, companion=True)
    data = packed(card_of(house.archive, companion), {"a.txt": b"x"})[0]
    [hidden] = submit(house.archive, io.BytesIO(data)).items
    reader = house.lawyer("of-main-only")
    assert hidden not in {one.item for one in waiting(house.archive, reader)}
    assert hidden in {one.item for one in waiting(house.archive, house.anna)}
    confirmed(house, item)
    assert item not in {one.item for one in waiting(house.archive, house.anna)}
    kinds = [one.event.kind for one in history.history(house.archive, house.anna, item)]
    assert kinds[:2] == [Kind.SUBMISSION, Kind.CONFIRMATION]


def test_an_item_sealed_to_an_earlier_key_is_sealed_afresh_to_the_present_one(house):
    [item] = handed_in(house, {"a.txt": b"x"})
    house.lawyer("left")
    house.revoke("left")
    assert confirmed(house, item).differences == ()
    place = house.archive.ledger().compartments[compartment_of(house.archive)]
    assert house.archive.ledger().items[item].original.sealed.epoch == place.epoch
    assert audited(house.folder).outcome == "verified"
