"""One's own sessions, ended one by one; oneself locked out everywhere; the archive locked for everybody."""

import re

import pytest
from browsing import PASSPHRASE, Browser, cookie, words

from archive.access import grants, signin
from archive.access.boot import BootSecret
from archive.access.keyring import keyring
from archive.errors import AccessError
from archive.uses import Use
from archive.web.door import parts_of, sitting
from archive.web.sessions import Sessions, filed_under


def signed_in(app, handle="lawyer"):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in(handle)


def is_in(browser):
    return browser.get("/home").status_code == 200


def of_page(browser):
    """Return the sessions that the page lists, each as its row reads."""
    return [words_of(row) for row in re.findall(r"<tr>.*?</tr>", browser.get("/sessions").text, re.S)[1:]]


def words_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def end(browser, other):
    return browser.post("/sessions/end", {"session": filed_under(cookie(other))}, of="/sessions")


@pytest.fixture(autouse=True)
def _nobody_else(archive):
    archive.catalogue.sessions.delete_all()


@pytest.fixture
def elsewhere(site):
    """The same archive in another worker process."""
    return site.open()[1]


def test_a_person_sees_her_sessions_and_which_one_this_is(app, clock):
    first = signed_in(app)
    clock.pass_by(minutes=5)
    second = signed_in(app)
    signed_in(app, "documenter")
    listed = of_page(second)
    assert len(listed) == 2
    assert "this one" in listed[0]
    assert "this one" not in listed[1]
    assert "court" in listed[0].casefold()
    assert "Your sessions" in words(first.get("/sessions"))
    assert 'href="/sessions"' in first.get("/home").text


def test_one_session_is_ended_and_the_others_go_on(app):
    lost, here = signed_in(app), signed_in(app)
    answer = end(here, lost)
    assert answer.headers["Location"] == "/sessions?done=one"
    assert "The session was ended" in words(here.get("/sessions?done=one"))
    assert not is_in(lost)
    assert is_in(here)


def test_nobody_ends_the_session_of_another(app):
    documenter, lawyer = signed_in(app, "documenter"), signed_in(app)
    assert end(lawyer, documenter).status_code == 303
    assert is_in(documenter)


def test_ending_this_session_signs_out(app):
    here = signed_in(app)
    answer = end(here, here)
    assert answer.headers["Location"] == "/sign-in"
    assert "cookies" in answer.headers["Clear-Site-Data"]
    assert not is_in(here)


def test_all_others_are_ended(app):
    others, here, documenter = [signed_in(app), signed_in(app)], signed_in(app), signed_in(app, "documenter")
    here.post("/sessions/end-others", of="/sessions")
    assert not any(map(is_in, others))
    assert is_in(here)
    assert is_in(documenter)


def test_locking_oneself_ends_all_of_ones_sessions_and_nobody_elses(app, elsewhere):
    here, there, documenter = signed_in(app), signed_in(elsewhere), signed_in(app, "documenter")
    answer = here.post("/sessions/lock", of="/sessions")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not is_in(here)
    assert not is_in(there)
    assert is_in(documenter)
    assert is_in(signed_in(app))


@pytest.mark.parametrize("path", ["/sessions/lock-archive", "/sessions/lock-archive/now"])
def test_only_custodians_lock_the_archive(app, path):
    lawyer = signed_in(app)
    assert lawyer.post(path, of="/sessions").status_code == 403
    assert "Lock the archive" not in words(lawyer.get("/sessions"))
    assert is_in(lawyer)


def lock(custodian):
    page = custodian.post("/sessions/lock-archive", of="/sessions")
    assert "what it cannot do" in words(page)
    return custodian.post("/sessions/lock-archive/now", of="/sessions")


def test_locking_the_archive_ends_every_session_in_every_process_at_once(app, elsewhere):
    people = [signed_in(app), signed_in(elsewhere), signed_in(elsewhere, "documenter")]
    custodian = signed_in(app, "custodian")
    people.append(custodian)
    answer = lock(custodian)
    assert answer.headers["Location"] == "/sign-in?locked=1"
    assert not any(map(is_in, people))
    assert "everybody was signed out" in words(
        custodian.get("/sign-in?locked=1", headers={"Accept-Language": "en"})
    )
    assert is_in(signed_in(elsewhere))


