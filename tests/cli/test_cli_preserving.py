"""`sviedka hold`, `consent` and `destroy`, as people use them."""

import json


def test_an_item_is_withdrawn_held_released_and_destroyed(town):
    item = town.items["statement"]
    town.json("grant", "anna", "main", "--may", "destroy", "--reason", "keeps the promise", who="anna")
    assert town.json("search", "Крумкач", who="lena")["total"] == 1
    assert town.json("consent", "withdraw", item, "--yes", who="vera") == {"items": [item]}
    assert town.json("search", "Крумкач", who="lena")["total"] == 0
    town.json("hold", "add", item, "--reason", "a court asks", who="anna")
    refused = town.run("destroy", item, "--reason", "she asks", "--delay-days", "0", "--yes", who="anna")
    assert refused.exit_code == 3
    assert "hold" in refused.stderr
    assert town.json("hold", "lift", item, "--reason", "the court is done", who="anna")["lifted"] == 1
    town.json("destroy", item, "--reason", "she asks", "--delay-days", "0", "--yes", who="anna")
    done = town.json("destroy", "--due")
    assert done == {"destroyed": [item], "backups_unreached_until": [], "copies_behind": []}
    gone = town.run("history", item, who="vera")
    assert "by order of anna of" in gone.stderr
    assert "a consent had been withdrawn. Nothing" in gone.stderr
    assert town.json("history", item, who="vera")[-1]["kind"] == "destruction"
    assert town.run("consent", "show", item, who="vera").exit_code == 3
    assert town.run("read", item, who="lena").exit_code == 3
    assert town.json("audit", exit_code=1)["faults"] == []  # Nothing is left to be compared.


def test_a_destruction_that_is_not_due_does_not_happen_and_can_be_cancelled(town):
    item = town.items["statement"]
    town.json("grant", "anna", "main", "--may", "destroy", "--reason", "keeps the promise", who="anna")
    town.json("destroy", item, "--reason", "she asks", "--yes", who="anna")
    assert town.json("destroy", "--due")["destroyed"] == []
    town.json("destroy", item, "--reason", "she does not", "--cancel", who="anna")
    assert town.json("search", "Крумкач", who="lena")["total"] == 1


def test_without_the_right_nothing_is_destroyed(town):
    item = town.items["statement"]
    town.json("read", item, "--purpose", "court", "-o", town.place / "read", who="lena")
    for who in ("vera", "lena", "olga"):
        refused = town.run("destroy", item, "--reason", "spite", "--yes", who=who)
        assert refused.exit_code == 3
        assert "already read" not in refused.stdout + refused.stderr
    assert town.json("search", "Крумкач", who="lena")["total"] == 1


def test_consent_is_shown_use_by_use_and_what_is_left_after_a_withdrawal(town):
    item = town.items["statement"]
    shown = town.run("consent", "show", item, who="lena")
    assert "store: yes  analysis: no  court: yes" in shown.stdout
    assert "given by: self on 2026-11-20" in shown.stdout
    assert "adds up to: court, store" in shown.stdout
    town.json("consent", "withdraw", item, "--reason", "яна баіцца", "--yes", who="vera")
    value = town.json("consent", "show", item, who="anna")
    [one] = value["consents"]
    assert one["withdrawn"]["by"] == "vera"
    assert one["withdrawn"]["reason"] == "яна баіцца"
    assert value["uses"] == ["store"]
    assert town.run("consent", "show", "a" * 26, who="lena").exit_code == 3


def test_a_custodian_learns_what_a_search_told_to_ask_about(town):
    consent = {"given_by": "self", "uses": ["store"], "contact_first": True}
    file = town.write("ask.txt", "Тут быў чырвоны грузавік.")
    described = town.write("ask.json", json.dumps({"rights_basis": "consent", "consent": consent}))
    [told] = town.json("deposit", file, "--into", "main", "--describe", described, who="vera")
    [said] = town.json("search", "грузавік", who="lena")["told"]
    assert town.json("consent", "asked", said["entry"], who="anna")["items"] == [told["item"]]
    assert town.run("consent", "asked", said["entry"], who="lena").exit_code == 3
