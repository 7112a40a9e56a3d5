"""`sviedka hold`, `consent` and `destroy`, as people use them."""


def test_an_item_is_withdrawn_held_released_and_destroyed(town):
    item = town.items["statement"]
    town.json("grant", "anna", "main", "--may", "destroy", "--reason", "keeps the promise", who="anna")
    assert town.json("search", "Крумкач", who="lena")["total"] == 1
    assert town.json("consent", "withdraw", item, "--yes", who="vera") == {"items": [item]}
    assert town.json("search", "Крумкач", who="lena")["total"] == 0
    town.json("hold", "add", item, "--reason", "a court asks", who="anna")
    refused = town.run("destroy", item, "--reason", "she asks", "--delay-days", "0", "--yes", who="anna")
    assert refused.exit_code == 1
    assert "hold" in refused.stderr
    assert town.json("hold", "lift", item, "--reason", "the court is done", who="anna")["lifted"] == 1
    town.json("destroy", item, "--reason", "she asks", "--delay-days", "0", "--yes", who="anna")
    assert town.json("destroy", "--due") == {"destroyed": [item], "backups_unreached_until": []}
    assert town.run("history", item, who="vera").exit_code == 3
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
