"""Packs at the public pages: handed in and proven without an account, confirmed by whoever may read there."""

import io
import json
import re
import zipfile
from contextlib import ExitStack
from dataclasses import replace

import pytest
from browsing import PASSPHRASE, Browser, words
from packing_people import FILES, altered, apart, card_of, lying, packed, together

from archive.access import signin
from archive.digests import Digest
from archive.errors import IntakeError
from archive.packs import format_head, parse_head, parse_manifest
from archive.receipts import parse_receipt, verify_receipt
from archive.verifying import verify_file
from archive.web.pages import packs
from ingest.arriving import SLOWEST_BYTES_PER_SECOND, take_arriving
from keys.signing import verify_ed25519, verify_mldsa44
from storage.locks import exclusive


def handed_in(browser, data, *, of="/submit"):
    file = (io.BytesIO(data), "field.pack")
    return browser.client.post("/submit", data={"form": browser.token(of), "pack": file})


def fetched(browser, code):
    return browser.post("/submit/receipts", {"words": code}, of="/submit/receipts")


def receipts_in(answer):
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def state(archive):
    return (
        archive.log.checkpoint().size,
        archive.catalogue.counts(),
        set(archive.objects.digests()),
        set(archive.headers.bodies()),
        sorted(one.name for one in archive.folder.iterdir()),
    )


@pytest.fixture
def custodian(app):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in("custodian")


def test_a_pack_is_handed_in_and_its_receipts_fetched_without_an_account(archive, browser):
    data, made = packed(card_of(archive))
    answer = handed_in(browser, data)
    assert answer.status_code == 201
    assert "The pack is in custody" in words(answer)
    assert all(archive.ledger().items[item].claimed for item in made.items)
    got = fetched(browser, f"  {made.code.upper()} ")
    assert got.status_code == 200
    assert got.headers["Content-Disposition"].startswith("attachment")
    found = receipts_in(got)
    assert set(found) == {"archive.trust", *(f"{item}.tlog-proof" for item in made.items)}
    for item, (name, content) in zip(made.items, FILES.items(), strict=True):
        proven = verify_file(
            found[f"{item}.tlog-proof"],
            read=iter([content, b""]).__next__,
            trust=found["archive.trust"],
            check_ed25519=verify_ed25519,
            check_mldsa44=verify_mldsa44,
        )
        assert (proven.proven.openings.name, proven.as_data()["item"]) == (name, item)
        assert proven.as_data()["claimed"] is True
        assert "as is claimed" in "\n".join(proven.lines())
    other = fetched(browser, made.code)
    assert other.data == got.data


def test_the_same_pack_again_gets_the_same_answer_and_changes_nothing(archive, browser):
    data, _made = packed(card_of(archive))
    first = handed_in(browser, data)
    before = state(archive)
    again = handed_in(browser, data)
    assert (again.status_code, words(again)) == (first.status_code, words(first))
    assert state(archive) == before


def other_archive(archive, data):
    head = parse_head(apart(data)["pack.json"])
    return together(
        (name, format_head(replace(head, origin="sviedka.invalid/x")) if name == "pack.json" else part)
        for name, part in apart(data).items()
    )


