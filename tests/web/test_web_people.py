"""The custodian's page: enrolling, founding, giving and withdrawing."""

import re

import pytest
from browsing import PASSPHRASE, Browser, words

from archive.access import agents, compartments, grants, proposals, rotation, signin
from archive.nouns import Action, Role


@pytest.fixture(scope="module")
def custodian(app):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in("custodian")


def grant(**changes):
    form = {"handle": "documenter", "compartment": "main", "actions": ["contribute"], "reason": "hands in"}
    return form | changes


def test_who_may_do_what_and_since_when_is_shown(custodian):
    page = words(custodian.get("/people"))
    assert re.search(r"main documenter hand in – 20 Nov 2026 – no end set given by custodian", page)
    assert "documenter documenter 20 Nov 2026 her own" in page
    assert "custodian custodian 20 Nov 2026 her own" in page


def test_a_new_agent_signs_in_with_the_passphrase_shown_once(app, custodian):
    page = custodian.post("/people/enrol", {"new-handle": "Newcomer", "role": "lawyer"})
    passphrase = re.search(r'class="code"[^>]*>([a-z ]+)<', page.text)[1]
    assert len(passphrase.split()) == 6
    assert "This is shown once" in words(page)
    Browser(app).sign_in("newcomer", passphrase)
    assert passphrase not in custodian.get("/people").text


@pytest.mark.parametrize(
    ("path", "form", "status", "told"),
    [
        ("/people/enrol", {"new-handle": "lawyer", "role": "lawyer"}, 403, "This handle is taken."),
        ("/people/enrol", {"new-handle": "два слова", "role": "lawyer"}, 400, "A handle is 1 to 32"),
        ("/people/enrol", {"new-handle": "someone", "role": "tsar"}, 400, "Choose one of the answers."),
        ("/people/give", grant(handle="auditor"), 403, "cannot be given these rights"),
        ("/people/give", grant(handle="nobody"), 404, "Nobody here has this handle."),
        ("/people/give", grant(compartment="hidden"), 404, "You know no compartment of this name."),
        ("/people/give", grant(actions=["fly"]), 400, "Choose one of the answers."),
        ("/people/give", grant(actions=[]), 403, "cannot be given these rights"),
        ("/people/give", grant(until="soon"), 400, "Write the day as 2027-12-31"),
        ("/people/compartment", {"label": "with spaces"}, 400, "without spaces"),
        ("/people/compartment", {"label": "main"}, 403, "A compartment of this name exists."),
        ("/people/withdraw/now", {"handle": "lawyer", "compartment": "main"}, 403, "no rights there"),
        ("/people/withdraw/now", {"handle": "custodian", "compartment": "main"}, 403, "another custodian"),
    ],
)
def test_what_cannot_be_done_is_told_in_plain_words(custodian, path, form, status, told):
    page = custodian.post(path, form)
    assert page.status_code == status
    assert told in words(page)
    assert 'role="alert" tabindex="-1" autofocus' in page.text


def test_a_refused_form_keeps_what_was_entered(custodian):
    page = custodian.post("/people/give", grant(until="soon", reason="because")).text
    assert 'value="because"' in page
    assert 'value="contribute" checked' in page


def test_a_compartment_comes_with_its_companion(custodian):
    assert custodian.post("/people/compartment", {"label": "брэст"}).status_code == 303
    page = words(custodian.get("/people"))
    assert "брэст custodian" in page
    assert "брэст.identities custodian" in page


def test_the_shares_of_a_sealed_compartment_are_shown_once(custodian):
    page = custodian.post("/people/compartment", {"label": "closed", "sealed": "yes"})
    shares = re.findall(r'class="code small"[^>]*>([a-z ]+)<', page.text)
    assert [len(share.split()) for share in shares] == [33, 33, 33]
    given = custodian.post("/people/give", grant(handle="lawyer", compartment="closed", actions=["read"]))
    assert "nobody holds its key" in words(given)


@pytest.fixture
def second(archive, app, custodian):
    """A second custodian, who manages a compartment of this test's own together with the first."""
    first = signin.sign_in(archive, "custodian", PASSPHRASE)
    label = f"two{archive.ledger().size}"
    handle = f"second{archive.ledger().size}"
    compartments.found(archive, first, label)
    agents.enrol(archive, first, handle, Role.CUSTODIAN, PASSPHRASE)
    rotation.rotate(archive, signin.sign_in(archive, handle, PASSPHRASE), PASSPHRASE)
    terms = grants.Terms(frozenset({Action.MANAGE}), frozenset(), None, "the second of two")
    for place in (label, f"{label}.identities"):
        grants.give(archive, first, handle, place, terms)
    proposals.set_two_person(archive, first, label)
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    browser.sign_in(handle, PASSPHRASE)
    browser.label = label
    return browser


def proposed_in(page):
    return re.search(r'name="proposal" value="([a-z2-7]{26})"', page.text)[1]


def test_what_takes_two_is_proposed_on_the_page_and_approved_by_another(custodian, second):
    form = grant(
        handle="lawyer", compartment=second.label, actions=["read"], purposes=["court"], reason="a trial"
    )
    assert custodian.post("/people/give", form).headers["location"].endswith("done=proposed")
    mine = custodian.get("/people")
    assert "Take back" in words(mine)
    assert 'value="approve"' not in mine.text
    assert "lawyer is to get these rights: " in words(second.get("/people"))
    assert "Reason: a trial" in words(second.get("/people"))
    made = proposed_in(second.get("/people"))
    own = custodian.post("/people/proposal", {"proposal": made, "answer": "approve"})
    assert own.status_code == 403
    assert "Another person has to approve this." in words(own)
    assert second.post("/people/proposal", {"proposal": made, "answer": "approve"}).status_code == 303
    assert f"{second.label} lawyer" in words(custodian.get("/people"))
    again = second.post("/people/proposal", {"proposal": made, "answer": "approve"})
    assert "answered already" in words(again)


def test_a_proposal_is_refused_on_the_page(custodian, second):
    form = grant(
        handle="lawyer", compartment=second.label, actions=["read"], purposes=["court"], reason="a trial"
    )
    custodian.post("/people/give", form)
    made = proposed_in(second.get("/people"))
    assert second.post("/people/proposal", {"proposal": made, "answer": "perhaps"}).status_code == 400
    assert second.post("/people/proposal", {"proposal": made, "answer": "refuse"}).status_code == 303
    assert "Waiting for a second person" not in words(second.get("/people"))


def test_only_custodians_answer_proposals(app):
    lawyer = Browser(app).sign_in("lawyer", PASSPHRASE)
    assert lawyer.post("/people/proposal", {"proposal": "a" * 26, "answer": "approve"}).status_code == 403


def test_the_reason_of_a_right_is_shown_to_whoever_may_open_it(custodian):
    assert "she hands in" in words(custodian.get("/people"))
