"""One's own keys on the pages: issued ones are replaced first; words count once they were typed again."""

import re

import pytest
from browsing import PASSPHRASE, Browser, words

from archive.access import agents, compartments, grants, signin
from archive.access.keyring import keyring
from archive.nouns import Action, Role


@pytest.fixture
def custodian(archive):
    return signin.sign_in(archive, "custodian", PASSPHRASE)


@pytest.fixture
def newcomer(archive, app, custodian, request):
    handle = f"new-{request.node.name[-20:].strip('_').replace('_', '-')}"
    agents.enrol(archive, custodian, handle, Role.LAWYER, PASSPHRASE)
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    browser.handle = handle
    return browser.sign_in(handle)


def shown(browser):
    return re.search(r'class="code"[^>]*>([^<]+)<', browser.post("/keys/words", of="/keys").text)[1]


def replace(browser, **changes):
    form = {"again": changes.get("again") or shown(browser), "passphrase": PASSPHRASE, **changes}
    return browser.post("/keys/replace", form, of="/keys")


def test_issued_keys_lead_to_their_replacement_before_anything_else(app, newcomer):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "a" * 26, rule.rule)
        own = app.view_functions[rule.endpoint].access_rule
        if not own.session or not own.own_keys or Role.LAWYER not in own.roles:
            continue
        answer = newcomer.get(path) if "GET" in rule.methods else newcomer.post(path, of="/keys")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/keys"), path
    assert "may still know them" in words(newcomer.get("/keys"))


def test_after_new_keys_everything_is_open_and_the_old_passphrase_is_not(app, archive, newcomer):
    passphrase = shown(newcomer)
    assert len(passphrase.split()) == 6
    assert passphrase not in newcomer.get("/keys").text
    answer = replace(newcomer, again=f"  {passphrase.upper()} ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/keys?done=keys")
    assert newcomer.get("/home").status_code == 200
    row = archive.catalogue.agents.by_handle(newcomer.handle)
    agent = archive.ledger().agents[row.agent]
    assert (agent.key, agent.issued) == (2, False)
    Browser(app).sign_in(newcomer.handle, passphrase)
    form = {"handle": newcomer.handle, "passphrase": PASSPHRASE}
    assert Browser(app).post("/sign-in", form).status_code == 403


def test_words_that_were_not_kept_change_nothing(app, newcomer):
    passphrase = shown(newcomer)
    for typed in ("", "six other words than were shown", "x" * 1025, PASSPHRASE):
        answer = newcomer.post("/keys/replace", {"again": typed, "passphrase": PASSPHRASE}, of="/keys")
        assert answer.status_code == 400
        assert "not the six words" in words(answer)
        assert passphrase in answer.text
    assert newcomer.get("/home").headers["Location"] == "/keys"
    Browser(app).sign_in(newcomer.handle)


def test_the_words_may_be_typed_after_the_language_of_the_page_changed(newcomer):
    passphrase = shown(newcomer)
    newcomer.client.set_cookie("language", "be")
    assert replace(newcomer, again=passphrase).status_code == 303


def test_whoever_sits_at_an_open_session_needs_the_passphrase(newcomer):
    answer = replace(newcomer, passphrase="a guess of somebody else's")
    assert answer.status_code == 403
    assert "do not open anything here" in words(answer)
    assert newcomer.get("/home").headers["Location"] == "/keys"


def test_two_sessions_are_shown_other_words(app, newcomer):
    assert shown(newcomer) != shown(Browser(app).sign_in(newcomer.handle))


def test_other_sessions_end_with_the_old_keys(app, newcomer):
    other = Browser(app).sign_in(newcomer.handle)
    replace(newcomer)
    assert other.get("/keys").headers["Location"].startswith("/sign-in")
    assert newcomer.get("/home").status_code == 200


def test_the_passphrase_alone_is_changed_over_ones_own_keys(app, archive, newcomer):
    first = shown(newcomer)
    refused = newcomer.post("/keys/passphrase", {"again": first, "passphrase": PASSPHRASE}, of="/keys")
    assert refused.headers["Location"] == "/keys"
    replace(newcomer, again=first)
    second = shown(newcomer)
    answer = newcomer.post("/keys/passphrase", {"again": second, "passphrase": first}, of="/keys")
    assert answer.headers["Location"] == "/keys?done=passphrase"
    row = archive.catalogue.agents.by_handle(newcomer.handle)
    assert archive.ledger().agents[row.agent].key == 2
    Browser(app).sign_in(newcomer.handle, second)


def test_a_suspended_person_is_out_at_the_next_request_and_answered_like_a_stranger(
    app, archive, custodian, newcomer
):
    replace(newcomer)
    terms = grants.Terms(frozenset({Action.READ}), frozenset(), None, "a case")
    grants.give(archive, custodian, newcomer.handle, "main", terms)
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    browser.sign_in("custodian")
    asked = browser.post("/people/suspend", {"handle": newcomer.handle}, of="/people")
    assert "There is no way back" in words(asked)
    assert newcomer.get("/home").status_code == 200
    done = browser.post("/people/suspend/now", {"handle": newcomer.handle}, of="/people")
    assert done.headers["Location"] == "/people?done=suspend"
    assert re.search(rf"{newcomer.handle} lawyer [^–]*? suspended", words(browser.get("/people")))
    assert newcomer.get("/home").headers["Location"].startswith("/sign-in")
    answers = []
    for handle in (newcomer.handle, "x" * len(newcomer.handle)):
        stranger = Browser(app)
        stranger.client.set_cookie("language", "en")
        stranger.client.set_cookie("visit", "one visit")
        answer = stranger.post("/sign-in", {"handle": handle, "passphrase": PASSPHRASE})
        answers.append((answer.status_code, answer.text.replace(handle, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 403


def test_a_suspension_that_cannot_be_is_told_in_plain_words(app):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    browser.sign_in("custodian")
    answer = browser.post("/people/suspend/now", {"handle": "custodian"}, of="/people")
    assert (answer.status_code, "Nobody suspends himself" in words(answer)) == (403, True)


def test_compartments_of_other_custodians_that_need_a_new_key_are_listed(app, archive, custodian, newcomer):
    replace(newcomer)
    agents.enrol(archive, custodian, "second", Role.CUSTODIAN, PASSPHRASE)
    second = signin.sign_in(archive, "second", PASSPHRASE)
    compartments.found(archive, second, "gomel")
    terms = grants.Terms(frozenset({Action.READ}), frozenset(), None, "a case")
    grants.give(archive, second, newcomer.handle, "gomel", terms)
    [gomel] = [one.compartment for one in keyring(archive, second).values() if one.label == "gomel"]
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    browser.sign_in("custodian")
    page = browser.post("/people/suspend/now", {"handle": newcomer.handle}, of="/people")
    assert (page.status_code, gomel in page.text, "gomel" in page.text) == (200, True, False)
    assert "still need a new key" in words(page)
    grants.revoke(archive, second, newcomer.handle, "gomel", "she was suspended")
    assert archive.ledger().compartments[gomel].epoch == 2
