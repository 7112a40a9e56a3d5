"""The entrance: guessing gets slow, nobody is locked out, unknown handles look like known ones, memory is bounded."""

import os
import random
import re
import statistics
import threading
import time
from contextlib import ExitStack

import pytest
from browsing import PASSPHRASE, Browser, cookie, words

from archive.access import agents, rotation, signin
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.errors import AccessError, KeysError
from archive.nouns import Role
from archive.web.acquaintance import Acquaintances
from archive.web.door import parts_of
from archive.web.entrance import KNOWN, STRANGERS, Entrance
from archive.web.tries import FADING_SECONDS, LONGEST_SECONDS, SLOTS, Tries
from storage.locks import exclusive, one_of

WRONG = "a long passphrase that is wrong"


class Watch:
    """Time that passes only while somebody waits; it remembers how long each waited."""

    def __init__(self):
        self.now = 1000.0
        self.waited = []

    def __call__(self):
        return self.now

    def pause(self, seconds):
        self.waited.append(seconds)
        self.now += seconds


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def tries(tmp_path, watch):
    return Tries(tmp_path, watch)


@pytest.fixture
def entrance(archive, tries, watch):
    return Entrance(archive, Acquaintances.of(archive), tries, watch.pause)


def attempt(entrance, handle, passphrase=WRONG, kept=""):
    try:
        return entrance.sign_in(handle, passphrase, kept).handle
    except KeysError as fault:
        return fault.code


def known(entrance, handle="lawyer"):
    return entrance.acquaintances.introduce(handle, os.urandom, lasting=True)


def subject(number):
    return number.to_bytes(8, "big") * 4


def test_delays_double_up_to_a_cap_and_fade(tries, watch):
    delays = []
    for _ in range(7):
        delays.append(tries.delay_seconds(subject(1)))
        tries.failed(subject(1))
    assert delays == [0, 1, 2, 4, 8, 8, 8]
    assert tries.delay_seconds(subject(2)) == 0
    faded = []
    for _ in range(5):
        watch.now += FADING_SECONDS
        faded.append(tries.delay_seconds(subject(1)))
    assert faded == [4, 2, 1, 0, 0]


def test_a_flood_of_invented_handles_makes_the_table_no_larger(tries, entrance):
    digest = entrance.acquaintances.digest
    for number in range(20_000):
        tries.failed(digest(b"handle %d" % number))
    assert (tries.shared / "tries").stat().st_size <= 9 * SLOTS
    assert tries.delay_seconds(digest(b"one more")) <= LONGEST_SECONDS


def test_the_table_names_nobody(entrance, tries):
    attempt(entrance, "lawyer")
    assert b"lawyer" not in (tries.shared / "tries").read_bytes()


def test_guessing_waits_and_the_right_passphrase_gets_in_after_any_number_of_guesses(entrance, watch):
    assert {attempt(entrance, "lawyer") for _ in range(30)} == {"K10"}
    assert watch.waited[:5] == [0, 1, 2, 4, 8]
    assert set(watch.waited[4:]) == {LONGEST_SECONDS}
    assert attempt(entrance, "lawyer", PASSPHRASE) == "lawyer"
    assert watch.waited[-1] == LONGEST_SECONDS


def test_an_unknown_handle_waits_as_long_as_a_known_one(entrance, watch):
    waited = []
    for handle in ("lawyer", "nobody-at-all"):
        watch.waited.clear()
        assert {attempt(entrance, handle) for _ in range(8)} == {"K10"}
        waited.append(list(watch.waited))
    assert waited[0] == waited[1]


def test_what_a_success_leaves_does_not_tell_that_there_was_one(entrance, watch):
    for _ in range(3):
        attempt(entrance, "lawyer")
    attempt(entrance, "lawyer", PASSPHRASE)
    attempt(entrance, "lawyer")
    assert watch.waited == [0, 1, 2, 4, 4]


def test_guesses_against_one_handle_delay_no_other(entrance, watch):
    for _ in range(6):
        attempt(entrance, "lawyer")
    watch.waited.clear()
    assert attempt(entrance, "documenter", PASSPHRASE) == "documenter"
    assert watch.waited == [0]


def test_a_known_browser_does_not_wait_for_what_strangers_guessed(entrance, watch):
    for _ in range(6):
        attempt(entrance, "lawyer")
    watch.waited.clear()
    assert attempt(entrance, "lawyer", PASSPHRASE, known(entrance)) == "lawyer"
    assert watch.waited == [0]


