"""Packs handed in: taken as claimed, once, whoever brings them; what is no pack for this archive is not."""

import io
import random
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from founded import House, audited, founded_house, refusal
from packing_people import FILES, altered, apart, card_of, compartment_of, packed, together

from archive.access import suspension
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.ids import new_id
from archive.kinds import Kind
from archive.packs import format_head, parse_head, parse_manifest
from ingest.reading_packs import plain_bytes
from ingest.submission import check_room, submit
from keys.identities import Identity
from keys.keyfile import AgentSecret
from keys.recipients import Recipient
from keys.sealing import seal, split
from keys.signing import SigningKey


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with founded_house(tmp_path_factory.mktemp("submission") / "archive") as house:
        yield house


def handed_in(house: House, data: bytes):
    return submit(house.archive, io.BytesIO(data))


def bodies(house: House) -> set[Digest]:
    return {*house.archive.objects.digests(), *house.archive.headers.bodies()}


def refused(house: House, data: bytes, code: str) -> None:
    """See that a pack is refused, and leaves nothing behind: no body, no row, no event."""
    before = bodies(house), house.archive.catalogue.counts(), house.archive.log.checkpoint().size
    with refusal(code):
        handed_in(house, data)
    assert before == (bodies(house), house.archive.catalogue.counts(), house.archive.log.checkpoint().size)


def faults_of(folder) -> list[tuple[str, str]]:
    return sorted((fault.code, fault.object.split()[0]) for fault in audited(folder).faults)


def test_a_pack_becomes_claimed_items_that_an_audit_accepts(house):
    data, made = packed(card_of(house.archive))
    done = handed_in(house, data)
    assert (done.deposit, done.items) == (made.head.deposit, made.items)
    ledger = house.archive.ledger()
    for item in done.items:
        assert ledger.items[item].claimed
        assert ledger.items[item].depositor == ledger.archive_agent
        [index] = house.archive.catalogue.items.events(item)
        assert house.archive.custody.checked(index).kind is Kind.SUBMISSION
    row = house.archive.catalogue.packs.get(done.deposit)
    assert row is not None
    assert row.manifest == apart(data)["manifest.json"]
    assert audited(house.folder).outcome == "verified"
    assert not list((house.folder / "objects" / "partial").iterdir())


def test_the_same_pack_again_changes_nothing_and_is_answered_as_the_first_time(house):
    data, _made = packed(card_of(house.archive))
    first = handed_in(house, data)
    before = bodies(house), house.archive.catalogue.counts(), house.archive.log.checkpoint().size
    assert handed_in(house, data) == first
    assert before == (bodies(house), house.archive.catalogue.counts(), house.archive.log.checkpoint().size)


def test_a_pack_of_a_file_that_the_archive_has_is_answered_and_taken_in_like_any_other(house):
    """An infiltrator who wonders whether a statement is here packs it himself, and learns nothing."""
    vera = house.documenter("probed")
    house.deposit(vera, FILES)
    known, _made = packed(card_of(house.archive))
    other, _made = packed(card_of(house.archive), {name: data[::-1] for name, data in FILES.items()})
    answers = [handed_in(house, data) for data in (known, other)]
    assert [len(one.items) for one in answers] == [2, 2]
    events = [
        house.archive.custody.checked(house.archive.ledger().items[one.items[0]].index) for one in answers
    ]
    assert events[0].data.keys() == events[1].data.keys()
    assert {event.kind for event in events} == {Kind.SUBMISSION}


def test_a_pack_for_another_archive_compartment_or_key_is_refused_before_it_is_read(house, tmp_path):
    with founded_house(tmp_path / "other") as other:
        refused(house, packed(card_of(other.archive))[0], "I95")
        elsewhere = replace(card_of(other.archive), origin=house.archive.ledger().origin)
        refused(house, packed(elsewhere)[0], "I95")
    card = card_of(house.archive)
    refused(house, packed(replace(card, epoch=card.epoch + 1))[0], "I95")
    # Another compartment's key under this one's name.
    companion = card_of(house.archive, compartment_of(house.archive, companion=True))
    mixed = replace(card, recipient=companion.recipient, fingerprint=companion.fingerprint)
    refused(house, packed(mixed)[0], "I95")
    head = parse_head(apart(packed(card)[0])["pack.json"])
    # Its first member is enough to tell: nothing behind it is needed, or looked at.
    only = together([("pack.json", format_head(replace(head, origin="sviedka.invalid/x")))])
    refused(house, only, "I95")


