"""Redactions and identities on the pages: who sees which button, and what each page tells."""

import io

import pytest
from browsing import PASSPHRASE, Browser, words

from archive.access import compartments, grants, signin
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Action
from archive.uses import Use
from ingest.describe import describe

WITNESS = "Ганна Лапіцкая"
STATEMENT = f"Сведка {WITNESS} бачыла дубінкі на Акрэсціна."
REDACTED = "Сведка Н. бачыла дубінкі ў ізалятары."
BOTH = frozenset({Use.COURT, Use.PUBLICATION})
ABSENT = "a" * 26


def terms(*actions):
    return grants.Terms(frozenset(actions), BOTH, None, "the work needs it")


@pytest.fixture(scope="module")
def people(archive, app):
    """The custodian releases from `main`; the lawyer reads only in `abroad`; the documenter hands in."""
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    compartments.found(archive, custodian, "abroad")
    grants.give(archive, custodian, "custodian", "main", terms(Action.RELEASE))
    grants.give(archive, custodian, "lawyer", "abroad", terms(Action.READ))
    found = {handle: Browser(app) for handle in ("custodian", "lawyer", "documenter")}
    for handle, browser in found.items():
        browser.client.set_cookie("language", "en")
        browser.sign_in(handle)
        browser.post("/purpose", {"purpose": "court"}, of="/home")
    return found


@pytest.fixture(scope="module")
def item(archive, people):
    about = {"compartment": "main", "title": f"Сведчанне: {WITNESS}", "language": "be"}
    about |= {"rights_basis": "consent", "given_by": "self", "uses": ["court"]}
    file = (io.BytesIO(STATEMENT.encode()), "lapickaja.txt")
    page = people["documenter"].post("/deposit", {**about, "files": [file]})
    assert "Taken into custody" in words(page)
    return max(archive.ledger().items.values(), key=lambda one: one.index).item


def send(browser, item, text=REDACTED, **changes):
    about = {
        "title": "Адно сведчанне",
        "language": "be",
        "handling": "The name was left out.",
        "compartment": "abroad",
        "uses": ["court"],
        "reason": "the partners ask",
        "graphic": "yes",
    }
    file = (io.BytesIO(text.encode()), "redacted.txt")
    return browser.post(f"/items/{item}/redaction", {**about, **changes, "file": file}, of="/home")


@pytest.fixture(scope="module")
def redacted(people, item):
    return send(people["custodian"], item)


def test_whoever_may_release_adds_a_redaction_and_looks_through_its_text(people, item, redacted):
    assert "Add a redaction" in words(people["custodian"].get(f"/items/{item}"))
    form = words(people["custodian"].get(f"/items/{item}/redaction"))
    assert "under a black bar" in form
    assert "Parts of it may be made public." in form
    assert "Historians" not in form
    assert redacted.status_code == 200
    assert REDACTED in words(redacted)


def test_what_is_wrong_is_said_on_the_form(people, item):
    custodian = people["custodian"]
    assert "Say why." in words(send(custodian, item, reason=" "))
    original = send(custodian, item, text=STATEMENT)
    assert (original.status_code, "This is the original itself" in words(original)) == (400, True)
    empty = send(custodian, item, text="")
    assert (empty.status_code, "The file is empty." in words(empty)) == (400, True)
    assert send(custodian, item, compartment="nowhere").status_code == 404
    assert send(custodian, item, proposal="x").status_code == 404


def test_whoever_may_not_release_is_not_offered_it(people, item):
    for handle in ("documenter", "lawyer"):
        browser = people[handle]
        assert "Add a redaction" not in words(browser.get(f"/items/{item}"))
        absent = send(browser, ABSENT)
        assert browser.get(f"/items/{ABSENT}/redaction").status_code == absent.status_code
        assert send(browser, item).status_code in (403, 404)


def test_its_reader_finds_and_reads_the_redaction_and_nothing_of_the_original(
    archive, people, item, redacted
):
    lawyer = people["lawyer"]
    found = lawyer.post("/search", {"query": "дубінкі"}, of="/home")
    assert "a copy from which something was left out" in words(found)
    [form] = [one.rendition for one in archive.ledger().items[item].renditions.values()
              if one.kind == "redaction"]  # fmt: skip
    assert f'name="rendition" value="{form}"' in found.text
    warned = lawyer.post(f"/items/{item}/read", {"rendition": form, "graphic": "1"}, of="/home")
    assert f'name="rendition" value="{form}"' in warned.text
    shown = lawyer.post(f"/items/{item}/read", {"rendition": form, "agreed": "1"}, of="/home")
    assert REDACTED in words(shown)
    assert "This is a redaction" in words(shown)
    page = lawyer.get(f"/items/{item}")
    saved = lawyer.post(f"/items/{item}/form", {"rendition": form}, of="/home")
    assert saved.data == REDACTED.encode()
    original = archive.ledger().items[item].original
    secrets = (WITNESS, "Лапіцкай", "lapickaja", original.rendition, original.sealed.body)
    for answer in (found, warned, shown, page):
        assert answer.status_code == 200
        assert not [secret for secret in secrets if secret in answer.text]
    for path, data in (("original", {}), ("form", {"rendition": original.rendition}), ("sealed", {})):
        assert lawyer.post(f"/items/{item}/{path}", data, of="/home").status_code == 404


def test_the_depositor_is_not_told_that_a_redaction_was_made(people, item, redacted):
    page = words(people["documenter"].get(f"/items/{item}"))
    assert "redaction" not in page.lower()


def test_a_name_is_shown_after_a_reason_and_an_entry_in_the_log(archive, people, item):
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    names = [{"text": WITNESS, "language": "be", "kind": "official"}]
    records = [
        {"key": "#w", "type": "person", "data": {"names": names}},
        {"type": "testimony", "data": {"source": "#w", "role": "witness", "items": [item]}},
    ]
    describe(archive, custodian, "main.identities", records)
    browser = people["custodian"]
    asked = browser.post(f"/items/{item}/identity", of="/home")
    assert "Before you see a name" in words(asked)
    assert WITNESS not in asked.text
    empty = browser.post(f"/items/{item}/identity/now", {"reason": " "}, of="/home")
    assert (empty.status_code, WITNESS in empty.text) == (400, False)
    size = archive.log.checkpoint().size
    shown = browser.post(f"/items/{item}/identity/now", {"reason": "a summons"}, of="/home")
    assert WITNESS in words(shown)
    event = archive.custody.checked(size)
    assert (event.kind, event.data["item"]) == (Kind.UNMASKING, item)
    assert "who a pseudonym stands for" in words(browser.get(f"/items/{item}"))


@pytest.mark.parametrize("handle", ["documenter", "lawyer"])
def test_without_the_companions_right_there_is_no_such_page(people, item, handle):
    browser = people[handle]
    assert "Who is behind this?" not in words(browser.get(f"/items/{item}"))
    for path in ("identity", "identity/now"):
        answers = {
            words(browser.post(f"/items/{one}/{path}", {"reason": "curiosity"}, of="/home"))
            for one in (item, Id(ABSENT))
        }
        assert len(answers) == 1
        assert "There is no such item for you to read." in answers.pop()
