"""`sviedka transfer`, as people use it."""

import json

import pytest

SAID = ("--medium", "memory-card", "--seal", "AB 1234567", "--basis", "Ордэр 17/2026")


def test_an_original_is_offered_looked_at_taken_over_and_handed_on(town):
    item = town.items["statement"]
    [made] = town.json("transfer", "offer", item, "--to", "anna", *SAID, who="vera")
    [seen] = town.json("transfer", "list", who="anna")
    assert (seen["state"], seen["item"], seen["from"]) == ("open", item, "vera")
    assert (seen["seal"], seen["basis"]) == ("AB 1234567", "Ордэр 17/2026")
    # Who offered it may not be able to open the compartment; she typed it, and is not shown it again.
    [own] = town.json("transfer", "list", who="vera")
    assert (own["transfer"], own["to"], own["basis"]) == (made["transfer"], "anna", None)
    town.json("transfer", "accept", made["transfer"], who="anna")
    [seen] = town.json("transfer", "list", who="vera")
    assert seen["state"] == "accepted"
    [again] = town.json("transfer", "offer", item, "--to", "lena", *SAID, who="anna")
    town.json("transfer", "accept", again["transfer"], "--differs", who="lena")
    assert town.json("transfer", "list", who="lena")[0]["state"] == "differing"
    happened = [one["kind"] for one in town.json("history", item, who="vera")]
    assert happened[-4:] == ["transfer-offer", "transfer-acceptance"] * 2
    shown = town.run("transfer", "list", who="lena").stdout
    assert "anna → lena, memory card" in shown
    assert town.json("audit")["outcome"] == "verified"


def test_neither_names_nor_text_of_it_are_in_the_log(town):
    item = town.items["statement"]
    town.json("transfer", "offer", item, "--to", "anna", *SAID, who="vera")
    told = json.dumps(town.json("history", item, who="olga"), ensure_ascii=False)
    for secret in ("AB 1234567", "Ордэр"):
        assert secret not in told
    for path in town.archive.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"1234567" not in data, path
            assert "Ордэр".encode() not in data, path


@pytest.mark.parametrize("who", ["vera", "anna"])
def test_an_offer_is_refused_or_withdrawn_and_not_answered_twice(town, who):
    item = town.items["statement"]
    [made] = town.json("transfer", "offer", item, "--to", "anna", *SAID, who="vera")
    again = town.run("transfer", "offer", item, "--to", "lena", *SAID, who="vera")
    assert (again.exit_code, "A24" in again.stderr) == (3, True)
    town.json("transfer", "refuse", made["transfer"], who=who)
    assert (
        town.json("transfer", "list", who="vera")[0]["state"] == {"vera": "withdrawn", "anna": "refused"}[who]
    )
    for word in ("accept", "refuse"):
        assert "A19" in town.run("transfer", word, made["transfer"], who="anna").stderr
    town.json("transfer", "offer", item, "--to", "lena", *SAID, who="vera")


def test_who_does_not_hold_it_hands_nothing_on(town):
    item = town.items["statement"]
    assert "A18" in town.run("transfer", "offer", item, "--to", "lena", *SAID, who="anna").stderr
    assert "A20" in town.run("transfer", "offer", "a" * 26, "--to", "lena", *SAID, who="anna").stderr
    # Nobody, an auditor, oneself: the answer is the same.
    for handle in ("nobody", "olga", "vera"):
        assert "A23" in town.run("transfer", "offer", item, "--to", handle, *SAID, who="vera").stderr
    [made] = town.json("transfer", "offer", item, "--to", "anna", *SAID, who="vera")
    for word in ("accept", "refuse"):
        assert "A19" in town.run("transfer", word, made["transfer"], who="lena").stderr
    assert town.json("transfer", "list", who="lena") == []
    assert "A01" in town.run("transfer", "list", who="olga").stderr


def test_an_offer_says_something(town):
    item = town.items["statement"]
    empty = ("--medium", "paper", "--basis", " ")
    assert "I47" in town.run("transfer", "offer", item, "--to", "anna", *empty, who="vera").stderr
    long = ("--medium", "paper", "--seal", "9" * 201, "--basis", "x")
    assert "I48" in town.run("transfer", "offer", item, "--to", "anna", *long, who="vera").stderr


def test_several_are_offered_together_or_none(town):
    items = [town.items["statement"]]
    for number in range(2):
        [made] = town.json(
            "deposit", town.write(f"{number}.txt", f"Яшчэ {number}."), "--into", "main", who="vera"
        )
        items.append(made["item"])
    refused = town.run("transfer", "offer", *items, "a" * 26, "--to", "anna", *SAID, who="vera")
    assert refused.exit_code == 3
    assert town.json("transfer", "list", who="anna") == []
    made = town.json("transfer", "offer", *items, "--to", "anna", *SAID, who="vera")
    town.json("transfer", "accept", *[one["transfer"] for one in made], who="anna")
    assert {one["state"] for one in town.json("transfer", "list", who="anna")} == {"accepted"}


def test_what_was_said_goes_with_the_item_when_it_is_destroyed(town):
    item = town.items["statement"]
    town.json("transfer", "offer", item, "--to", "anna", *SAID, who="vera")
    town.json("grant", "anna", "main", "--may", "destroy", "--reason", "keeps the promise", who="anna")
    town.json("destroy", item, "--reason", "she asks", "--delay-days", "0", "--yes", who="anna")
    town.json("destroy", "--due")
    assert town.json("transfer", "list", who="anna") == []
    assert town.json("audit", exit_code=1)["faults"] == []


def test_it_still_opens_after_a_rotation_and_a_rewrapping(town):
    item = town.items["statement"]
    town.json("transfer", "offer", item, "--to", "anna", *SAID, who="vera")
    town.run("agent", "rotate", who="anna")
    town.json("revoke", "lena", "main", "--reason", "the case is over", "--rewrap", "--yes", who="anna")
    [seen] = town.json("transfer", "list", who="anna")
    assert seen["seal"] == "AB 1234567"
    town.json("transfer", "accept", seen["transfer"], who="anna")
    assert town.json("audit")["outcome"] == "verified"