def test_a_pack_of_an_earlier_epoch_is_taken_in(house):
    card = card_of(house.archive)
    house.lawyer("gone")
    house.revoke("gone")
    assert card_of(house.archive).epoch == card.epoch + 1
    done = handed_in(house, packed(card)[0])
    assert house.archive.ledger().items[done.items[0]].original.sealed.epoch == card.epoch
    assert audited(house.folder).outcome == "verified"


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def twice(data: bytes) -> bytes:
    return together(
        [(name, part) for name, part in apart(data).items() for _ in range(1 + (name == "1.age"))]
    )


def with_a_path(data: bytes) -> bytes:
    return data.replace(b"1.age" + bytes(9), b"../../1.age" + bytes(3), 1)


def without_the_second(data: bytes) -> bytes:
    return together([(name, part) for name, part in apart(data).items() if not name.startswith("2.")])


def swapped(data: bytes) -> bytes:
    parts = apart(data)
    parts["1.age"], parts["2.age"] = parts["2.age"], parts["1.age"]
    return together(parts.items())


def sealed_to_two(data: bytes) -> bytes:
    """Replace an original by one that somebody else can open too."""
    parts = apart(data)
    recipients = [Recipient.parse(card_recipient()), Recipient.parse(card_recipient())]
    sealed = seal(b"x", recipients)
    parts["1.age"] = sealed.header + sealed.body
    return together(parts.items())


def card_recipient() -> str:
    return Identity.generate().recipient.text


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (cut, "I94"),
        (twice, "I94"),
        (with_a_path, "I94"),
        (without_the_second, "I86"),
        (swapped, "I86"),
        (sealed_to_two, "I94"),
        (lambda data: data + b"x", "I94"),
        (lambda data: b"", "I94"),
        (lambda data: b"PK\x03\x04" + data, "I94"),
    ],
)
def test_what_is_no_whole_pack_is_refused_and_leaves_nothing(house, damage: Callable[[bytes], bytes], code):
    refused(house, damage(packed(card_of(house.archive))[0]), code)


def test_a_flipped_bit_anywhere_before_the_manifest_is_refused(house):
    """A manifest that was altered itself is found out when somebody opens what it speaks of."""
    data = packed(card_of(house.archive), {"a": b"x" * 3000})[0]
    chance, end = random.Random(3), data.index(b"manifest.json")
    for place in {chance.randrange(end) for _ in range(150)}:
        flipped = bytearray(data)
        flipped[place] ^= 1
        with pytest.raises(SviedkaError) as raised:
            handed_in(house, bytes(flipped))
        assert raised.value.code in {"I93", "I94", "I95", "I86"}, place
    assert audited(house.folder).outcome == "verified"


def test_ten_thousand_members_are_refused_at_the_limit(house):
    sealed = seal(b"x", [Recipient.parse(card_of(house.archive).recipient)])
    member = sealed.header + sealed.body
    read = [0]

    def parts():
        yield "pack.json", apart(packed(card_of(house.archive), {"a": b"x"})[0])["pack.json"]
        for number in range(1, 10_001):
            yield f"{number}.age", member
            yield f"{number}.description.age", member

    data = together(parts())

    class Counted(io.BytesIO):
        def read(self, size=-1, /):
            read[0] += size
            return super().read(size)

    with refusal("I93"):
        submit(house.archive, Counted(data))
    assert read[0] < len(data) // 2


def test_whoever_copies_an_item_of_a_pack_into_his_own_is_refused(house):
    """Else destroying his copy would destroy the other: a sealed body is in one place only."""
    first = packed(card_of(house.archive))[0]
    handed_in(house, first)

    def copied(own, manifest):
        taken = apart(first)
        stolen = next(iter(parse_manifest_of(first).items))
        own["1.age"], own["1.description.age"] = taken["1.age"], taken["1.description.age"]
        mine = replace(stolen, item=new_id())
        return replace(manifest, items=(mine, *manifest.items[1:]))

    refused(house, altered(packed(card_of(house.archive))[0], copied), "I89")
    assert audited(house.folder).outcome == "verified"


def parse_manifest_of(data: bytes):
    return parse_manifest(apart(data)["manifest.json"])


def test_another_pack_under_the_same_id_is_refused(house):
    first, made = packed(card_of(house.archive))
    handed_in(house, first)

    def renamed(parts, manifest):
        head = replace(manifest.head, deposit=made.head.deposit)
        parts["pack.json"] = format_head(head)
        return replace(manifest, head=head)

    other = altered(packed(card_of(house.archive))[0], renamed)
    refused(house, other, "I89")
    assert audited(house.folder).outcome == "verified"


