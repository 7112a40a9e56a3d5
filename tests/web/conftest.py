"""A real archive behind the real application, with a clock that tests turn."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from browsing import PASSPHRASE, Browser
from real_server import Server

from archive.access import agents, grants, rotation, signin
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.nouns import Action, Role
from archive.uses import Use
from archive.web.application import create_app
from search.engines.tantivy_engine import TantivyEngine
from search.shelf import Shelf


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


class Site:
    """An archive with one agent for each role, and as many applications over it as a test opens."""

    def __init__(self, folder, circumstances):
        self.folder = folder
        self.circumstances = circumstances
        self._opened = ExitStack()

    def open(self, **how):
        archive = self._opened.enter_context(open_archive(self.folder, self.circumstances))
        shelf = Shelf(archive, TantivyEngine)
        self._opened.callback(shelf.close)
        return archive, create_app(archive, shelf, **how)

    def close(self):
        self._opened.close()


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def site(tmp_path_factory, clock):
    folder = tmp_path_factory.mktemp("web")
    runtime = folder / "runtime"
    runtime.mkdir()
    circumstances = Circumstances(clock=clock, log_n=10, runtimes=(runtime,), allow_disk=True)
    found_archive(folder / "archive", Founding("Proba", "custodian", PASSPHRASE), circumstances)
    site = Site(folder / "archive", circumstances)
    archive, _app = site.open()
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    for role in (Role.DOCUMENTER, Role.LAWYER, Role.AUDITOR):
        agents.enrol(archive, custodian, role.value, role, PASSPHRASE)
        rotation.rotate(archive, signin.sign_in(archive, role.value, PASSPHRASE), PASSPHRASE)
    contribute = grants.Terms(frozenset({Action.CONTRIBUTE}), frozenset(), None, "she hands in")
    grants.give(archive, custodian, "documenter", "main", contribute)
    yield site
    site.close()


@pytest.fixture(scope="module")
def opened(site):
    return site.open()


@pytest.fixture(scope="module")
def archive(opened):
    return opened[0]


@pytest.fixture(scope="module")
def app(opened):
    return opened[1]


@pytest.fixture
def browser(app):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser


@pytest.fixture(scope="module")
def reading_terms():
    return grants.Terms(frozenset({Action.READ}), frozenset({Use.COURT, Use.COMMISSION}), None, "a case")


@pytest.fixture
def serving():
    """Start real servers, and stop those that still run at the end."""
    servers = []

    def serve(*args, **how):
        servers.append(Server(*args, **how))
        return servers[-1]

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.kill()


@pytest.fixture
def restarted(site, tmp_path):
    """The same archive after the server stopped: everything but the runtime directory is still there."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    again = Site(site.folder, replace(site.circumstances, runtimes=(runtime,)))
    yield again
    again.close()
