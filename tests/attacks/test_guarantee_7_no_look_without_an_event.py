"""Guarantee 7: a signed-in agent cannot read, or see a snippet, without leaving an event.

leu looks, and pulls the plug of the server in the moment in which he has the first words. What he has seen then,
and which the log of the archive does not name when it is opened again, he saw unnoticed.
"""

import http.client
import re
from urllib.parse import urlencode

import pytest
from defences import Defence
from founded import audited
from real_server import Visitor
from scenes import NAME, TEXT, hand_in, serving_program

LOGGED_READING = Defence(
    "search.disclosure:read",
    "archive.custody.record([author.write(Kind.READING, data)])",
    "pass",
)
LOGGED_SEARCH = Defence(
    "search.disclosure:_retrieve_and_log", "_log_search(archive, sitting, query, readable, ranked)", "0"
)
#: Long enough that most of it is still on its way when the first words are there.
LONG = TEXT * 60_000


def looks_in_the_log(village, item):
    told = village.town.json("history", item, who="anna")
    return {one["kind"] for one in told if one["kind"] in ("search", "reading")}


def ask(visitor, path, fields, of):
    """Send a form and return the connection and the answer, nothing of it read yet."""
    line = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=60)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    body = urlencode({"form": visitor.token(of), **fields})
    kind = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", path, body, kind)
    return line, line.getresponse()


def attack(village, serving, door, *lacking):
    """Return what leu saw and the log does not know of."""
    assert village.town.run("agent", "rotate", who="leu").exit_code == 0
    item = hand_in(village.town, "long", "vera", LONG)["item"]
    server = serving(village.place, program=serving_program(lacking))
    leu = Visitor(server.port).sign_in("leu", passphrase="the passphrase of leu")
    paths = {"search": "/search", "read": f"/items/{item}/read", "original": f"/items/{item}/original"}
    of = "/search" if door == "search" else f"/items/{item}"
    line, answer = ask(leu, paths[door], {"query": NAME}, of)
    seen = answer.read(40_000).decode("utf-8", "replace")
    server.kill()
    line.close()
    assert NAME in re.sub(r"<[^>]+>", "", seen), seen[:2000]
    kind = "search" if door == "search" else "reading"
    return set() if kind in looks_in_the_log(village, item) else {door}


DOORS = {"search": LOGGED_SEARCH, "read": LOGGED_READING, "original": LOGGED_READING}


@pytest.mark.parametrize("door", DOORS)
def test_whoever_looks_and_pulls_the_plug_has_left_an_event(village, serving, door):
    assert attack(village, serving, door) == set()
    assert audited(village.archive).faults == ()


@pytest.mark.parametrize("door", DOORS)
def test_nothing_would_tell_of_it_if_it_were_not_logged_first(village, serving, door):
    assert attack(village, serving, door, DOORS[door]) == {door}
