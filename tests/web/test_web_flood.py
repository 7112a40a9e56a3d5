"""A flood of strangers at a real server: the owner gets in, other pages answer, memory stays where it was."""

import re
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browsing import PASSPHRASE
from real_server import Visitor

from archive.access import agents, rotation, signin
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.nouns import Role
from archive.web.tries import LONGEST_SECONDS

STRANGERS = 40
OPENING_KILOBYTES = 128 * 1024


def founded(folder, log_n):
    (folder / "runtime").mkdir()
    circumstances = Circumstances(log_n=log_n, runtimes=(folder / "runtime",), allow_disk=True)
    found_archive(folder / "archive", Founding("Proba", "custodian", PASSPHRASE), circumstances)
    with open_archive(folder / "archive", circumstances) as opened:
        custodian = signin.sign_in(opened, "custodian", PASSPHRASE)
        agents.enrol(opened, custodian, "lawyer", Role.LAWYER, PASSPHRASE)
        rotation.rotate(opened, signin.sign_in(opened, "lawyer", PASSPHRASE), PASSPHRASE)
    return folder


class Stranger(threading.Thread):
    """Tries one passphrase after the other, as fast as it is let, until the flood ends."""

    def __init__(self, port, handle, ended):
        super().__init__()
        self.visitor = Visitor(port)
        self.handle = handle
        self.ended = ended
        self.told = []

    def run(self):
        token = self.visitor.token("/sign-in")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        while not self.ended.is_set():
            form = {"form": token, "handle": self.handle, "passphrase": f"guess {len(self.told)} of many"}
            answer, _text = self.visitor.ask("POST", "/sign-in", urlencode(form), kind)
            self.told.append(answer.status)
            if answer.status == 503:
                self.ended.wait(0.05)


@contextmanager
def flood(port, handle):
    ended = threading.Event()
    crowd = [Stranger(port, handle, ended) for _ in range(STRANGERS)]
    for one in crowd:
        one.start()
    try:
        yield crowd
    finally:
        ended.set()
        for one in crowd:
            one.join()


def returning(owner):
    """Return the owner's browser opened anew: of its cookies there is only the lasting one."""
    visitor = Visitor(owner.port)
    visitor.cookies["known"] = owner.cookies["known"]
    return visitor


def seconds_of(action):
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


@pytest.mark.slow
def test_a_flood_against_one_handle_keeps_its_owner_out_neither_during_nor_after(serving, tmp_path):
    server = serving(founded(tmp_path, 10), workers=2)
    owner = Visitor(server.port).sign_in("lawyer", remember="yes")
    owner.post("/sign-out", of="/home")
    with flood(server.port, "lawyer") as crowd:
        time.sleep(4)
        during = [seconds_of(lambda: returning(owner).sign_in("lawyer")) for _ in range(3)]
        pages = [seconds_of(lambda: Visitor(server.port).ask("GET", "/verify")) for _ in range(10)]
        other = seconds_of(lambda: Visitor(server.port).sign_in("custodian"))
    told = [status for one in crowd for status in one.told]
    assert set(told) == {403, 503}
    assert told.count(403) < 20  # so many guesses were let in, in five seconds or more
    assert max(during) < 2.5, during
    assert max(pages) < 2.5, pages
    assert other < 2.5
    after = seconds_of(lambda: Visitor(server.port).sign_in("lawyer"))  # from a browser that nobody knows
    assert after < LONGEST_SECONDS + 3


def resident_kilobytes(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


@pytest.mark.slow
def test_twenty_sign_ins_at_once_take_the_memory_of_one_opening(serving, tmp_path):
    server = serving(founded(tmp_path, 17), workers=2, cost=17)
    workers = server.workers()
    for _ in range(20):
        Visitor(server.port).ask("GET", "/sign-in")
    ended, samples = threading.Event(), []

    def watch():
        while not ended.wait(0.005):
            samples.append(sum(map(resident_kilobytes, workers)))

    def come(number):
        visitor = Visitor(server.port)
        handle, passphrase = ("lawyer", PASSPHRASE) if number % 2 else (f"nobody-{number}", "wrong as can be")
        while visitor.try_to_sign_in(handle, passphrase)[0].status == 503:
            time.sleep(0.1)

    before = sum(map(resident_kilobytes, workers))
    watcher = threading.Thread(target=watch)
    crowd = [threading.Thread(target=come, args=(number,)) for number in range(20)]
    for one in (watcher, *crowd):
        one.start()
    for one in crowd:
        one.join()
    ended.set()
    watcher.join()
    grown = max(samples) - before
    assert grown > OPENING_KILOBYTES // 2  # they were opened, at the real cost
    assert grown < 2 * OPENING_KILOBYTES, grown
