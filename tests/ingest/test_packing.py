"""Packing: what the recipient opens, what a pack shows to whoever takes it, and what the packer is left with."""

import io
import itertools
import json
import re
from functools import partial

import pytest
from pack_builder import CLAIMED, FILES, SAID, card_for, packed_for, taken_apart

from archive.claims import parse_claim, parse_openings
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.ids import new_id
from archive.packs import (
    MOST_ITEMS,
    Parts,
    format_manifest,
    parse_head,
    parse_manifest,
    parse_signature,
    signed_manifest,
)
from ingest.packing import Packable, Terms, pack
from keys.errors import CommitmentError, NoMatch
from keys.identities import Identity, PassphraseIdentity
from keys.keyfile import AgentSecret
from keys.passphrases import LANGUAGES, normalise, words
from keys.receipt_codes import code_tag
from keys.sealing import open_, split
from keys.signing import SigningKey, verify_ed25519


@pytest.fixture(scope="module")
def identity():
    return Identity.generate()


@pytest.fixture(scope="module")
def made(identity):
    data, packed = packed_for(identity)
    return data, packed, taken_apart(data)


def opened(member: bytes, identity, parts: Parts) -> bytes:
    """Open a member as the archive's reader will: every digest and the commitment held against the manifest."""
    header, body = split(member)
    assert (Digest.of(header), Digest.of(body)) == (parts.header, parts.body)
    return open_(header, body, identity, commitment=parts.file_key)


def test_the_recipient_opens_every_member_and_everything_fits_together(identity, made):
    _data, packed, found = made
    manifest = parse_manifest(found["manifest.json"])
    assert parse_head(found["pack.json"]) == manifest.head == packed.head
    assert tuple(one.item for one in manifest.items) == packed.items
    for number, (one, (name, original)) in enumerate(zip(manifest.items, FILES.items(), strict=True), 1):
        assert opened(found[f"{number}.age"], identity, one.sealed) == original
        plain = opened(found[f"{number}.description.age"], identity, one.description)
        claim = parse_claim(plain, manifest.head, one.item, one.sealed)
        assert claim.openings.commitments() == {"sha256": one.sha256, "blake3": one.blake3, "name": one.name}
        assert (claim.openings.name, claim.openings.sha256) == (name, Digest.of(original))
        assert (claim.size_bytes, claim.claimed_at, claim.description) == (len(original), CLAIMED, SAID)


def test_the_code_of_words_opens_the_receipts_and_finds_them(made):
    _data, packed, found = made
    manifest = parse_manifest(found["manifest.json"])
    typed = packed.code.upper().replace(" ", "  ")
    assert code_tag(typed, packed.head.origin, log_n=10) == manifest.receipts.code
    header, body = split(found["receipts.age"])
    assert (Digest.of(header), Digest.of(body)) == (manifest.receipts.header, manifest.receipts.body)
    openings = parse_openings(
        open_(header, body, PassphraseIdentity(normalise(typed), most_log_n=10), commitment=None), packed.head
    )
    assert sorted(one.name for one in openings.values()) == sorted(FILES)
    assert sorted(openings) == sorted(packed.items)
    other = "zebra " * 6
    assert code_tag(other, packed.head.origin, log_n=10) != manifest.receipts.code
    with pytest.raises(NoMatch):
        open_(header, body, PassphraseIdentity(normalise(other), most_log_n=10), commitment=None)


def test_whoever_takes_a_pack_learns_no_name_text_title_digest_or_code(made):
    data, packed, found = made
    manifest = json.loads(found["manifest.json"])
    for secret in ("сведчанне", "photo", "Сведчанне", "Акрэсціна", packed.code):
        assert secret.encode() not in data
    for original in FILES.values():
        assert original[:16] not in data
        assert Digest.of(original).encode() not in data
    shown = re.sub(r'"[0-9a-z]{26}"|"[0-9a-f]{64}"', "", json.dumps(manifest))
    assert "size" not in shown
    assert str(len(FILES["photo.jpg"])) not in shown


def test_two_packs_of_the_same_files_have_nothing_in_common_but_for_whom_they_are(identity, made):
    again = taken_apart(packed_for(identity)[0])
    first, second = (parse_manifest(one["manifest.json"]) for one in (made[2], again))
    digests = [set(re.findall("[0-9a-z]{26,64}", format_manifest(one).decode())) for one in (first, second)]
    assert digests[0] & digests[1] == {first.head.compartment}