def test_whoever_took_a_known_browser_guesses_as_slowly_as_a_stranger(entrance, watch):
    kept = known(entrance)
    for _ in range(12):
        attempt(entrance, "lawyer", kept=kept)
    assert watch.waited[:5] == [0, 0, 0, 0, 0]
    assert watch.waited[5:9] == [1, 2, 4, 8]
    assert attempt(entrance, "lawyer", PASSPHRASE, kept) == "lawyer"


def test_a_browser_is_known_for_its_handle_alone_and_nothing_invented_is(entrance, archive):
    kept = known(entrance)
    recognise = entrance.acquaintances.recognise
    assert recognise(kept, "lawyer")
    assert not recognise(kept, "documenter")
    for invented in (
        "",
        "x",
        "=" * 70,
        "ж" * 66,
        kept[:-1],
        kept + "AAAA",
        "B" + kept[1:],
        "A" * 66,
        "x" * 9000,
    ):
        assert not recognise(invented, "lawyer"), invented
    other = Acquaintances(bytes(32)).introduce("lawyer", os.urandom, lasting=True)
    assert not recognise(other, "lawyer")


def test_what_a_known_browser_keeps_names_nobody(entrance):
    one, other = known(entrance, "lawyer"), known(entrance, "documenter")
    assert len(one) == len(other)
    assert repr(entrance.acquaintances) == "Acquaintances()"


@pytest.fixture
def places(archive):
    """Take places in a queue, as somebody does who waits there."""

    with ExitStack() as stack:

        def take(queue, count):
            paths = [archive.runtime.shared / f"{queue}-{place}" for place in range(count)]
            for path in paths:
                assert stack.enter_context(one_of([path]))

        yield take


def test_a_full_queue_of_strangers_turns_away_strangers_and_lets_known_browsers_in(entrance, places):
    places("strangers", STRANGERS)
    with pytest.raises(AccessError) as turned_away:
        attempt(entrance, "lawyer", PASSPHRASE)
    assert turned_away.value.code == "A83"
    assert attempt(entrance, "lawyer", PASSPHRASE, known(entrance)) == "lawyer"


def test_a_full_queue_of_known_browsers_lets_strangers_in(entrance, places):
    places("known", KNOWN)
    assert attempt(entrance, "lawyer", PASSPHRASE) == "lawyer"
    with pytest.raises(AccessError):
        attempt(entrance, "lawyer", PASSPHRASE, known(entrance))


def test_guesses_that_wait_out_their_delay_leave_a_place_to_strangers_who_have_none(entrance, places):
    attempt(entrance, "lawyer")
    places("strangers", STRANGERS - 1)
    with pytest.raises(AccessError):
        attempt(entrance, "lawyer", PASSPHRASE)
    assert attempt(entrance, "documenter", PASSPHRASE) == "documenter"


def test_a_crowd_at_the_sign_in_is_asked_to_come_back_and_keeps_its_form(browser, places):
    places("strangers", STRANGERS)
    answer = browser.post("/sign-in", {"handle": "lawyer", "passphrase": PASSPHRASE})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Wait a little and try again" in words(answer)
    assert 'value="lawyer"' in answer.text
    assert PASSPHRASE not in answer.text


@pytest.fixture
def refilled(app):
    """Pages that failed attempts do not slow down: the table of tries is thrown away before."""
    (parts_of(app).archive.runtime.shared / "tries").unlink(missing_ok=True)
    return app


def test_unknown_handles_get_the_same_bytes(refilled):
    told = set()
    for handle in ("lawyer", "nobody"):
        browser = Browser(refilled)
        answer = browser.post("/sign-in", {"handle": handle, "passphrase": WRONG})
        page = re.sub(r'name="form" value="[0-9a-f]+"', "", answer.text).replace(f'value="{handle}"', "")
        told.add((answer.status, page, tuple(sorted(answer.headers.items()))))
    assert len(told) == 1


def test_signing_in_makes_a_browser_known_while_it_is_open_and_signing_out_forgets_it(refilled):
    browser = Browser(refilled).sign_in("lawyer")
    kept = browser.client.get_cookie("known")
    assert (kept.max_age, kept.http_only, kept.same_site) == (None, True, "Strict")
    answer = browser.post("/sign-out", of="/home")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert browser.client.get_cookie("known") is None


