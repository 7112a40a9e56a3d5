"""What ends a right ends it in sessions that are open, at the very next request.

Lena is signed in, at two applications over the same archive, with its index open and her hits on the screen.
Then somebody at the command line, in another process, ends her right in one of the ways there are; or time
does; or she changes what she is here for. Whatever she asks next is refused, and leaves no reading.
"""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from driving import TESTS
from founded import found_house, leave_nothing, opened_house, passphrase_of

from archive.access import compartments, rotation
from archive.author import system_clock
from archive.errors import SviedkaError
from archive.events import format_moment, parse_entry
from archive.kinds import Kind
from archive.nouns import Action
from archive.uses import Use
from archive.web.application import create_app
from ingest.describe import describe
from search.disclosure import read

sys.path.append(str(TESTS / "web"))
from browsing import Browser

TITLE, SECRET, NAME, WORD = "Рабінавы загаловак", "сутарэнне", "statement-of-hanna.txt", "дубінкай"
TEXT = f"Яе білі {WORD}, гэта было {SECRET}."
PROGRAM = "from archive.cli import main; main()"
QUERIES = (WORD, SECRET, 'perpetrator:"Мікалай Карповіч"', f'"{WORD} гэта было"', "сутар*")


class Clock:
    """The clock of everybody, which tests put forward."""

    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return system_clock() + self.ahead