def test_a_copy_of_database_and_cookie_taken_before_the_lock_opens_nothing(app, archive, site, tmp_path):
    lawyer = signed_in(app)
    taken = archive.catalogue.sessions.get(filed_under(cookie(lawyer)))
    boot = BootSecret(archive)
    before = boot.read()
    lock(signed_in(app, "custodian"))
    archive.catalogue.sessions.put(taken)  # the thief puts his copy back
    assert not is_in(lawyer)
    archive.catalogue.sessions.put(taken)
    # Only the secret that is gone would have opened it: this is what locking throws away.
    assert Sessions(archive, lambda: before).resume(cookie(lawyer)).handle == "lawyer"
    assert boot.read() != before
    assert Sessions(archive, boot.read).resume(cookie(lawyer)) is None


@pytest.fixture
def reader(archive, reading_terms):
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    grants.give(archive, custodian, "lawyer", "main", reading_terms)
    yield "lawyer"
    grants.revoke(archive, custodian, "lawyer", "main", "the test is over")


def test_a_lock_closes_the_open_indexes_of_every_process(app, elsewhere, reader):
    shelves = [parts_of(one).shelf for one in (app, elsewhere)]
    folders = [parts_of(one).archive.runtime.path for one in (app, elsewhere)]
    for one, folder in zip((app, elsewhere), folders, strict=True):
        assert signed_in(one, reader).post("/search", {"query": "anything"}, of="/search").status_code == 200
        assert list(folder.glob("index-*"))
    wordings = [shelf.wording for shelf in shelves]
    lock(signed_in(app, "custodian"))
    Browser(elsewhere).get("/sign-in")
    for shelf, folder, wording in zip(shelves, folders, wordings, strict=True):
        assert not list(folder.glob("index-*"))
        assert shelf.wording is not wording


def test_what_a_request_opens_while_the_archive_is_locked_is_closed_with_it(app, reader):
    lawyer = signed_in(app, reader)
    door = parts_of(app)
    token = lawyer.token("/search")
    with app.test_request_context(
        "/search",
        method="POST",
        data={"form": token, "query": "anything"},
        headers={"Cookie": f"session={cookie(lawyer)}"},
    ):
        assert app.preprocess_request() is None
        door.vigil.lock()
        with door.shelf.borrowed(
            [one for one in keyring(door.archive, sitting()).values() if one.identities]
        ):
            assert list(door.archive.runtime.path.glob("index-*"))
    assert not list(door.archive.runtime.path.glob("index-*"))


def test_a_session_that_was_locked_out_does_not_live_on_for_another_purpose(app, archive):
    lawyer = signed_in(app)
    sessions = parts_of(app).sessions
    sitting = sessions.resume(cookie(lawyer))  # the request has begun …
    row = archive.catalogue.sessions.get(filed_under(cookie(lawyer)))
    parts_of(app).vigil.lock()  # … the archive is locked …
    with pytest.raises(AccessError, match="over"):
        sessions.restate(cookie(lawyer), sitting, Use.COMMISSION)  # … and it goes on
    archive.catalogue.sessions.put(row)
    with pytest.raises(AccessError, match="over"):
        sessions.restate(cookie(lawyer), sitting, Use.COMMISSION)
    assert len(archive.catalogue.sessions.of_agent(sitting.id)) == 1


def test_forms_of_before_the_lock_are_too_old(app):
    browser = Browser(app)
    token = browser.token("/sign-in")
    parts_of(app).vigil.lock()
    form = {"form": token, "handle": "lawyer", "passphrase": "a long passphrase for tests"}
    assert browser.client.post("/sign-in", data=form).status_code == 403
    assert is_in(browser.sign_in("lawyer"))


def test_sessions_of_an_earlier_run_are_cleared_away_at_the_start(app, archive, restarted):
    lawyer = signed_in(app)
    agent = archive.catalogue.agents.by_handle("lawyer").agent
    assert archive.catalogue.sessions.of_agent(agent)
    restarted.open()
    assert not archive.catalogue.sessions.of_agent(agent)
    assert not is_in(lawyer)
