"""Guarantee 6: a signed-in agent sees nothing of a compartment not granted, counts and suggestions included.

leu had a right to read and lost it. He kept everything that was ever sealed to him and every entry of the log,
and after the revocation he puts the grant back: into the log, with its own true signature, and at the doors. And
he holds the key of a compartment that he was given for another purpose than he sits for.
"""

import json
from itertools import combinations

import pytest
from defences import Defence
from founded import circumstances
from scenes import NAME, TEXT, hand_in

from archive.assemble import open_archive

ONCE = Defence("archive.rules:apply", "if event.id in ledger.events:", "if False:")
GIVEN_ONCE = Defence("archive.rules_of_keys:grant", "grant in ledger.grants or ", "")
OF_THIS_EPOCH = Defence("archive.rules_of_keys:grant", 'if data["epoch"] != compartment.epoch:', "if False:")
AGAINST_REPLAY = (ONCE, GIVEN_ONCE, OF_THIS_EPOCH)
REVOCATION = Defence(
    "archive.rules_of_keys:revocation", "ledger.put_grant(replace(grant, revoked=index))", "pass"
)
PURPOSE = Defence(
    "archive.policy:_by_grant", "elif purposeful and request.purpose not in grant.purposes:", "elif False:"
)


def look(village, who, item, query=NAME):
    """Return what somebody is shown through every door that shows anything of an item."""
    shown = {}
    for door, words in {
        "search": ("search", query, "--facet", "language"),
        "read": ("read", item),
        "original": ("read", item, "--rendition", "original", "-o", village.place / "taken"),
        "sealed": ("sealed", item, "-o", village.place / "taken.age"),
        "history": ("history", item),
        "receipt": ("receipt", item, "-o", village.place / "taken.receipt"),
    }.items():
        told = village.run(*words, "--json", who=who)
        if told.exit_code == 0 and '"total": 0' not in told.stdout:
            shown[door] = told.stdout
    return shown


def replay(village, *lacking):
    """The attack: revoked, leu logs his old grant again. Return which doors show him anything."""
    with open_archive(village.archive, circumstances()) as archive:
        leu = archive.catalogue.agents.by_handle("leu").agent
        [grant] = archive.ledger().grants_to(leu)
        entry = archive.log.entry(grant.index)
    assert (
        village.town.run("revoke", "leu", "main", "--reason", "the case is over", who="anna").exit_code == 0
    )
    with open_archive(village.archive, circumstances()) as archive:
        archive.log.append([entry])
    return look(village.lacking_only(*lacking), "leu", village.items["planted"]).keys()


def test_a_grant_replayed_after_its_revocation_opens_nothing(village):
    assert replay(village) == set()


@pytest.mark.parametrize("lacking", list(combinations(AGAINST_REPLAY, 2)), ids=["third", "second", "first"])
def test_each_of_three_defences_against_replay_is_enough(village, lacking):
    assert replay(village, *lacking) == set()


def test_it_opens_everything_once_all_three_are_gone(village):
    assert replay(village, *AGAINST_REPLAY) >= {"read", "original", "sealed", "history"}


def test_a_revocation_that_counts_for_nothing_would_leave_everything_open(village):
    assert village.town.run("revoke", "leu", "main", "--reason", "over", who="anna").exit_code == 0
    assert look(village, "leu", village.items["planted"]) == {}
    shown = look(village.lacking_only(REVOCATION), "leu", village.items["planted"])
    assert TEXT.strip() in shown["read"]


def for_another_purpose(village):
    """Let leu hold a key of `main` for `commission` alone; he sits for a court."""
    assert village.town.run("revoke", "leu", "main", "--reason", "another case", who="anna").exit_code == 0
    words = ("--may", "read", "--for", "commission", "--reason", "one day")
    assert village.town.run("grant", "leu", "main", *words, who="anna").exit_code == 0
    return village.items["planted"]


def test_whoever_holds_the_key_for_another_purpose_is_shown_no_word_and_no_number(village):
    item = for_another_purpose(village)
    assert look(village, "leu", item).keys() <= {"history", "sealed"}
    assert "read" in look(village.lacking_only(PURPOSE), "leu", item)


def words_and_numbers(shown):
    """Return what was shown without how long it took, and what only the log's public length changes."""
    told = {door: json.loads(shown[door]) for door in ("search", "read") if door in shown}
    told["search"].pop("took_ms")
    return told


@pytest.mark.slow
def test_the_other_compartment_changes_nothing_that_is_shown(village):
    """What is planted in a compartment not granted leaves every answer as it was, to the byte."""
    item, other = village.items["planted"], village.copied_to(village.place.with_name("other"))
    for one in (village.town, other.town):
        one.json("compartment", "add", "minsk", who="anna")
        one.json("grant", "vera", "minsk", "--may", "contribute", "--reason", "hands in", who="anna")
    hand_in(other.town, "hidden", "vera", TEXT + "Яшчэ адно.", label="minsk")
    answers = [words_and_numbers(look(one.town, "leu", item)) for one in (village, other)]
    assert answers[0] == answers[1]
    assert look(other, "leu", other.items["hidden"]).keys() == {"search"}  # of what is in `main`
    other.town.json(
        "grant", "leu", "minsk", "--may", "read", "--for", "court", "--reason", "both", who="anna"
    )
    assert words_and_numbers(look(other, "leu", item)) != answers[0]
