"""What one is warned of, and what may be told of and not shown, on the pages."""

import io
import re

import pytest
from browsing import Browser, words

from archive.access import grants, signin
from archive.nouns import Action
from archive.uses import Use

BASE = {"compartment": "main", "language": "be", "rights_basis": "consent", "given_by": "self"}


def person(app, handle):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in(handle)


def deposit(browser, text, **more):
    file = (io.BytesIO(text.encode()), "account.txt")
    page = browser.post("/deposit", {**BASE, **more, "files": [file]})
    assert page.status_code == 200, words(page)
    return page, re.search(r'href="/items/([a-z2-7]{26})"', page.text)[1]


@pytest.fixture(scope="module")
def people(app, archive):
    custodian = signin.sign_in(archive, "custodian", "a long passphrase for tests")
    terms = grants.Terms(frozenset({Action.READ}), frozenset({Use.COURT}), None, "a case")
    grants.give(archive, custodian, "lawyer", "main", terms)
    return {handle: person(app, handle) for handle in ("documenter", "lawyer", "custodian")}


@pytest.fixture(scope="module")
def flagged(people):
    ticked = {"uses": ["court"], "minors": "yes", "sexual_violence": "yes", "title": "Шэпт"}
    return deposit(people["documenter"], "Нікому пра тое не казаў, пра завулак.", **ticked)


def test_the_deposit_page_offers_the_warnings_and_to_be_asked_first(people):
    page = people["documenter"].get("/deposit")
    for name in ("graphic", "minors", "sexual_violence", "contact_first"):
        assert f'name="{name}" value="yes"' in page.text


def test_the_receipt_warns_where_a_minor_consented_alone(people, flagged):
    assert "only the person herself consented" in words(flagged[0])
    guarded, _ = deposit(people["documenter"], "Другое.", uses=["court"], minors="yes", given_by="guardian")
    assert "only the person herself consented" not in words(guarded)


def test_a_hit_carries_its_warnings_and_hides_its_passage_until_it_is_asked_for(people, flagged):
    page = people["lawyer"].post("/search", {"query": "завулак"})
    assert "Concerns children" in words(page)
    assert "Concerns sexual violence" in words(page)
    hit = re.search(r"<details>.*?</details>", page.text[page.text.index("<article") :], re.DOTALL)[0]
    assert "<mark>завулак</mark>" in hit
    assert "завулак" not in page.text[page.text.index("<article") :].replace(hit, "")


def test_the_items_page_carries_them_for_whoever_may_read_it_and_nobody_else(people, flagged):
    assert "Concerns sexual violence" in words(people["lawyer"].get(f"/items/{flagged[1]}"))
    assert "Concerns sexual violence" not in words(people["documenter"].get(f"/items/{flagged[1]}"))
    assert "Concerns sexual violence" not in words(people["custodian"].get(f"/items/{flagged[1]}"))


def test_it_is_shown_only_after_the_warning_was_agreed_to_and_nothing_is_logged_before(
    people, flagged, archive
):
    before = archive.log.checkpoint().size
    warning = people["lawyer"].post(f"/items/{flagged[1]}/read")
    assert "do not show it around" in words(warning)
    assert "завулак" not in warning.text
    assert "Шэпт" not in warning.text
    assert archive.log.checkpoint().size == before
    assert "завулак" in people["lawyer"].post(f"/items/{flagged[1]}/read", {"agreed": "1"}).text
    assert archive.log.checkpoint().size == before + 1


def test_of_what_may_be_known_of_the_page_says_that_there_is_something_and_whom_to_ask(people):
    said = {"contact_first": "yes", "title": "Таямніца", "perpetrators": "Мікалай Карповіч"}
    _, item = deposit(people["documenter"], "Тут быў чырвоны грузавік.", **said)
    page = people["lawyer"].post("/search", {"query": "грузавік"})
    assert "There is something in main, and it may not be shown" in words(page)
    assert re.search(r"Ask custodian, and name log entry [0-9]+\.", words(page))
    assert "Nothing found in what you may read" in words(page)
    for secret in (item, "Таямніца", "чырвоны", "Карповіч", "account.txt", "Narrow down"):
        assert secret not in page.text
    assert people["lawyer"].post(f"/items/{item}/read").status_code == 404
