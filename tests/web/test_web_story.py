"""The whole story, as it is told with the pages of the site."""

import io
import re

import pytest
from browsing import Browser, words
from two_organisations import HARBOUR, LogOwner, cosigner, known
from two_organisations import Town as Partners

from archive.access.receipts import trust_of
from archive.cosigner_settings import format_cosigners
from archive.cosigners.asking import Round
from storage.cosignatures import Cosignatures

ACCOUNT = "Мяне білі ў Акрэсціна. Чалавека звалі Сяргей Пятроўскі. Ён біў дубінкай па нагах."
ABOUT = {
    "compartment": "main",
    "title": "Сведчанне «Рабіна»",
    "language": "be",
    "date": "2020-08-11",
    "rights_basis": "consent",
    "given_by": "self",
    "uses": ["court"],
    "given_on": "2026-11-01",
    "perpetrators": "Сяргей Пятроўскі\n",
    "institutions": "ГУБАЗіК",
    "places": "Акрэсціна",
    "graphic": "yes",
}


def person(app, handle):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in(handle)


def file(name="account.txt", text=ACCOUNT):
    return (io.BytesIO(text.encode()), name)


@pytest.fixture(scope="module")
def people(app):
    return {handle: person(app, handle) for handle in ("documenter", "lawyer", "auditor", "custodian")}


@pytest.fixture(scope="module")
def deposited(people):
    page = people["documenter"].post("/deposit", {**ABOUT, "files": [file(), file("empty.txt", "")]})
    item = re.search(r'href="/items/([a-z2-7]{26})"', page.text)
    return page, item and item[1]


@pytest.fixture(scope="module")
def granted(people, deposited):
    """The lawyer first looks without a right; then the custodian gives it to her."""
    before = people["lawyer"].post("/search", {"query": "дубінка"})
    given = people["custodian"].post(
        "/people/give",
        {
            "handle": "lawyer",
            "compartment": "main",
            "actions": ["read"],
            "purposes": ["court", "commission"],
            "until": "2030-12-31",
            "reason": "prepares a case",
        },
    )
    assert given.status_code == 303
    return before


def test_the_documenter_leaves_with_a_code_and_a_warning(deposited):
    page, item = deposited
    assert page.status_code == 200
    assert item
    assert "Taken into custody" in words(page)
    assert re.search(r"Receipt code ([a-z]+ ){6}", words(page))
    assert "is a confession" in words(page)


def test_a_file_that_cannot_be_taken_does_not_keep_the_others_out(deposited):
    assert "empty.txt The file is empty." in words(deposited[0])


def test_her_receipt_verifies_for_anyone_with_the_file_and_says_so_in_plain_words(people, deposited, browser):
    receipt = people["documenter"].post("/receipt", {"wanted": deposited[1]})
    assert receipt.headers["Content-Disposition"].startswith("attachment")
    page = browser.post("/verify", {"receipt": (io.BytesIO(receipt.data), "r.txt"), "file": file()})
    assert "The receipt is genuine" in words(page)
    assert "the same, byte for byte" in words(page)


def test_pages_say_who_countersigned_the_log_and_the_receipt(people, deposited, browser, archive, tmp_path):
    assert "No independent organisation has countersigned it yet" in words(browser.get("/log"))
    trust = trust_of(archive)
    harbour = cosigner(tmp_path, LogOwner(origin=trust.origin), log_keys=trust.log_keys)
    (archive.folder / "cosigners.json").write_bytes(format_cosigners(known(harbour)))
    Round(archive.log, Cosignatures(archive.folder / "log"), Partners([harbour]).send).ask(known(harbour))
    size = archive.log.checkpoint().size
    assert f"{HARBOUR}: the first {size} entries" in words(browser.get("/log"))
    receipt = people["documenter"].post("/receipt", {"wanted": deposited[1]}).data
    page = browser.post("/verify", {"receipt": (io.BytesIO(receipt), "r.txt")})
    assert f"countersigned by {HARBOUR}" in words(page)
    (archive.folder / "cosigners.json").write_bytes(b"damaged")
    assert "No independent organisation has countersigned it yet" in words(browser.get("/log"))
    (archive.folder / "cosigners.json").unlink()


def test_the_code_of_words_fetches_the_receipt(people, deposited):
    code = re.search(r'class="code"[^>]*>([a-z ]+)<', deposited[0].text)[1]
    assert people["documenter"].post("/receipt", {"wanted": code}).mimetype == "application/octet-stream"
    assert people["lawyer"].post("/receipt", {"wanted": code}).status_code == 404


@pytest.mark.parametrize(
    ("receipt", "handed", "told"),
    [
        (lambda data: data, "another file", "not the one this receipt is for"),
        (lambda data: data[:-20], ACCOUNT, "altered or cut short"),
        (lambda data: b"shopping list", ACCOUNT, "not a receipt of this archive"),
    ],
    ids=["other file", "cut receipt", "no receipt"],
)
def test_what_does_not_fit_is_told_apart(people, deposited, browser, receipt, handed, told):
    data = people["documenter"].post("/receipt", {"wanted": deposited[1]}).data
    form = {"receipt": (io.BytesIO(receipt(data)), "r.txt"), "file": file(text=handed)}
    page = browser.post("/verify", form)
    assert page.status_code == 400
    assert told in words(page)


def test_she_sees_when_she_handed_in_and_nothing_of_the_contents(people, deposited):
    page = people["documenter"].get("/deposits")
    assert deposited[1] in page.text
    assert "Рабіна" not in page.text
    assert "account" not in page.text
    assert people["documenter"].post(f"/items/{deposited[1]}/read").status_code == 404


