"""The history of an item page by page, and its certificate, in the browser."""

import io
import re

import pytest
from browsing import PASSPHRASE, Browser, words
from stamping import Authority

from archive.access import grants, signin
from archive.access.history import history
from archive.ids import Id
from archive.nouns import Action
from archive.timestamps import Kept, Name
from archive.uses import Use
from archive.web.pages import histories
from keys.pins import parse_pins
from keys.timestamps import new_request, verify_timestamp
from search.disclosure import read
from storage.timestamps import Authorities, Timestamps

BASE = {"compartment": "main", "language": "be", "rights_basis": "consent", "given_by": "self"}


def person(app, handle, language="en"):
    browser = Browser(app)
    browser.client.set_cookie("language", language)
    return browser.sign_in(handle)


@pytest.fixture(scope="module")
def people(app, archive):
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    terms = grants.Terms(frozenset({Action.READ}), frozenset({Use.COURT}), None, "a case")
    grants.give(archive, custodian, "lawyer", "main", terms)
    return {role: person(app, role) for role in ("documenter", "lawyer", "auditor")}


@pytest.fixture
def item(people, request):
    page = people["documenter"].post(
        "/deposit",
        {
            **BASE,
            "uses": ["court"],
            "files": [(io.BytesIO(f"Тут была дубінка, {request.node.name}.".encode()), "account.txt")],
        },
    )
    return re.search(r'href="/items/([a-z2-7]{26})"', page.text)[1]


def test_a_long_history_has_pages(people, item, archive):
    lawyer = signin.sign_in(archive, "lawyer", PASSPHRASE, purpose=Use.COURT)
    for _ in range(histories.SHOWN):
        read(archive, lawyer, Id(item))
    total = len(history(archive, lawyer, Id(item)))
    first = people["auditor"].get(f"/items/{item}/history")
    assert f"Events: {total}" in words(first)
    assert first.text.count('class="what"') == histories.SHOWN
    assert "The archive took it into custody" in words(first)
    second = people["auditor"].get(f"/items/{item}/history?page=2")
    assert second.text.count('class="what"') == total - histories.SHOWN
    assert "took it into custody" not in words(second)
    for page in ("0", "99", "x", "-1", "²"):
        assert people["auditor"].get(f"/items/{item}/history?page={page}").status_code == 200
    # What the item's own page shows is the end of it; its depositor sees none of the readings.
    assert people["auditor"].get(f"/items/{item}").text.count('class="what"') == 20
    assert "opened for reading" not in words(people["documenter"].get(f"/items/{item}/history"))


@pytest.mark.openssl
def test_a_history_says_by_when_its_events_existed(people, item, archive, tmp_path):
    assert "at the latest" not in words(people["auditor"].get(f"/items/{item}/history"))
    authority, (note, checkpoint) = Authority(tmp_path / "authority"), archive.log.published()
    answer, pins = authority.answer(new_request(note).data), parse_pins(authority.pins)
    stamp = verify_timestamp(pins, note, answer)
    Timestamps(archive.folder).keep(Name.of(checkpoint.size, "clock", stamp), Kept(note, answer))
    Authorities(archive.folder).put("clock", authority.pins, None)
    page = words(people["auditor"].get(f"/items/{item}/history"))
    assert re.search(r"Up to log entry \d+, this existed by .+ at the latest", page)


@pytest.mark.parametrize("language", ["be", "ru", "en"])
def test_a_certificate_is_saved_in_the_language_of_the_page(app, people, item, language):
    browser = person(app, "auditor", language)
    answer = browser.post(f"/items/{item}/certificate")
    assert answer.status_code == 200
    assert answer.mimetype == "application/octet-stream"
    assert answer.data.startswith(b"%PDF-1.7")
    assert f"/Lang({language})".encode() in answer.data


def test_with_the_digests_of_the_original_it_is_a_reading(people, item, archive):
    people["lawyer"].post("/purpose", {"purpose": "court"})
    auditor = signin.sign_in(archive, "auditor", PASSPHRASE)

    def readings():
        return sum(one.event.kind == "reading" for one in history(archive, auditor, Id(item)))

    page = people["lawyer"].get(f"/items/{item}/history")
    assert "counts as reading" in words(page)
    assert people["lawyer"].post(f"/items/{item}/certificate").status_code == 200
    assert readings() == 0
    full = people["lawyer"].post(f"/items/{item}/certificate", {"original": "1"})
    assert full.data.startswith(b"%PDF-1.7")
    assert f"{item}.tlog-proof".encode() in full.data
    assert readings() == 1
    own = people["documenter"].post(f"/items/{item}/certificate", {"original": "1"})
    assert f"{item}.tlog-proof".encode() in own.data
    assert readings() == 1
    assert "confession" in words(people["documenter"].get(f"/items/{item}/history"))


def test_who_may_not_read_gets_no_digests(people, item):
    assert "digests" not in words(people["auditor"].get(f"/items/{item}/history"))
    assert people["auditor"].post(f"/items/{item}/certificate", {"original": "1"}).status_code == 404
    assert people["documenter"].get(f"/items/{'a' * 26}/history").status_code == 404
    assert people["documenter"].post(f"/items/{'a' * 26}/certificate").status_code == 404
