"""`restore` onto a successor log, and `readmit`, as the operator uses them."""

import json


def test_a_restore_goes_on_under_a_new_log_and_readmits_what_receipts_prove(town, tmp_path):
    late, early = tmp_path / "late.tlog-proof", tmp_path / "early.tlog-proof"
    town.json("receipt", town.items["statement"], "-o", early, who="vera")
    town.json("backup", tmp_path / "disk")
    [deposited] = town.json("deposit", town.write("late.txt", "Пазней."), "--into", "main", who="vera")
    town.json("receipt", deposited["item"], "-o", late, who="vera")
    said = town.run("restore", tmp_path / "disk", tmp_path / "again")
    assert said.exit_code == 0
    assert "goes on under a new log: sviedka.invalid/" in said.stdout
    again = {"SVIEDKA_ARCHIVE": str(tmp_path / "again")}
    assert "[C95]" in town.run("audit", "--with", late, env=again).output
    [first] = json.loads(town.run("readmit", late, "--json", env=again).stdout)
    assert (first["item"], first["new"]) == (deposited["item"], True)
    assert "on record already" in town.run("readmit", late, env=again).stdout
    refused = town.run("readmit", early, env=again)
    assert (refused.exit_code, "I22" in refused.output) == (2, True)
    assert town.run("audit", "--with", late, "--with", early, env=again).exit_code == 0


def test_an_operator_who_knows_that_nothing_came_after_keeps_the_log(town, tmp_path):
    town.json("backup", tmp_path / "disk")
    restored = town.json("restore", tmp_path / "disk", tmp_path / "again", "--nothing-after")
    assert restored["succeeded"] is None
    assert (tmp_path / "again" / "archive.json").read_bytes() == (town.archive / "archive.json").read_bytes()
