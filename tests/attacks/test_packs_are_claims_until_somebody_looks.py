"""Packs come from anyone: he lies about what is in them, copies those of others, and is handed their receipts.

Each attack returns what the attacker got: nothing, and with the defence taken out, what he came for.
"""

import io
from contextlib import suppress
from dataclasses import replace

import pytest
from defences import Defence, without
from founded import founded_house
from packing_people import altered, apart, card_of, lying, packed

from archive.access.pack_receipts import receipts_by_code
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.ids import new_id
from archive.packs import parse_manifest
from archive.uses import Use
from ingest.arriving import take_arriving
from ingest.confirmation import confirm
from ingest.describe import describe
from ingest.submission import submit
from search.disclosure import read

FILE = {"account.txt": "Мяне білі ў Жодзіне.".encode()}

UNCOMMITTED = Defence("ingest.comparing:_uncommitted", "if event.data[label] != found", "if False")
UNLIKE = Defence("ingest.comparing:_unlike", "if said != is_", "if False")
NEW_BODIES = Defence(
    "ingest.submission:_check_new",
    "if taken or {one.sealed.body, one.description.body} & ledger.bodies.keys():",
    "if taken:",
)
BODIES_ONCE = Defence(
    "archive.lawful:sealed_into",
    "if sealed.body in ledger.bodies:",
    "if False:",
)
OWN_BODIES = Defence("ingest.submission:_forget", "if part.digest not in known:", "if True:")
OF_THIS_PACK = Defence(
    "archive.claims:parse_openings",
    'if found != ("sviedka-pack-receipts", 1, head.origin, head.deposit):',
    "if False:",
)
CLAIMED = Defence("archive.policy:decide", "and item.claimed:", "and False:")
NOT_KEPT = Defence("ingest.arriving:_Arriving.read", "if self._before is not None:", "if False:")


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as house:
        yield house


def handed_in(house, data):
    return submit(house.archive, io.BytesIO(data)).items


def passed_off(house, data):
    """Hand a false pack in, and have somebody look; return whether it counts as what it says."""
    [item] = handed_in(house, data)
    return not confirm(house.archive, house.anna, house.extractor, item).differences


def falsely_committed(house):
    """The manifest, which stands in the log, names another file than is in the pack."""

    def change(_parts, manifest):
        return replace(manifest, items=(replace(manifest.items[0], sha256=Digest.of(b"another")),))

    return altered(packed(card_of(house.archive), FILE)[0], change)


def falsely_described(house):
    """Manifest and description agree with each other, and not with the file."""
    data = packed(card_of(house.archive), FILE)[0]
    other = Digest.of(b"another")
    return lying(
        house.archive,
        house.anna,
        data,
        lambda one: replace(one, openings=replace(one.openings, sha256=other)),
    )


@pytest.mark.parametrize(("made", "defence"), [(falsely_committed, UNCOMMITTED), (falsely_described, UNLIKE)])
def test_what_is_not_as_its_pack_says_is_not_taken_for_it(house, made, defence):
    assert not passed_off(house, made(house))
    with without(defence):
        assert passed_off(house, made(house))


def copied_from(house):
    """Return a pack of one's own that holds somebody's item, which is in the archive, beside its body."""
    data = packed(card_of(house.archive), FILE)[0]
    [item] = handed_in(house, data)
    theirs = apart(data)

    def copied(parts, manifest):
        parts["1.age"], parts["1.description.age"] = theirs["1.age"], theirs["1.description.age"]
        mine = replace(parse_manifest(theirs["manifest.json"]).items[0], item=new_id())
        return replace(manifest, items=(mine,))

    body = house.archive.ledger().items[item].original.sealed.body
    return altered(packed(card_of(house.archive), FILE)[0], copied), body


def refusal_of(house, data):
    with pytest.raises(SviedkaError) as raised:
        handed_in(house, data)
    return raised.value.code


def test_nobody_hands_a_copy_in_to_have_it_destroyed_with_what_another_handed_in(house):
    """Whoever takes it in looks, the rules look, the catalogue has each body once: each is enough."""
    data, body = copied_from(house)
    assert refusal_of(house, data) == "I89"
    with without(NEW_BODIES):
        assert refusal_of(house, data) == "F21"
    with without(NEW_BODIES, BODIES_ONCE):
        assert refusal_of(house, data) == "F21"
    assert house.archive.objects.has(body)
    with without(NEW_BODIES, BODIES_ONCE, OWN_BODIES):
        assert refusal_of(house, data) == "F21"
    assert not house.archive.objects.has(body)


def displaced(house):
    """Hand a pack in under the code of another's, before it; return whether his answers to the code."""
    data, made = packed(card_of(house.archive), FILE)
    theirs = apart(data)

    def copied(parts, manifest):
        parts["receipts.age"] = theirs["receipts.age"]
        first, theirs_too = parse_manifest(theirs["manifest.json"]), manifest.items[0]
        mine = replace(theirs_too, sha256=first.items[0].sha256, blake3=first.items[0].blake3)
        return replace(
            manifest,
            items=(replace(mine, item=made.items[0], name=first.items[0].name),),
            receipts=first.receipts,
        )

    [item] = handed_in(house, altered(packed(card_of(house.archive), FILE)[0], copied))
    with suppress(SviedkaError):
        return item in receipts_by_code(house.archive, made.code)
    return False


def test_nobody_gets_a_pack_of_his_proven_by_the_receipts_of_another(house):
    assert not displaced(house)
    with without(OF_THIS_PACK):
        assert displaced(house)


def looked_at(house):
    """Give a claimed item rights, and read it before anybody compared it; return how far one gets."""
    [item] = handed_in(house, packed(card_of(house.archive), FILE)[0])
    consent = {"items": [item], "given_by": "self", "uses": ["store", "court"], "given_on": "2026-11-20"}
    describe(house.archive, house.anna, "main", [{"type": "consent", "data": consent}])
    before = house.archive.log.checkpoint().size
    with suppress(SviedkaError):
        b"".join(read(house.archive, house.sign_in("anna", Use.COURT), item).chunks)
    return house.archive.log.checkpoint().size > before


def test_nobody_reads_a_claim_before_it_was_compared(house):
    assert not looked_at(house)
    with without(CLAIMED):
        assert looked_at(house)


def on_the_disk(house, monkeypatch):
    """Send a statement itself instead of a pack of it; return whether it was written down."""
    written = []

    class Watched(io.BytesIO):
        def write(self, data, /):
            written.append(bytes(data))
            return super().write(data)

    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_how: Watched())
    with suppress(SviedkaError):
        take_arriving(house.archive, io.BytesIO(FILE["account.txt"] * 99).read)
    return any(written)


def test_a_statement_sent_by_mistake_is_not_written_down(house, monkeypatch):
    assert not on_the_disk(house, monkeypatch)
    with without(NOT_KEPT):
        assert on_the_disk(house, monkeypatch)
