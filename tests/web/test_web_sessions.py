"""Sessions: how long they last, and that nothing of them opens anything without the running server."""

import sqlite3

import pytest
from browsing import Browser, cookie, words

from archive.access.boot import BootSecret
from archive.web.sessions import Sessions


@pytest.fixture
def lawyer(app):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in("lawyer")


def is_in(browser):
    return browser.get("/home").status_code == 200


def test_half_an_hour_without_use_ends_a_session(lawyer, clock):
    clock.pass_by(minutes=29)
    assert is_in(lawyer)
    clock.pass_by(minutes=29)
    assert is_in(lawyer)
    clock.pass_by(minutes=31)
    answer = lawyer.get("/home")
    assert answer.headers["Location"] == "/sign-in?over=1"
    assert "Your session is over" in words(lawyer.get("/sign-in?over=1"))


def test_twelve_hours_end_it_however_much_it_is_used(lawyer, clock):
    for _ in range(28):
        clock.pass_by(minutes=25)
        assert is_in(lawyer)
    clock.pass_by(minutes=25)
    assert not is_in(lawyer)


def test_signing_out_ends_it_for_every_copy_of_the_cookie(app, lawyer):
    thief = Browser(app)
    thief.client.set_cookie("session", cookie(lawyer))
    assert is_in(thief)
    answer = lawyer.post("/sign-out", of="/home")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not is_in(thief)
    assert not is_in(lawyer)


def test_sessions_that_are_over_leave_the_catalogue(app, archive, clock, lawyer):
    agent = archive.catalogue.agents.by_handle("lawyer").agent
    assert archive.catalogue.sessions.of_agent(agent)
    clock.pass_by(hours=13)
    Browser(app).sign_in("documenter")
    assert not archive.catalogue.sessions.of_agent(agent)


def test_two_worker_processes_serve_one_session(site, lawyer):
    _archive, other = site.open()
    elsewhere = Browser(other)
    elsewhere.client.set_cookie("session", cookie(lawyer))
    assert is_in(elsewhere)


def test_a_restart_opens_no_session(restarted, lawyer):
    _archive, app = restarted.open()
    later = Browser(app)
    later.client.set_cookie("session", cookie(lawyer))
    assert not is_in(later)


def test_a_copied_database_and_a_cookie_open_nothing_without_the_boot_secret(archive, lawyer):
    boot = BootSecret(archive).read
    assert Sessions(archive, boot).resume(cookie(lawyer)).handle == "lawyer"
    assert Sessions(archive, lambda: bytes(32)).resume(cookie(lawyer)) is None


def test_the_catalogue_holds_neither_cookie_nor_key(site, archive, lawyer):
    agent = archive.catalogue.agents.by_handle("lawyer").agent
    [row, *_] = reversed(archive.catalogue.sessions.of_agent(agent))
    assert row.header.startswith(b"age-encryption.org/v1\n-> mlkem768x25519 ")
    with sqlite3.connect(site.folder / "catalogue.sqlite") as database:
        everything = "\n".join(database.iterdump())
    assert cookie(lawyer) not in everything
    assert "AGE-SECRET-KEY" not in everything


@pytest.mark.parametrize("value", ["", "x", "x" * 43, "ж" * 43, "../../etc", "a" * 4000])
def test_invented_cookies_open_nothing(app, value):
    browser = Browser(app)
    browser.client.set_cookie("session", value)
    assert not is_in(browser)


def test_the_boot_secret_lives_in_the_runtime_directory_alone(site, archive):
    boot = BootSecret(archive).read()
    assert len(boot) == 32
    assert (archive.runtime.shared / "boot").stat().st_mode & 0o077 == 0
    for path in site.folder.rglob("*"):
        if path.is_file():
            assert boot not in path.read_bytes(), path


def test_a_session_says_nothing_of_its_secret(archive):
    boot = BootSecret(archive)
    for told in (repr(Sessions(archive, boot.read)), repr(boot)):
        assert boot.read().hex() not in told
        assert repr(boot.read())[2:-1] not in told