def test_an_item_that_is_here_cannot_come_again(house):
    first, made = packed(card_of(house.archive))
    handed_in(house, first)

    def same_item(_parts, manifest):
        items = (replace(manifest.items[0], item=made.items[0]), *manifest.items[1:])
        return replace(manifest, items=items)

    refused(house, altered(packed(card_of(house.archive))[0], same_item), "I89")


def test_a_signature_is_logged_when_it_holds_and_only_then(house):
    vera = house.documenter("signs")
    data = packed(card_of(house.archive), signer=vera.secret)[0]
    assert signers(house, data) == {vera.id}
    stranger = AgentSecret(
        vera.secret.identity, SigningKey.generate(), vera.id, new_id(), Digest.of(b""), 1, bytes(32), False
    )
    assert signers(house, packed(card_of(house.archive), signer=stranger)[0]) == {None}
    nobody = replace(vera.secret, agent=new_id())
    assert signers(house, packed(card_of(house.archive), signer=nobody)[0]) == {None}
    suspension.suspend(house.archive, house.anna, "signs")
    assert signers(house, packed(card_of(house.archive), signer=vera.secret)[0]) == {None}
    assert audited(house.folder).outcome == "verified"


def signers(house: House, data: bytes) -> set[str | None]:
    ledger = house.archive.ledger
    items = handed_in(house, data).items
    return {house.archive.custody.checked(ledger().items[one].index).data["signer"] for one in items}


def test_packs_leave_room_to_everybody_else(house):
    check_room(house.archive, 1)
    with refusal("F02"):
        check_room(house.archive, 1 << 60)
    with refusal("F02"):
        check_room(house.archive, 1, kept_free_bytes=1 << 60)


@pytest.mark.parametrize("size", [1, 5, 65535, 65536, 65537, 1 << 20, (1 << 20) + 3])
def test_the_length_of_what_is_sealed_tells_how_long_it_is_opened(size):
    sealed = seal(bytes(size), [Recipient.parse(card_recipient())])
    assert plain_bytes(len(sealed.body)) == size


@pytest.mark.parametrize("size", [0, 16, 32, 48 - 16, 16 + 65552 + 5, 16 + 65552 + 16])
def test_a_length_that_no_body_has_is_refused(size):
    with refusal("I94"):
        plain_bytes(size)


TAMPERINGS = {
    "UPDATE packs SET manifest = CAST(replace(CAST(manifest AS TEXT), 'sha256', 'sha257') AS BLOB)": "F47",
    "UPDATE packs SET content = X'00'": "F47",
    "UPDATE packs SET header = X'00'": "F47",
    "UPDATE packs SET code = '" + "0" * 64 + "'": "F47",
    "UPDATE packs SET signature = NULL": "F47",
    "UPDATE packs SET deposit = iif(deposit LIKE 'a%', 'b', 'a') || substr(deposit, 2)": "F46 F48",
    "DELETE FROM packs": "F46",
    "DROP TABLE packs": "F46",
    "DELETE FROM sealed WHERE kind = 'claim'": "F44",
    "UPDATE sealed SET content = X'00' WHERE kind = 'claim'": "F45",
}


@pytest.mark.parametrize("change", TAMPERINGS)
def test_an_audit_names_whatever_was_changed_of_a_pack(tmp_path, change):
    with founded_house(tmp_path / "archive") as house:
        vera = house.documenter()
        handed_in(house, packed(card_of(house.archive), {"a": b"x"}, signer=vera.secret)[0])
    connection = sqlite3.connect(tmp_path / "archive" / "catalogue.sqlite")
    connection.execute(change)
    connection.commit()
    connection.close()
    found = {code for code, _ in faults_of(tmp_path / "archive")}
    assert set(TAMPERINGS[change].split()) <= found


def test_a_body_that_is_gone_is_named_by_the_audit(tmp_path):
    with founded_house(tmp_path / "archive") as house:
        data = packed(card_of(house.archive), {"a": b"x"})[0]
        handed_in(house, data)
        header, body = split(apart(data)["1.age"])
        house.archive.objects.delete(Digest.of(body))
        house.archive.headers.delete(Digest.of(body))
        assert Digest.of(header)
    assert {code for code, _ in faults_of(tmp_path / "archive")} == {"F40", "F42"}
