"""Codes from a telephone on the pages: set up, demanded, answered like a wrong passphrase, removed."""

import base64
import re

import pytest
from browsing import PASSPHRASE, Browser, words
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from archive.access import agents, rotation, signin
from archive.nouns import Role


def english(app):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    browser.client.set_cookie("visit", "one visit")
    return browser


@pytest.fixture
def person(archive, app, request):
    """Somebody signed in, with keys of her own and no factor."""
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    handle = f"p-{request.node.name[-20:].strip('_').replace('_', '-')}"
    agents.enrol(archive, custodian, handle, Role.LAWYER, PASSPHRASE)
    rotation.rotate(archive, signin.sign_in(archive, handle, PASSPHRASE), PASSPHRASE)
    browser = english(app)
    browser.handle = handle
    return browser.sign_in(handle)


def offered(browser):
    page = browser.post("/keys/factor", of="/keys").text
    letters, codes = re.findall(r'class="code small"[^>]*>([^<]+)<', page)
    assert "<svg" in page
    return base64.b32decode(letters.replace(" ", "")), codes.split()


def code_of(secret, clock):
    return TOTP(secret, 6, SHA1(), 30).generate(int(clock().timestamp())).decode()


def enter(app, person, code, passphrase=PASSPHRASE):
    browser = english(app)
    form = {"handle": person.handle, "passphrase": passphrase, "code": code}
    return browser.post("/sign-in", form)


@pytest.fixture
def guarded(person, clock):
    secret, codes = offered(person)
    form = {"code": code_of(secret, clock), "passphrase": PASSPHRASE}
    answer = person.post("/keys/factor/add", form, of="/keys")
    assert answer.headers["Location"] == "/keys?done=factor"
    assert person.get("/home").status_code == 200
    clock.pass_by(seconds=30)
    return secret, codes


@pytest.mark.slow
def test_a_wrong_code_is_answered_byte_for_byte_like_a_wrong_passphrase(app, person, guarded, clock):
    answers = {
        enter(app, person, "", PASSPHRASE).data,
        enter(app, person, "000000", PASSPHRASE).data,
        enter(app, person, "", "a wrong passphrase of hers").data,
        enter(app, person, code_of(guarded[0], clock), "a wrong passphrase of hers").data,
    }
    assert len(answers) == 1
    assert enter(app, person, "").status_code == 403


def test_a_code_signs_in_once_and_a_recovery_code_once(app, person, guarded, clock):
    secret, codes = guarded
    for code in (code_of(secret, clock), codes[4].upper()):
        assert enter(app, person, code).status_code == 303
        assert enter(app, person, code).status_code == 403


def test_a_first_code_that_is_wrong_sets_nothing_up_and_keeps_the_secret(app, person):
    secret, _codes = offered(person)
    answer = person.post("/keys/factor/add", {"code": "000000", "passphrase": PASSPHRASE}, of="/keys")
    assert answer.status_code == 403
    assert "not the code of this moment" in words(answer)
    assert offered(person)[0] == secret
    assert enter(app, person, "").status_code == 303


def test_an_open_session_alone_neither_sets_codes_up_nor_removes_them(person, clock):
    secret, _codes = offered(person)
    form = {"code": code_of(secret, clock), "passphrase": "a guess of somebody else's"}
    assert person.post("/keys/factor/add", form, of="/keys").status_code == 403
    form["passphrase"] = PASSPHRASE
    person.post("/keys/factor/add", form, of="/keys")
    refused = person.post("/keys/factor/remove", {"passphrase": "a guess of somebody else's"}, of="/keys")
    assert refused.status_code == 403
    assert "Sign in without codes again" in words(refused)


def test_she_does_without_codes_again_and_is_offered_another_secret(app, person, guarded):
    answer = person.post("/keys/factor/remove", {"passphrase": PASSPHRASE}, of="/keys")
    assert answer.headers["Location"] == "/keys?done=no-factor"
    assert enter(app, person, "").status_code == 303
    assert offered(person)[0] != guarded[0]


def test_a_custodian_removes_lost_codes(app, person, guarded):
    custodian = english(app).sign_in("custodian")
    assert f"Remove the lost codes of {person.handle}" in custodian.get("/people").text
    done = custodian.post("/people/factor", {"handle": person.handle}, of="/people")
    assert done.headers["Location"] == "/people?done=factor"
    assert enter(app, person, "").status_code == 303
    again = custodian.post("/people/factor", {"handle": person.handle}, of="/people")
    assert (again.status_code, "There are no codes." in words(again)) == (403, True)


def test_the_secret_and_the_codes_lie_nowhere_in_clear(site, person, guarded):
    secret, codes = guarded
    needles = [secret, base64.b32encode(secret), *(code.encode() for code in codes)]
    for path in site.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(needle in data for needle in needles), path.name