def test_the_same_file_again_is_kept_once(people, deposited):
    page = people["documenter"].post("/deposit", {**ABOUT, "files": [file()]})
    assert "it is kept once" in words(page)
    assert deposited[1] in page.text


def test_without_a_grant_the_lawyer_finds_nothing_not_even_a_count(granted):
    assert "Nothing found in what you may read" in words(granted)
    assert not re.search(r"<mark>|class=\"count\"|Narrow down", granted.text)


def test_with_one_she_finds_the_name_in_another_script(people, granted):
    page = people["lawyer"].post("/search", {"query": 'perpetrator:"Sergey Petrovsky"'})
    assert "Сведчанне «Рабіна»" in words(page)
    assert "Passages 1 to 1 of 1" in words(page)
    assert "Alleged perpetrators Сяргей Пятроўскі 1" in words(page)
    assert "Describes or shows violence" in words(page)


def test_the_match_is_marked_and_in_its_own_language(people, granted):
    page = people["lawyer"].post("/search", {"query": "дубінка"})
    assert "<mark>дубінкай</mark>" in page.text
    assert 'class="snippet" lang="be"' in page.text


def test_a_facet_narrows_the_query_and_the_query_stays_in_the_form(people, granted):
    page = people["lawyer"].post("/search", {"query": "дубінка", "narrow": 'place:"Акрэсціна"'})
    assert "(дубінка) AND place:&#34;Акрэсціна&#34;</textarea>" in page.text
    assert "<mark>" in page.text


def test_a_broken_query_is_shown_with_its_column(people, granted):
    page = people["lawyer"].post("/search", {"query": "дубінка AND"})
    assert page.status_code == 400
    assert "At sign 9: AND, OR or NOT has nothing to join." in words(page)


def test_what_is_graphic_is_shown_after_a_warning_only(people, granted, deposited, archive):
    before = archive.log.checkpoint().size
    warning = people["lawyer"].post(f"/items/{deposited[1]}/read")
    assert "You need not read it now" in words(warning)
    assert "дубінкай" not in warning.text
    assert archive.log.checkpoint().size == before
    page = people["lawyer"].post(f"/items/{deposited[1]}/read", {"agreed": "1"})
    assert ACCOUNT in page.text
    assert "Describes or shows violence" in words(page)


def test_reading_is_never_a_get(people, granted, deposited):
    for what in ("read", "original", "sealed"):
        assert people["lawyer"].get(f"/items/{deposited[1]}/{what}").status_code == 405


def test_the_original_leaves_as_a_file_that_no_browser_shows(people, granted, deposited):
    answer = people["lawyer"].post(f"/items/{deposited[1]}/original")
    assert answer.data.decode() == ACCOUNT
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="account.txt"')
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_sealed_original_is_an_age_file(people, deposited):
    answer = people["documenter"].post(f"/items/{deposited[1]}/sealed")
    assert answer.data.startswith(b"age-encryption.org/v1\n")
    assert ACCOUNT.encode() not in answer.data


def test_the_history_tells_who_searched_and_who_read(people, granted, deposited):
    people["lawyer"].post("/search", {"query": "дубінка"})
    people["lawyer"].post(f"/items/{deposited[1]}/read", {"agreed": "1"})
    page = words(people["auditor"].get(f"/items/{deposited[1]}"))
    for told in ("took it into custody", "A search showed it", "opened for reading", "lawyer"):
        assert told in page
    assert "Рабіна" not in page


def test_another_purpose_than_consented_shows_nothing(people, granted, deposited):
    lawyer = people["lawyer"]
    assert lawyer.post("/purpose", {"purpose": "commission"}).status_code == 303
    try:
        assert "Nothing found" in words(lawyer.post("/search", {"query": "дубінка"}))
        assert "What was consented to" in words(lawyer.get(f"/items/{deposited[1]}"))
        assert lawyer.post(f"/items/{deposited[1]}/read").status_code == 404
        assert lawyer.post("/purpose", {"purpose": "publication"}).status_code == 403
    finally:
        lawyer.post("/purpose", {"purpose": "court"})


def test_the_auditor_verifies_everything_and_reads_nothing(people, deposited):
    auditor = people["auditor"]
    page = auditor.post("/audit")
    assert "Everything that was compared is as it was logged" in words(page)
    for closed in ("/search", "/deposit", "/people"):
        assert auditor.get(closed).status_code == 403
    for closed in ("read", "original"):
        assert auditor.post(f"/items/{deposited[1]}/{closed}").status_code == 403
    assert "Latest entries" in words(auditor.get("/log"))
    assert "The archive was audited" in words(auditor.get("/log"))


def test_a_withdrawn_right_ends_in_the_running_session(people, granted, deposited):
    custodian = people["custodian"]
    form = {"handle": "lawyer", "compartment": "main", "reason": "the case is over"}
    asked = custodian.post("/people/withdraw", form)
    assert "It cannot recall what was already read" in words(asked)
    assert people["lawyer"].post(f"/items/{deposited[1]}/read").status_code == 200
    assert custodian.post("/people/withdraw/now", form).status_code == 303
    assert people["lawyer"].post(f"/items/{deposited[1]}/read").status_code == 404
    assert people["lawyer"].get(f"/items/{deposited[1]}").status_code == 404
    assert "Nothing found" in words(people["lawyer"].post("/search", {"query": "дубінка"}))