class Town:
    """An archive with one account in it, its people, and Lena's open sessions."""

    def __init__(self, folder: Path, house, other, clock: Clock) -> None:
        self.folder, self.house, self.clock = folder, house, clock
        house.vera, house.lena = house.documenter(), house.lawyer()
        rotation.rotate(house.archive, house.lena, passphrase_of("lena"))
        described = {
            "title": TITLE,
            "language": "be",
            "rights_basis": "consent",
            "perpetrators": [{"name": "Мікалай Карповіч"}],
            "consent": {"given_by": "self", "uses": ["store", "court"], "given_on": "2026-11-20"},
        }
        self.item = house.deposit(house.vera, {NAME: TEXT}, described)[0].item
        person = [{"type": "person", "data": {"pseudonym": "Рабіна"}}]
        self.person = describe(house.archive, house.anna, "main", person)[0].record
        self.applications = [create_app(one.archive, one.library.shelf) for one in (house, other)]
        self.browser = Browser(self.applications[0])
        self.browser.client.set_cookie("language", "en")
        self.browser.sign_in("lena", passphrase_of("lena"))
        cookies = [(name, self.browser.client.get_cookie(name)) for name in ("session", "visit", "language")]
        self.elsewhere = Browser(self.applications[1])
        for name, cookie in cookies:
            if cookie is not None:
                self.elsewhere.client.set_cookie(name, cookie.value)

    def cli(self, who: str, *words: str) -> None:
        """Run a command in a process of its own."""
        file = self.folder / f"{who}.passphrase"
        file.write_text(passphrase_of(who) + "\n")
        env = {
            **os.environ,
            "PYTHONPATH": str(TESTS.parent),
            "SVIEDKA_ARCHIVE": str(self.house.folder),
            "SVIEDKA_AGENT": who,
            "SVIEDKA_PASSPHRASE_FILE": str(file),
            "SVIEDKA_KEY_COST": "10",
            "SVIEDKA_RUNTIME": "/dev/shm",
            "SVIEDKA_ALLOW_SWAP": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def asked(self, browser: Browser):
        """Ask for everything by which the account, or a part of it, could come out; give every answer."""
        try:
            token = browser.token("/search")
        except TypeError:  # There is no form for her any more.
            token = "0" * 64

        def post(path, **data):
            return browser.client.post(path, data={"form": token, **data}, follow_redirects=True)

        for query in QUERIES:
            yield post("/search", query=query)
        for form in ("read", "original", "consents"):
            yield post(f"/items/{self.item}/{form}", agreed="1")
        yield browser.client.get(f"/items/{self.item}", follow_redirects=True)

    def readings(self) -> int:
        entries = self.house.archive.log.entries(0)
        return sum(parse_entry(one).event.kind is Kind.READING for one in entries)


@pytest.fixture
def town(tmp_path):
    clock = Clock()
    found_house(tmp_path / "archive", clock)
    with (
        opened_house(tmp_path / "archive", clock=clock) as house,
        opened_house(tmp_path / "archive", clock=clock) as other,
    ):
        yield Town(tmp_path, house, other, clock)
    leave_nothing(tmp_path / "archive")


def withdrawn(town):
    town.cli("vera", "consent", "withdraw", town.item, "--reason", "яна баіцца", "--yes")


def withdrawn_by_the_custodian(town):
    town.cli("anna", "consent", "withdraw", town.item, "--yes")


def withdrawn_by_person(town):
    data = {"person": town.person, "given_by": "self", "uses": ["store", "court"], "items": [town.item]}
    describe(town.house.archive, town.house.anna, "main", [{"type": "consent", "data": data}])
    town.cli("anna", "consent", "withdraw", town.person, "--yes")


def revoked(town):
    town.cli("anna", "revoke", "lena", "main", "--reason", "the case is over", "--yes")


def suspended(town):
    town.cli("anna", "agent", "suspend", "lena", "--yes")


def for_another_purpose(town):
    # A right elsewhere for another purpose lets her say so; the one to this compartment stays for courts.
    compartments.found(town.house.archive, town.house.anna, "study")
    town.house.grant("lena", Action.READ, label="study", purposes=(Use.ANALYSIS,))
    assert town.browser.post("/purpose", {"purpose": "analysis"}, of="/search").status_code == 303


def consent_no_longer_includes_it(town):
    [(record, _)] = town.house.archive.ledger().items[town.item].rights.consents
    data = {"given_by": "self", "uses": ["store", "commission"], "items": [town.item]}
    told = [{"type": "consent", "id": record, "data": data}]
    describe(town.house.archive, town.house.anna, "main", told)


ENDINGS = (
    withdrawn,
    withdrawn_by_the_custodian,
    withdrawn_by_person,
    revoked,
    suspended,
    for_another_purpose,
    consent_no_longer_includes_it,
)


def sees_it(town):
    for browser in (town.browser, town.elsewhere):
        told = "\n".join(answer.text for answer in town.asked(browser))
        for secret in (TITLE, SECRET, f"<mark>{WORD}</mark>", NAME):
            assert secret in told, secret


def sees_nothing(town):
    read_before = town.readings()
    for browser in (town.browser, town.elsewhere):
        for answer in town.asked(browser):
            without_her_own_words = answer.text
            for query in QUERIES:
                without_her_own_words = without_her_own_words.replace(query.replace('"', "&#34;"), "")
            for secret in (TITLE, SECRET, WORD, NAME, "Карповіч", "Passages", "Narrow down"):
                assert secret not in without_her_own_words, (answer.request.path, secret)
    assert town.readings() == read_before


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda one: one.__name__)
def test_it_is_refused_in_every_open_session_at_the_next_request(town, ending):
    sees_it(town)
    ending(town)
    sees_nothing(town)


def test_a_right_that_runs_out_ends_in_open_sessions_at_its_last_moment(town):
    house = town.house
    house.revoke("lena")
    last = format_moment(house.archive.clock() + timedelta(minutes=10))
    house.grant("lena", Action.READ, ends=last)
    sees_it(town)
    town.clock.ahead += timedelta(minutes=10, seconds=2)
    sees_nothing(town)


@pytest.mark.parametrize("ending", [withdrawn, revoked, suspended], ids=lambda one: one.__name__)
def test_whoever_asks_by_program_in_a_sitting_that_is_open_is_refused_too(town, ending):
    """`find` and `read` are the only functions that hand anything out, whatever door is before them."""
    sitting = town.house.sign_in("lena", Use.COURT)
    assert town.house.found_items(sitting, WORD) == {town.item}
    assert town.house.read_original(sitting, town.item) == TEXT.encode()
    ending(town)
    with pytest.raises(SviedkaError):
        read(town.house.archive, sitting, town.item)
    try:
        found = town.house.find(sitting, WORD, facets=("perpetrator", "language"))
    except SviedkaError:
        return
    assert (found.total, found.hits, found.told) == (0, (), ())
    assert not any(found.facets.values())
