"""One's own keys at the command line, and suspension."""


def key_numbers(town, who="anna"):
    return {one["handle"]: one["issued"] for one in town.json("agent", "list", who=who)}


def test_keys_are_replaced_under_the_same_passphrase(town):
    assert town.json("agent", "rotate", who="lena")["key"] == 2
    assert town.json("agent", "rotate", who="lena")["key"] == 3
    assert town.run("read", town.items["statement"], who="lena").exit_code == 0
    assert key_numbers(town)["lena"] is False
    assert key_numbers(town)["vera"] is True


def test_keys_are_replaced_under_a_new_passphrase(town):
    file = town.write("lena.new", "quite another passphrase\n")
    town.json("agent", "rotate", "--new-passphrase-file", file, who="lena")
    refused = town.run("search", "Крумкач", who="lena")
    assert (refused.exit_code, "K10" in refused.output) == (3, True)
    town.write("lena.passphrase", "quite another passphrase\n")
    assert town.run("read", town.items["statement"], who="lena").exit_code == 0
    assert town.json("audit", who="olga")["outcome"] == "verified"


def test_her_receipt_is_there_after_new_keys(town):
    town.json("agent", "rotate", who="vera")
    assert town.run("receipt", town.items["statement"], "-o", town.place / "r", who="vera").exit_code == 0


def test_a_generated_passphrase_is_told_before_it_counts_and_opens(town):
    told = town.run("agent", "passphrase", who="vera")
    assert told.exit_code == 0, told.output
    [line] = [line for line in told.stderr.splitlines() if "new passphrase of vera: " in line]
    assert town.run("compartment", "list", who="vera").exit_code == 3
    town.write("vera.passphrase", line.partition(": ")[2])
    assert town.run("compartment", "list", who="vera").exit_code == 0


def test_a_short_passphrase_is_refused(town):
    file = town.write("short", "short\n")
    for act in ("rotate", "passphrase"):
        refused = town.run("agent", act, "--new-passphrase-file", file, who="vera")
        assert (refused.exit_code, "K23" in refused.output) == (2, True)
    assert town.run("compartment", "list", who="vera").exit_code == 0


def test_the_suspended_are_answered_like_strangers(town):
    done = town.json("agent", "suspend", "lena", "--yes", who="anna")
    assert (done["renewed"], done["left"]) == (["main"], [])
    town.write("stranger.passphrase", "the passphrase of lena\n")
    suspended = town.run("search", "Крумкач", who="lena")
    unknown = town.run("search", "Крумкач", who="stranger")
    assert (suspended.exit_code, suspended.output) == (unknown.exit_code, unknown.output)
    assert suspended.exit_code == 3
    assert [one["handle"] for one in town.json("agent", "list", who="anna") if one["suspended"]] == ["lena"]


def test_nobody_is_suspended_by_others_than_a_custodian_nor_by_himself(town):
    for who, handle, code in (("vera", "lena", "A01"), ("anna", "anna", "A41"), ("anna", "nobody", "A04")):
        refused = town.run("agent", "suspend", handle, "--yes", who=who)
        assert (refused.exit_code, code in refused.output) == (3, True)
