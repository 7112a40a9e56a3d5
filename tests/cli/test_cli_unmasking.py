"""`sviedka unmask`, as people use it."""

import json

import pytest

NAME = "Ганна Лапіцкая"


@pytest.fixture
def known(town):
    """The witness of the statement, recorded in the companion, which `lena` may read for court."""
    names = [{"text": NAME, "language": "be", "kind": "official"}]
    testimony = {"source": "#w", "role": "witness", "items": [town.items["statement"]]}
    records = [
        {"key": "#w", "type": "person", "data": {"names": names}},
        {"type": "testimony", "data": testimony},
    ]
    described = town.write("who.json", json.dumps(records))
    town.json("describe", described, "--into", "main.identities", who="anna")


def test_a_witness_is_unmasked_with_a_purpose_and_a_reason_and_seen_before_a_destruction(town, known):
    item = town.items["statement"]
    ask = ("unmask", item, "--reason", "the court summons her", "--yes")
    refused = town.run(*ask, "--purpose", "court", who="lena")
    assert (refused.exit_code, NAME in refused.stdout) == (3, False)
    town.json(
        "grant",
        "lena",
        "main.identities",
        "--may",
        "read",
        "--for",
        "court",
        "--reason",
        "a case",
        who="anna",
    )
    assert town.run(*ask, who="lena").exit_code == 2
    assert town.run("unmask", item, "--reason", " ", "--purpose", "court", who="lena").exit_code == 2
    [found] = town.json(*ask, "--purpose", "court", who="lena")
    assert (found["type"], found["data"]["names"][0]["text"]) == ("person", NAME)
    assert NAME in town.run(*ask, "--purpose", "court", who="lena").stdout
    kinds = [one["kind"] for one in town.json("history", item, who="lena")]
    assert kinds.count("unmasking") == 2
    town.json("grant", "anna", "main", "--may", "destroy", "--reason", "keeps the promise", who="anna")
    ordered = town.run("destroy", item, "--reason", "she asks", "--yes", who="anna")
    assert ordered.stderr.count("lena learned whose it is on") == 2
