"""Consent, holds and destruction, as they are done in the browser."""

import io
import re
from datetime import timedelta

import pytest
from browsing import PASSPHRASE, Browser, words

from archive.access import agents, grants, preserving, rotation, signin
from archive.nouns import Action, Role
from archive.uses import Use
from ingest.describe import describe

BASE = {"compartment": "main", "language": "be", "rights_basis": "consent", "given_by": "self"}


def person(app, handle):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in(handle)


@pytest.fixture(scope="module")
def people(app, archive):
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    for handle, action in (("lawyer", Action.READ), ("custodian", Action.DESTROY)):
        purposes = frozenset({Use.COURT}) if action is Action.READ else frozenset()
        terms = grants.Terms(frozenset({action}), purposes, None, "a case")
        grants.give(archive, custodian, handle, "main", terms)
    return {role: person(app, role) for role in ("documenter", "lawyer", "custodian", "auditor")}


@pytest.fixture
def item(people, request):
    file = (io.BytesIO(f"Тут была дубінка, {request.node.name}.".encode()), "account.txt")
    page = people["documenter"].post("/deposit", {**BASE, "uses": ["court"], "files": [file]})
    assert "Taken into custody" in words(page)
    return re.search(r'href="/items/([a-z2-7]{26})"', page.text)[1]


def buttons(browser, item):
    page = browser.get(f"/items/{item}")
    return set(re.findall(rf'action="/items/{item}/([a-z]+)"', page.text))


def test_the_items_page_offers_just_what_one_may_do(people, item):
    common = {"consents", "sealed"}
    assert buttons(people["documenter"], item) == {*common, "withdraw", "transfer"}
    assert buttons(people["lawyer"], item) == {*common, "read", "original", "hold"}
    assert buttons(people["custodian"], item) == {*common, "withdraw", "hold", "destroy", "identity"}
    assert buttons(people["auditor"], item) == {"consents"}


def test_consent_is_shown_use_by_use_and_withdrawn_after_a_question(people, item):
    page = people["lawyer"].post(f"/items/{item}/consents")
    assert re.search(r'data-label="[^"]*court[^"]*">yes', page.text, re.IGNORECASE)
    assert re.search(r'data-label="[^"]*publi[^"]*">no', page.text, re.IGNORECASE)
    assert "Given by" in words(page)
    question = people["documenter"].post(f"/items/{item}/withdraw")
    assert "cannot recall what was already read" in words(question)
    assert people["lawyer"].post(f"/items/{item}/read").status_code == 200
    done = people["documenter"].post(f"/items/{item}/withdraw/now", {"reason": "яна баіцца"})
    assert done.status_code == 303
    assert "From now on it is stored" in words(people["documenter"].get(done.location))
    assert people["lawyer"].post(f"/items/{item}/read").status_code == 404
    after = people["custodian"].post(f"/items/{item}/consents")
    assert "яна баіцца" in after.text
    assert "баіцца" not in people["documenter"].post(f"/items/{item}/consents").text


def test_a_hold_keeps_it_until_it_is_lifted(people, item):
    assert "While it is held nobody can destroy it" in words(people["lawyer"].post(f"/items/{item}/hold"))
    assert people["lawyer"].post(f"/items/{item}/hold/now", {"reason": " "}).status_code == 400
    assert people["lawyer"].post(f"/items/{item}/hold/now", {"reason": "суд просіць"}).status_code == 303
    page = people["custodian"].post(f"/items/{item}/destroy")
    assert "A hold stands in the way" in words(page)
    assert "суд просіць" in page.text
    assert 'name="days"' not in page.text
    refused = people["custodian"].post(f"/items/{item}/destroy/now", {"reason": "so", "days": "0"})
    assert refused.status_code == 409
    assert "lift" in buttons(people["custodian"], item)
    assert "суд просіць" in people["custodian"].post(f"/items/{item}/lift").text
    assert people["custodian"].post(f"/items/{item}/lift/now", {"reason": "скончыў"}).status_code == 303
    assert "lift" not in buttons(people["custodian"], item)


