"""The gate: what is open to whom, forms that come from elsewhere, and the headers of every answer."""

import pytest
from browsing import Browser, cookie, words

from archive.nouns import Role
from archive.policy import Rule
from archive.web.gate import is_for_programs, rule_of
from archive.web.headers import POLICY

ITEM = "a" * 26


@pytest.fixture(scope="module")
def signed(app):
    return {role: Browser(app).sign_in(role.value) for role in Role}


def addresses(app, *, for_programs=False):
    for rule in app.url_map.iter_rules():
        if is_for_programs(app.view_functions[rule.endpoint]) is not for_programs:
            continue
        values = {"item": ITEM, "name": "style.css", "path": "0/000.p/1", "body": "0" * 64}
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<{name}>", values[name]).replace(f"<path:{name}>", values[name])
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield method, path, rule_of(app.view_functions[rule.endpoint])


def test_every_page_declares_who_may_come(app):
    for method, path, rule in (*addresses(app), *addresses(app, for_programs=True)):
        assert isinstance(rule, Rule), f"{method} {path}"


def test_a_session_opens_nothing_where_programs_sign(app, signed):
    found = list(addresses(app, for_programs=True))
    assert len(found) == 4
    for method, path, _rule in found:
        for browser in signed.values():
            answer = browser.get(path) if method == "GET" else browser.post(path)
            assert (answer.status_code, answer.headers["Sviedka-Outcome"]) in ((403, "A67"), (409, "C53")), (
                path
            )


def test_a_page_without_a_rule_is_closed(site):
    _archive, app = site.open()
    app.add_url_rule("/forgotten", "forgotten", lambda: "something secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert "something secret" not in answer.text


def test_what_needs_a_session_leads_strangers_to_the_sign_in(app, browser):
    for method, path, rule in addresses(app):
        if rule.session:
            answer = browser.get(path) if method == "GET" else browser.client.post(path)
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/sign-in"), path


def test_every_role_is_turned_away_from_what_is_not_for_it(app, signed):
    for method, path, rule in addresses(app):
        for role in set(Role) - rule.roles:
            answer = signed[role].get(path) if method == "GET" else signed[role].post(path)
            assert answer.status_code == 403, f"{role} {path}"


def test_every_form_without_its_token_is_refused(app, signed):
    for method, path, rule in addresses(app):
        if method == "POST":
            role = min(rule.roles) if rule.session else Role.LAWYER
            if rule.session:
                role = next(one for one in Role if one in rule.roles)
            answer = signed[role].client.post(path, data={"form": "0" * 64})
            assert answer.status_code == 403, path
            assert "A82" in answer.text, path


def test_a_token_of_another_session_is_refused(signed):
    foreign = signed[Role.LAWYER].token("/home")
    answer = signed[Role.DOCUMENTER].client.post("/sign-out", data={"form": foreign})
    assert answer.status_code == 403
    assert signed[Role.DOCUMENTER].get("/home").status_code == 200


def test_a_token_of_another_visitor_does_not_sign_in(app, browser):
    browser.get("/sign-in")
    foreign = Browser(app).token("/sign-in")
    form = {"form": foreign, "handle": "lawyer", "passphrase": "a long passphrase for tests"}
    assert browser.client.post("/sign-in", data=form).status_code == 403


@pytest.mark.parametrize(
    "path", ["/sign-in", "/log", "/verify", "/nowhere", "/static/style.css", "/log/checkpoint"]
)
def test_every_answer_carries_the_strict_headers(browser, path):
    headers = browser.get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    if path == "/log/checkpoint":
        assert headers["Cache-Control"] == "public, max-age=10"
    elif not path.startswith("/static"):
        assert headers["Cache-Control"] == "no-store"


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(app):
    browser = Browser(app).sign_in("lawyer")
    answer = browser.post("/purpose", {"purpose": "court"}, of="/home")
    assert answer.status_code == 403  # nothing was granted yet
    for name in ("session", "visit"):
        kept = browser.client.get_cookie(name)
        assert (kept.http_only, kept.same_site, kept.path, kept.domain) == (True, "Strict", "/", "localhost")


def test_behind_https_the_cookies_are_bound_to_the_host(site):
    _archive, app = site.open(https=True)
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-visit=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_no_page_holds_a_script_or_a_style_of_its_own(signed):
    for role, paths in {
        Role.CUSTODIAN: ("/home", "/people", "/search", "/deposit", "/deposits", "/audit", "/log", "/verify"),
        Role.AUDITOR: ("/home", "/log"),
    }.items():
        for path in paths:
            page = signed[role].get(path).text
            assert "<script" not in page, path
            assert "style=" not in page, path
            assert " on" + "click" not in page, path


def test_tiles_are_public_and_bundles_are_not(browser, signed):
    tile = browser.get("/log/tile/0/000.p/1")
    assert tile.status_code == 200
    assert len(tile.data) == 32
    assert tile.headers["Cache-Control"] == "public, max-age=3600"
    assert browser.get("/log/tile/entries/000.p/1").status_code == 404
    assert signed[Role.LAWYER].get("/log/tile/entries/000.p/1").status_code == 404
    bundle = signed[Role.AUDITOR].get("/log/tile/entries/000.p/1")
    assert b'"kind":"genesis"' in bundle.data
    assert bundle.headers["Cache-Control"] == "no-store"


def test_what_is_public_of_the_log_is_asked_for_again_by_its_tag(browser):
    for path in ("/log/checkpoint", "/log/tile/0/000.p/1"):
        tag = browser.get(path).headers["ETag"]
        again = browser.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert browser.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", ["0/000.p/999", "0/x000/000", "99/000", "../checkpoint", "entries/../0/000"])
def test_malformed_tiles_do_not_exist(browser, path):
    assert browser.get(f"/log/tile/{path}").status_code == 404


def test_the_checkpoint_is_the_signed_note(browser, archive):
    answer = browser.get("/log/checkpoint")
    assert answer.data == archive.log.note()
    assert answer.content_type == "text/plain; charset=utf-8"


def test_strangers_see_the_length_of_the_log_and_no_event(browser):
    page = words(browser.get("/log"))
    assert "Fingerprint of the checkpoint" in page
    assert "Latest entries" not in page


@pytest.mark.parametrize(
    ("back", "led"),
    [
        ("/log", "/log"),
        ("//evil.example", "/home"),
        ("https://evil.example", "/home"),
        ("/\\evil.example", "/home"),
    ],
)
def test_the_choice_of_language_leads_nowhere_else(browser, back, led):
    answer = browser.post("/language", {"language": "ru", "back": back})
    assert answer.headers["Location"] == led
    assert cookie(browser, "language") == "ru"


def test_unknown_handles_and_wrong_passphrases_get_one_answer(browser):
    answers = [
        browser.post("/sign-in", {"handle": handle, "passphrase": "no such passphrase"})
        for handle in ("lawyer", "nobody-at-all")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    pages = [words(answer) for answer in answers]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("passphrase", ["", "x" * 5000, "\ud800", "\x00"])
def test_odd_passphrases_are_wrong_ones(browser, passphrase):
    form = {"handle": "lawyer", "passphrase": passphrase.encode("utf-8", "replace")}
    assert browser.post("/sign-in", form).status_code == 403