HOSTILE = {
    "cut": (lambda archive, data: data[: len(data) // 2], "I94"),
    "of another archive": (other_archive, "I95"),
    "plaintext": (lambda archive, data: "Мяне білі.".encode() * 9999, "I94"),
    "a zip file": (lambda archive, data: b"PK\x03\x04" + data, "I94"),
    "with another body": (lambda archive, data: altered(data, swapped), "I86"),
}


def swapped(parts, manifest):
    parts["1.age"], parts["2.age"] = parts["2.age"], parts["1.age"]
    return manifest


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_pack_for_this_archive_is_refused_and_leaves_nothing(archive, browser, what):
    change, code = HOSTILE[what]
    data = change(archive, packed(card_of(archive))[0])
    before = state(archive)
    answer = handed_in(browser, data)
    assert (answer.status_code, answer.headers["Sviedka-Outcome"]) == (400, code)
    assert f"({code})" in words(answer)
    assert state(archive) == before


def test_a_file_chosen_by_mistake_never_reaches_the_disk(archive, browser, monkeypatch):
    """Nothing is written before the first member shows that what comes is sealed for this archive."""
    written = []
    secret = "Мяне білі.".encode() * 5999

    class Watched(io.BytesIO):
        def write(self, data, /):
            written.append(bytes(data))
            return super().write(data)

    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_how: Watched())
    assert handed_in(browser, secret).status_code == 400
    assert written == []
    assert handed_in(browser, packed(card_of(archive))[0]).status_code == 201
    assert written


def test_ids_of_another_pack_are_refused(archive, browser):
    data, made = packed(card_of(archive))
    assert handed_in(browser, data).status_code == 201

    def same_item(_parts, manifest):
        return replace(manifest, items=(replace(manifest.items[0], item=made.items[0]), *manifest.items[1:]))

    before = state(archive)
    answer = handed_in(browser, altered(packed(card_of(archive))[0], same_item))
    assert answer.headers["Sviedka-Outcome"] == "I89"
    assert state(archive) == before


def test_a_form_without_a_token_or_a_pack_is_refused(archive, browser):
    data = packed(card_of(archive))[0]
    before = state(archive)
    answer = browser.client.post("/submit", data={"form": "0" * 64, "pack": (io.BytesIO(data), "p")})
    assert answer.status_code == 403
    assert browser.post("/submit", of="/submit").status_code == 400
    assert state(archive) == before


def test_guessed_codes_are_all_answered_alike(archive, browser):
    _data, never = packed(card_of(archive))
    handed_in(browser, packed(card_of(archive))[0])
    answers = [fetched(browser, code) for code in (never.code, "abandon " * 6, "x" * 100_000, "?", "ы")]
    assert {one.status_code for one in answers} == {404}
    assert len({words(one) for one in answers}) == 1
    assert fetched(browser, "  ").status_code == 400


def test_no_code_stands_in_an_address_and_none_comes_back(archive, browser):
    _data, made = packed(card_of(archive))
    answer = fetched(browser, made.code)
    assert made.code not in answer.text
    assert browser.get(f"/submit/receipts?words={made.code}").status_code == 200
    assert browser.client.get(f"/submit/receipts/{made.code}").status_code == 404


def test_a_crowd_is_sent_away_before_anything_is_read_or_opened(archive, browser):
    data, made = packed(card_of(archive))
    shared = archive.runtime.shared
    with ExitStack() as crowd:
        for place in range(packs.PACKS):
            crowd.enter_context(exclusive(shared / f"packs-{place}"))
        for place in range(packs.CODES):
            crowd.enter_context(exclusive(shared / f"codes-{place}"))
        answer = handed_in(browser, data)
        assert (answer.status_code, answer.headers["Sviedka-Outcome"]) == (503, "A65")
        assert fetched(browser, made.code).status_code == 503
        assert browser.get("/verify").status_code == 200
    assert handed_in(browser, data).status_code == 201


def test_whoever_copies_the_receipts_of_a_pack_takes_them_from_nobody(archive, browser):
    """A pack lies about: somebody hands in others under its code, before it comes itself."""
    data, made = packed(card_of(archive))
    theirs = apart(data)

    def copied(parts, manifest):
        parts["receipts.age"] = theirs["receipts.age"]
        return replace(manifest, receipts=parse_manifest(theirs["manifest.json"]).receipts)

    for _ in range(12):
        assert handed_in(browser, altered(packed(card_of(archive))[0], copied)).status_code == 201
    assert fetched(browser, made.code).status_code == 404
    assert handed_in(browser, data).status_code == 201
    assert len(receipts_in(fetched(browser, made.code))) == 1 + len(made.items)


def test_whoever_sends_too_slowly_or_too_much_is_cut_off(archive, monkeypatch):
    data = packed(card_of(archive))[0]
    before = state(archive)
    seconds = iter(range(0, 10_000_000, 1000))
    slow = io.BytesIO(data)
    with pytest.raises(IntakeError) as raised:
        take_arriving(archive, lambda _size: slow.read(SLOWEST_BYTES_PER_SECOND), monotonic=seconds.__next__)
    assert raised.value.code == "I80"
    monkeypatch.setattr("ingest.arriving.LARGEST_BYTES", 10_000)
    with pytest.raises(IntakeError) as raised:
        take_arriving(archive, io.BytesIO(data).read)
    assert raised.value.code == "I93"
    assert state(archive) == before


def test_claimed_items_are_listed_marked_and_confirmed_one_or_all(archive, app, browser, custodian):
    data, made = packed(card_of(archive))
    handed_in(browser, data)
    assert "wait to be confirmed" in words(custodian.get("/home"))
    page = custodian.get("/claimed")
    assert all(item in page.text for item in made.items)
    assert "сведчанне" not in page.text
    assert "nobody has looked into it yet" in words(custodian.get(f"/items/{made.items[0]}"))
    done = custodian.post("/claimed/confirm", {"item": made.items[0]}, of="/claimed")
    assert "It is what its pack says" in words(done)
    assert "сведчанне.txt" in words(done)
    assert "Packed, as is claimed" in words(done)
    assert not archive.ledger().items[made.items[0]].claimed
    assert archive.ledger().items[made.items[1]].claimed
    custodian.post("/claimed/confirm", of="/claimed")
    assert not archive.ledger().items[made.items[1]].claimed
    shown = words(custodian.get(f"/items/{made.items[0]}"))
    assert "It was opened and compared, and is what its pack says" in shown
    assert "nothing to confirm" in words(
        custodian.post("/claimed/confirm", {"item": made.items[0]}, of="/claimed")
    )
    proven = receipts_in(fetched(browser, made.code))[f"{made.items[0]}.tlog-proof"]
    assert (
        verify_receipt(parse_receipt(proven), trust=None).index == archive.ledger().items[made.items[0]].index
    )


def test_a_mismatch_is_shown_plainly_and_stays(archive, browser, custodian):
    anna = signin.sign_in(archive, "custodian", PASSPHRASE)
    data = packed(card_of(archive), {"account.txt": b"a statement"})[0]
    other = Digest.of(b"another file")
    data = lying(archive, anna, data, lambda one: replace(one, openings=replace(one.openings, sha256=other)))
    handed_in(browser, data)
    item = json.loads(apart(data)["manifest.json"])["items"][0]["item"]
    done = words(custodian.post("/claimed/confirm", {"item": item}, of="/claimed"))
    assert "It is not what its pack says" in done
    assert f"expected: {other}" in done
    assert f"found: {Digest.of(b'a statement')}" in done
    assert "Not what their packs say" in words(custodian.get("/claimed"))
    assert "marked for good" in words(custodian.get(f"/items/{item}"))
    assert "nobody can read it" in words(custodian.get(f"/items/{item}"))
    assert custodian.post(f"/items/{item}/original", of="/claimed").status_code == 404


def test_who_may_not_confirm_learns_of_no_claim(archive, app, browser):
    _data, made = packed(card_of(archive))
    handed_in(browser, _data)
    for handle in ("documenter", "lawyer"):
        other = Browser(app).sign_in(handle)
        other.client.set_cookie("language", "en")
        assert made.items[0] not in other.get("/claimed").text
        answer = other.post("/claimed/confirm", {"item": made.items[0]}, of="/claimed")
        assert "(A20)" in answer.text
        assert archive.ledger().items[made.items[0]].claimed
    assert Browser(app).sign_in("auditor").get("/claimed").status_code == 403


def test_public_pages_of_packs_hold_no_secret_and_carry_a_token(browser):
    for path in ("/submit", "/submit/receipts"):
        page = browser.get(path)
        assert page.status_code == 200
        assert re.search(r'name="form" value="[0-9a-f]{64}"', page.text)