def test_what_is_destroyed_was_shown_before_can_be_cancelled_and_leaves_a_tombstone(
    people, item, archive, clock
):
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    account = {"type": "testimony", "data": {"role": "witness", "items": [item]}}
    record = describe(archive, custodian, "main", [account])[0].record
    people["lawyer"].post(f"/items/{item}/read")
    page = people["custodian"].post(f"/items/{item}/destroy")
    for said in (record, "It was opened by: lawyer", "No backup is known here", "In how many days"):
        assert said in words(page), said
    form = {"reason": "яна просіць", "days": "30"}
    changed = people["custodian"].post(f"/items/{item}/destroy/now", form)
    assert "Look at the list again" in words(changed)
    form["record"] = record
    assert people["custodian"].post(f"/items/{item}/destroy/now", {**form, "days": "-1"}).status_code == 400
    assert people["custodian"].post(f"/items/{item}/destroy/now", form).status_code == 303
    assert "Its destruction was ordered by custodian" in words(people["lawyer"].get(f"/items/{item}"))
    assert "cancel" in buttons(people["custodian"], item)
    assert people["custodian"].post(f"/items/{item}/cancel/now", {"reason": "не просіць"}).status_code == 303
    assert people["custodian"].post(f"/items/{item}/destroy/now", {**form, "days": "1"}).status_code == 303
    clock.now += timedelta(days=1)
    assert preserving.carry_out(archive).items == (item,)
    assert record not in archive.ledger().records
    clock.now -= timedelta(days=1) - timedelta(minutes=1)
    for who in ("documenter", "lawyer", "custodian", "auditor"):
        gone = people[who].get(f"/items/{item}")
        assert "It was destroyed" in words(gone)
        assert "by order of custodian" in words(gone)
        assert buttons(people[who], item) == set()
        assert people[who].post(f"/items/{item}/consents").status_code == 404


def test_who_may_not_know_of_it_is_told_there_is_none_whatever_she_asks(archive, people, item):
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    agents.enrol(archive, custodian, "boris", Role.CUSTODIAN, PASSPHRASE)
    rotation.rotate(archive, signin.sign_in(archive, "boris", PASSPHRASE), PASSPHRASE)
    stranger = person(people["custodian"].client.application, "boris")
    for deed in ("consents", "withdraw", "hold", "lift", "cancel", "destroy"):
        for more in ("", "/now") if deed != "consents" else ("",):
            answer = stranger.post(f"/items/{item}/{deed}{more}", {"reason": "so", "days": "0"})
            assert answer.status_code == 404, deed
            assert "no such item" in words(answer)


def test_nobody_does_what_is_not_hers(people, item):
    assert people["lawyer"].post(f"/items/{item}/destroy").status_code == 403
    assert people["lawyer"].post(f"/items/{item}/withdraw").status_code == 403
    refused = people["lawyer"].post(f"/items/{item}/withdraw/now", {"reason": "so"})
    assert refused.status_code == 409
    assert people["documenter"].post(f"/items/{item}/hold/now", {"reason": "so"}).status_code >= 400
    assert people["lawyer"].post(f"/items/{item}/read").status_code == 200


def test_every_step_takes_a_post_and_the_token(people, item):
    for page in ("withdraw", "hold", "lift", "destroy", "cancel"):
        for address in (f"/items/{item}/{page}", f"/items/{item}/{page}/now"):
            assert people["custodian"].get(address).status_code == 405
            assert people["custodian"].client.post(address, data={"reason": "so"}).status_code == 403


def test_a_custodian_looks_up_what_somebody_was_told_to_ask_about(people):
    file = (io.BytesIO("Чырвоны грузавік.".encode()), "ask.txt")
    deposited = people["documenter"].post("/deposit", {**BASE, "contact_first": "yes", "files": [file]})
    name = re.search(r'href="/items/([a-z2-7]{26})"', deposited.text)[1]
    told = people["lawyer"].post("/search", {"query": "грузавік"})
    entry = re.search(r"name log entry ([0-9]+)", words(told))[1]
    assert name in people["custodian"].post("/asked", {"entry": entry}).text
    assert people["custodian"].post("/asked", {"entry": "0"}).status_code == 404
    assert people["custodian"].post("/asked", {"entry": "x"}).status_code == 400
    assert people["lawyer"].post("/asked", {"entry": entry}).status_code == 403