def test_a_browser_that_is_to_be_known_stays_so_after_signing_out_and_a_restart(refilled, restarted):
    browser = Browser(refilled)
    browser.post("/sign-in", {"handle": "lawyer", "passphrase": PASSPHRASE, "remember": "yes"})
    kept = browser.client.get_cookie("known")
    assert kept.max_age > 300 * 24 * 3600
    answer = browser.post("/sign-out", of="/home")
    assert "cookies" not in answer.headers["Clear-Site-Data"]
    assert browser.client.get_cookie("session") is None
    assert cookie(browser, "known") == kept.value
    archive, _app = restarted.open()
    assert Acquaintances.of(archive).recognise(kept.value, "lawyer").lasting


def test_locking_oneself_forgets_even_a_browser_that_was_to_be_known(refilled):
    browser = Browser(refilled)
    browser.post("/sign-in", {"handle": "lawyer", "passphrase": PASSPHRASE, "remember": "yes"})
    browser.post("/sessions/lock", of="/sessions")
    assert browser.client.get_cookie("known") is None


@pytest.fixture(scope="module")
def dear(tmp_path_factory):
    """An archive whose key files take some fifty milliseconds, with handles of several lengths."""
    folder = tmp_path_factory.mktemp("dear")
    circumstances = Circumstances(log_n=14, runtimes=(folder,), allow_disk=True)
    found_archive(folder / "archive", Founding("Proba", "custodian", PASSPHRASE), circumstances)
    with open_archive(folder / "archive", circumstances) as opened:
        custodian = signin.sign_in(opened, "custodian", PASSPHRASE)
        for handle, role in (("a", Role.LAWYER), ("a-documenter-with-a-long-handle", Role.DOCUMENTER)):
            agents.enrol(opened, custodian, handle, role, PASSPHRASE)
            rotation.rotate(opened, signin.sign_in(opened, handle, PASSPHRASE), PASSPHRASE)
        yield opened


def seconds_of(action, clock):
    begun = clock()
    action()
    return clock() - begun


@pytest.mark.parametrize(
    ("clock", "middle"),
    [
        (time.thread_time, statistics.median),  # the work
        (time.perf_counter, min),  # the waiting too; a busy machine only ever adds to it
    ],
    ids=["work", "wait"],
)
def test_an_unknown_handle_takes_as_long_as_a_known_one(dear, tmp_path, clock, middle):
    entrance = Entrance(dear, Acquaintances.of(dear), Tries(tmp_path), lambda _seconds: None)
    handles = [
        "custodian",
        "a",
        "a-documenter-with-a-long-handle",
        "nobody",
        "nobody-with-such-a-long-handle",
    ]
    taken = {handle: [] for handle in handles}
    for _ in range(5):  # a busy machine blurs one round; a difference that is there stays in all of them
        for handle in random.sample(handles * 20, 20 * len(handles)):
            taken[handle].append(seconds_of(lambda handle=handle: attempt(entrance, handle), clock))
        usual = {handle: middle(times) for handle, times in taken.items()}
        if max(usual.values()) / min(usual.values()) < 1.2:
            return
    raise AssertionError(usual)


def test_a_passphrase_of_somebody_else_does_not_open_an_unknown_handle(dear, tmp_path):
    entrance = Entrance(dear, Acquaintances.of(dear), Tries(tmp_path), lambda _seconds: None)
    assert attempt(entrance, "nobody", PASSPHRASE) == "K10"


def test_strangers_and_known_browsers_take_turns(dear, tmp_path):
    entrance = Entrance(dear, Acquaintances.of(dear), Tries(tmp_path))
    order = []

    def come(kind, handle, kept=""):
        attempt(entrance, handle, kept=kept)
        order.append(kind)

    crowd = [
        threading.Thread(target=come, args=("stranger", f"nobody-{number}")) for number in range(STRANGERS)
    ]
    crowd += [threading.Thread(target=come, args=("known", "a", known(entrance, "a"))) for _ in range(KNOWN)]
    with exclusive(dear.runtime.shared / "opening.lock"):
        for one in crowd:
            one.start()
        time.sleep(0.3)
    for one in crowd:
        one.join()
    assert sorted(order) == ["known"] * KNOWN + ["stranger"] * STRANGERS
    assert order.index("known") <= 1
    assert len(order) - 1 - order[::-1].index("known") <= 3


def test_a_damaged_key_file_of_another_makes_no_difference_to_an_unknown_handle(dear, tmp_path):
    entrance = Entrance(dear, Acquaintances.of(dear), Tries(tmp_path), lambda _seconds: None)
    row = dear.catalogue.agents.any()
    dear.catalogue.agents.set_key_file(row.agent, b"damaged")
    assert attempt(entrance, "nobody") == "K10"
    dear.catalogue.agents.set_key_file(row.agent, row.key_file)
