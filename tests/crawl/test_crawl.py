"""A crawl of every command and every page as each role: no byte of anything that was not granted."""

import difflib
from base64 import b64encode

import commands
import pages
import pytest
from answers import normalised, unfolded
from commands import COMMANDS
from crawling import GRANTED, IMPOSTOR, NOBODY, Answer, crawled_commands, crawled_pages
from founded import leave_nothing
from names import granted
from planted import BORIS, CRAWLERS, LENA, OLGA, VERA, planted, word

from archive.cli.program import program
from archive.web.routes import ROUTES

WHOLE = {**commands.OF_THE_WHOLE, **pages.OF_THE_WHOLE}
HER_OWN = commands.HER_OWN | pages.HER_OWN
OF_HANDLES = commands.OF_HANDLES | pages.OF_HANDLES
EVERYBODY = (NOBODY, IMPOSTOR, *CRAWLERS)
QUICK = (NOBODY,)
#: How much is hidden from all who crawl, in one archive and in the other.
LITTLE, MUCH = 0, 12


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Two archives that differ in what is hidden, and what each crawler was told in them."""
    made = {}
    for more in (LITTLE, MUCH):
        place = tmp_path_factory.mktemp(f"crawl{more}")
        with planted(place / "planted", more=more) as world:
            made[more] = world, place
    yield made
    for world, _place in made.values():
        leave_nothing(world.town.archive)


@pytest.fixture(scope="module")
def told(worlds):
    """Return what somebody was told in one of the archives; each crawl is made once."""
    kept = {}

    def crawl(who: str, more: int = LITTLE, *, only: str | None = None) -> list[Answer]:
        key = (who, more, only)
        if key not in kept:
            world, place = worlds[more]
            kept[key] = crawled_commands(world, who, place / f"cli-{who}-{only}", only=only)
            if who != IMPOSTOR:
                kept[key] += crawled_pages(world, who, place / f"web-{who}-{only}", only=only)
        return kept[key]

    return crawl


def markers_in(text: str, markers: set[str]) -> list[str]:
    return [marker for marker in markers if marker in text]


def all_commands(group=program, words=()):
    for name, command in ((one, group.get_command(None, one)) for one in group.list_commands(None)):
        if hasattr(command, "commands"):
            yield from all_commands(command, (*words, name))
        else:
            yield (*words, name)


def quickly(people):
    """Mark whoever is crawled in the slow run only: a crawl of everything takes a minute."""
    return [who if who in QUICK else pytest.param(who, marks=pytest.mark.slow) for who in people]


def test_the_crawl_knows_every_command_and_every_page():
    assert set(COMMANDS) == set(all_commands())
    assert set(pages.PAGES) == {(method, address) for method, address, _view in ROUTES}


@pytest.mark.parametrize("who", quickly(EVERYBODY))
def test_nobody_is_told_a_byte_of_what_was_not_granted(who, worlds, told):
    world, _place = worlds[LITTLE]
    forbidden = world.forbidden_to(who)
    # Whoever copies the folder has pseudonyms and ids in clear; of the words he has none.
    words = {marker for marker in forbidden if marker not in {*world.ids.values(), *world.handles}}
    leaks = [
        f"{one.of} ({one.variant}, {one.number}) tells {marker}"
        for one in told(who)
        for marker in markers_in(one.text, words if one.of in WHOLE else forbidden)
    ]
    assert not leaks, "\n".join(leaks)


@pytest.mark.parametrize("who", quickly(EVERYBODY))
def test_what_is_not_hers_is_answered_like_what_is_not_there(who, told):
    answers = {(one.of, one.variant, one.number): one for one in told(who)}
    compared = 0
    for (of, variant, number), one in answers.items():
        absent = answers.get((of, f"no {variant}", number))
        sees_handles = who in (BORIS, OLGA) and of in OF_HANDLES
        if absent is not None and of not in HER_OWN and of not in WHOLE and not sees_handles:
            assert one.comparable == absent.comparable, f"{of} ({variant}, {number})"
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("who", quickly([VERA, LENA, OLGA, BORIS]))
def test_how_much_is_hidden_changes_nothing_that_anybody_is_told(who, told):
    answers = {(one.of, one.number): one for one in told(who, MUCH, only=GRANTED)}
    compared, differing = 0, list[str]()
    for one in told(who, only=GRANTED):
        other = answers.get((one.of, one.number))
        if who == OLGA and one.of == "GET /log":
            continue  # An auditor sees every entry of the log.
        if one.of not in HER_OWN and one.of not in WHOLE:
            assert other is not None, one.of
            a, b = one.comparable, other.comparable
            if a != b:
                lines = difflib.unified_diff(a.split("\n"), b.split("\n"), n=0, lineterm="")
                differing.append("\n".join([f"{one.of} {one.number}", *lines]))
            compared += 1
    assert not differing, "\n".join(differing)
    assert compared > 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "of", "seen"),
    [
        (LENA, "search", "near, wanda's, title"),
        (LENA, "search", "near, wanda's, culprit"),
        (LENA, "read", "near, wanda's, text"),
        (LENA, "read", "near, wanda's, office"),
        (LENA, "POST /search", "near, wanda's, title"),
        (LENA, "POST /items/<item>/read", "near, wanda's, text"),
        (LENA, "POST /items/<item>/original", "near, wanda's, file"),
        (LENA, "search", "near, of another, title"),
        (LENA, "read", "near, wanda's, form, text"),
        (LENA, "POST /search", "near, of another, text"),
        (LENA, "rendition list", "near, wanda's, form"),
        (LENA, "POST /items/<item>/form", "near, wanda's, form, text"),
        (LENA, "agent me", f"reason {LENA} near"),
        (VERA, "POST /deposit", "near"),
        (VERA, "compartment list", "near"),
        (VERA, "GET /deposits", "near, vera's"),
        (BORIS, "grants", f"reason {LENA} near"),
        (BORIS, "search", "near, vera's, title"),
        (OLGA, "history", "near, wanda's"),
    ],
)
def test_what_is_granted_is_told(who, of, seen, worlds, told):
    world, _place = worlds[LITTLE]
    marker = world.ids.get(seen) if seen in world.ids and seen != "near" else word(seen)
    assert any(marker in unfolded(one.told) for one in told(who) if one.of == of)


def test_a_crawl_would_find_what_leaks_however_it_is_wrapped(worlds):
    world, _place = worlds[LITTLE]
    marker = word("far, wanda's, title")
    wrapped = [
        marker.upper().encode(),
        f"&#{ord(marker[0])};{marker[1:]}".encode(),
        f"%{ord(marker[0]):x}{marker[1:]}".encode(),
        f"\\u{ord(marker[0]):04x}{marker[1:]}".encode(),
        b"x: " + b64encode(f'{{"title": "{marker}"}}'.encode()),
    ]
    for data in wrapped:
        answer = Answer("a page", GRANTED, 0, granted(world), data)
        assert marker in answer.text, data
    assert normalised("item " + world.ids["near"]) == normalised("item " + world.ids["far"])