def test_the_packer_cannot_open_what_she_packed(made):
    header, body = split(made[2]["1.age"])
    with pytest.raises(NoMatch):
        open_(header, body, Identity.generate(), commitment=None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_is_in_the_packers_language(identity, language):
    _data, packed = packed_for(identity, {"a": b"x"}, language=language)
    assert set(packed.code.split()) <= set(words(language))


def test_an_agent_can_sign_and_the_signature_covers_the_whole_manifest(identity):
    signing = SigningKey.generate()
    secret = AgentSecret(identity, signing, new_id(), new_id(), Digest.of(b"genesis"), 1, bytes(32), False)
    data, packed = packed_for(identity, signer=secret)
    found = taken_apart(data)
    signature = parse_signature(found["signature.json"])
    assert (signature.agent, packed.signed) == (secret.agent, True)
    verify_ed25519(signing.public, signed_manifest(found["manifest.json"]), signature.signature)
    with pytest.raises(SviedkaError):
        verify_ed25519(signing.public, signed_manifest(found["manifest.json"] + b" "), signature.signature)


def test_an_empty_file_is_refused(identity):
    with pytest.raises(SviedkaError) as raised:
        packed_for(identity, {"a": b"x", "empty": b""})
    assert raised.value.code == "I62"


def test_no_file_and_too_many_files_are_refused(identity):
    many = (Packable("a", partial(io.BytesIO, b"x"), {}) for _ in itertools.count())
    with pytest.raises(SviedkaError) as raised:
        pack(io.BytesIO(), card_for(identity), many, Terms(CLAIMED, log_n=10))
    assert raised.value.code == "I93"
    assert MOST_ITEMS == 4096


def test_a_description_too_long_to_be_a_description_is_refused(identity):
    with pytest.raises(SviedkaError) as raised:
        packed_for(identity, said={"title": "x" * (300 << 10)})
    assert raised.value.code == "I93"


def test_a_member_that_opens_under_another_key_than_committed_to_is_refused(identity, made):
    one = parse_manifest(made[2]["manifest.json"]).items[0]
    header, body = split(made[2]["1.age"])
    with pytest.raises(CommitmentError):
        open_(header, body, identity, commitment=one.description.file_key)


def test_a_claim_is_about_one_item_of_one_pack(identity, made):
    manifest = parse_manifest(made[2]["manifest.json"])
    one, other = manifest.items
    plain = opened(made[2]["1.description.age"], identity, one.description)
    second = parse_manifest(taken_apart(packed_for(identity)[0])["manifest.json"])
    for head, item, sealed in (
        (manifest.head, other.item, one.sealed),
        (manifest.head, one.item, other.sealed),
        (second.head, one.item, one.sealed),
    ):
        with pytest.raises(SviedkaError) as raised:
            parse_claim(plain, head, item, sealed)
        assert raised.value.code == "C46"


def changed(manifest: bytes, change) -> bytes:
    value = json.loads(manifest)
    change(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda v: v["items"].append(v["items"][0]), "I94"),
        (lambda v: v["items"][1].update(item=v["items"][0]["item"]), "I94"),
        (lambda v: v["items"][1].update(sealed=v["items"][0]["sealed"]), "I94"),
        (lambda v: v["items"].clear(), "I93"),
        (lambda v: v["items"][0].update(size=1), "I94"),
        (lambda v: v["items"][0].pop("name"), "I94"),
        (lambda v: v["items"][0].update(item="../../x"), "I94"),
        (lambda v: v["head"].update(v=2), "I94"),
        (lambda v: v["head"].update(epoch=0), "I94"),
        (lambda v: v["head"].update(kind="sviedka-раск"), "I94"),
        (lambda v: v.update(note="x"), "I94"),
        (lambda v: v["receipts"].update(code=v["receipts"]["code"].upper()), "I94"),
    ],
)
def test_a_manifest_that_says_more_less_or_twice_is_refused(made, change, code):
    manifest = made[2]["manifest.json"]
    assert parse_manifest(changed(manifest, lambda _: None))
    with pytest.raises(SviedkaError) as raised:
        parse_manifest(changed(manifest, change))
    assert raised.value.code == code


@pytest.mark.parametrize(
    "spelling", [lambda m: m + b"\n", lambda m: m.replace(b",", b", ", 1), lambda m: m[:-1]]
)
def test_a_manifest_has_one_spelling(made, spelling):
    with pytest.raises(SviedkaError) as raised:
        parse_manifest(spelling(made[2]["manifest.json"]))
    assert raised.value.code == "I94"
