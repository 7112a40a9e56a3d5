"""Two persons, sealing again, and the overviews of rights, at the command line."""


def test_a_grant_is_proposed_and_another_approves_it(town):
    custodian, second = "anna", "boris"
    town.remember(second)
    town.json(
        "agent",
        "add",
        second,
        "--role",
        "custodian",
        "--new-passphrase-file",
        town.passphrase_file(second),
        who=custodian,
    )
    town.json("compartment", "add", "court", who=custodian)
    for label in ("court", "court.identities"):
        assert town.run("compartment", "set", "court", "--two-person", "on", who=custodian).exit_code == 3
        town.json("grant", second, label, "--may", "manage,read", "--reason", "second", who=custodian)
    assert town.json("compartment", "set", "court", "--two-person", "on", who=custodian)["two_person"]
    made = town.run("grant", "lena", "court", "--may", "read", "--reason", "the trial", who=custodian)
    assert made.exit_code == 0
    assert "proposed, not given yet" in made.stdout
    [listed] = town.json("proposal", "list", who=second)
    assert (listed["state"], listed["reason"], listed["handle"]) == ("open", "the trial", "lena")
    assert town.run("proposal", "approve", listed["proposal"], who=custodian).exit_code == 3
    assert town.json("proposal", "approve", listed["proposal"], who=second)["done"]
    rights = {one["handle"]: one for one in town.json("grants", "court", who=custodian)}
    assert (rights["lena"]["reason"], rights["lena"]["by"]) == ("the trial", second)
    mine = town.json("agent", "me", who="lena")
    assert ("court", ["read"]) in [(one["label"], one["may"]) for one in mine["rights"]]
    taken = town.json("propose", "identity", "court", "--reason", "moving", who=custodian)
    town.json("proposal", "refuse", taken["proposal"], who=custodian)
    refused = town.run("compartment", "identity", "court", "-o", town.place / "identity", who=custodian)
    assert refused.exit_code == 3
    ending = town.json("compartment", "set", "court", "--two-person", "off", "--reason", "slow", who=second)
    assert town.json("proposal", "approve", ending["proposal"], who=custodian)["done"]


def test_a_revocation_can_seal_everything_again(town):
    told = town.json("revoke", "lena", "main", "--reason", "over", "--rewrap", who="anna")
    assert (told["rewrapped"]["epoch"], told["rewrapped"]["left"]) == (2, [])
    assert told["rewrapped"]["headers"] > 0
    again = town.json("compartment", "rewrap", "main", who="anna")
    assert (again["epoch"], again["headers"]) == (2, 0)
    assert town.run("audit").exit_code == 0
