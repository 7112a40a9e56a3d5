"""The original itself goes from hand to hand, in the browser."""

import io
import re

import pytest
from browsing import Browser, words

BASE = {"compartment": "main", "language": "be", "rights_basis": "consent", "given_by": "self"}
SAID = {"medium": "usb-stick", "seal": "AB 77", "basis": "Ордэр 17"}


def person(app, handle):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in(handle)


@pytest.fixture(scope="module")
def people(app):
    return {role: person(app, role) for role in ("documenter", "lawyer", "custodian", "auditor")}


@pytest.fixture
def item(people, request):
    file = (io.BytesIO(f"Тут была дубінка, {request.node.name}.".encode()), "account.txt")
    page = people["documenter"].post("/deposit", {**BASE, "uses": ["court"], "files": [file]})
    return re.search(r'href="/items/([a-z2-7]{26})"', page.text)[1]


def offered(page):
    return re.search(r'name="transfer" value="([a-z2-7]{26})"', page.text)[1]


def test_an_original_is_offered_and_taken_over(people, item):
    vera, anna = people["documenter"], people["custodian"]
    assert f"/items/{item}/transfer" in vera.get(f"/items/{item}").text
    assert f"/items/{item}/transfer" not in anna.get(f"/items/{item}").text
    assert "Hand the original on" in words(vera.post(f"/items/{item}/transfer"))
    done = vera.post(f"/items/{item}/transfer/now", {"handle": "custodian", **SAID})
    assert done.status_code == 303
    assert "You hold it until it is taken over" in words(vera.get(done.location))
    assert "wait for your answer: 1" in words(anna.get("/home"))
    page = anna.get("/transfers")
    for seen in ("documenter offers you the original", "USB stick", "AB 77", "Ордэр 17"):
        assert seen in words(page)
    done = anna.post("/transfers/answer", {"transfer": offered(page), "answer": "differs"})
    assert "not as it was offered" in words(anna.get(done.location))
    shown = words(anna.get(f"/items/{item}"))
    assert "In the hands of custodian." in shown
    assert "Ордэр 17" in shown
    assert "Its original was taken over" in shown
    # Whoever may not open the compartment sees who holds it, and not why.
    assert "In the hands of custodian." in words(vera.get(f"/items/{item}"))
    for browser in (vera, people["auditor"]):
        assert "Ордэр 17" not in browser.get(f"/items/{item}").text


def test_an_offer_is_withdrawn_by_who_made_it(people, item):
    vera = people["documenter"]
    vera.post(f"/items/{item}/transfer/now", {"handle": "lawyer", **SAID})
    page = vera.get("/transfers")
    assert "Withdraw the offer" in words(page)
    vera.post("/transfers/answer", {"transfer": offered(page), "answer": "refuse"})
    assert "withdrawn" in words(vera.get("/transfers"))
    assert (
        people["lawyer"]
        .post("/transfers/answer", {"transfer": offered(page), "answer": "accept"})
        .status_code
        == 404
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"handle": "nobody"}, "Nobody of this handle"),
        ({"handle": "auditor"}, "Nobody of this handle"),
        ({"basis": " "}, "Say on which legal basis"),
        ({"seal": "9" * 201}, "number of the seal is too long"),
        ({"medium": "cloud"}, "Choose what it is"),
    ],
)
def test_what_is_missing_is_asked_for_again_and_what_was_typed_stays(people, item, typed, said):
    page = people["documenter"].post(f"/items/{item}/transfer/now", {"handle": "lawyer", **SAID, **typed})
    assert page.status_code in (400, 403)
    assert said in words(page)
    assert f'value="{typed.get("handle", "lawyer")}"' in page.text


def test_who_does_not_hold_it_gets_no_form(people, item):
    for who in ("custodian", "lawyer"):
        for path in ("transfer", "transfer/now"):
            assert people[who].post(f"/items/{item}/{path}", {"handle": "lawyer", **SAID}).status_code in (
                403,
                404,
            )
    assert people["auditor"].get("/transfers").status_code == 403
    assert (
        people["documenter"].post("/transfers/answer", {"transfer": item, "answer": "accept"}).status_code
        == 404
    )
    assert (
        people["documenter"].post("/transfers/answer", {"transfer": item, "answer": "x"}).status_code == 400
    )
