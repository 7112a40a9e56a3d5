"""`sviedka rendition`, and what readers of a redaction are told at the command line."""

import json

import pytest

REDACTED = "Чалавека білі ў ізалятары.\n"


@pytest.fixture
def redacted(town):
    """A redaction of the statement in `abroad`, where `lena` reads for publication and not for court."""
    for words in (
        ("compartment", "add", "abroad"),
        ("grant", "anna", "main", "--may", "release", "--for", "court,publication", "--reason", "releases"),
        ("grant", "lena", "abroad", "--may", "read", "--for", "publication", "--reason", "the press"),
    ):
        town.json(*words, who="anna")
    return town.json(
        "rendition", "add", town.items["statement"], town.write("red.txt", REDACTED), "--kind", "redaction",
        "--into", "abroad", "--uses", "publication", "--title", "Адно сведчанне", "--language", "be",
        "--note", "Names and places left out.", "--reason", "the press asks", who="anna",
    )  # fmt: skip


def test_a_redaction_is_added_listed_found_and_read(town, redacted):
    item = town.items["statement"]
    assert redacted["compartment"] == "abroad"
    assert redacted["segments"][0]["text"] == REDACTED.strip()
    [hit] = town.json("search", "ізалятары", "--purpose", "publication", who="lena")["hits"]
    assert (hit["item"], hit["redaction"], hit["title"]) == (item, redacted["rendition"], "Адно сведчанне")
    shown = town.json("read", item, "--purpose", "publication", who="lena")
    assert shown["redaction"] == redacted["rendition"]
    assert shown["description"]["handling"] == "Names and places left out."
    assert "[redaction]" in town.run("read", item, "--purpose", "publication", who="lena").stdout
    saved = town.place / "saved.txt"
    town.json("read", item, "--rendition", "redaction", "-o", saved, "--purpose", "publication", who="lena")
    assert saved.read_text() == REDACTED
    kinds = [one["kind"] for one in town.json("rendition", "list", item, who="anna")]
    assert kinds == ["original", "text", "redaction", "text"]
    text = town.json("read", item, who="lena")
    assert text["redaction"] is None
    assert (
        town.json("read", item, "--rendition", text["rendition"], who="lena")["segments"] == text["segments"]
    )


def test_whoever_may_not_release_adds_nothing_and_what_is_unknown_stays_so(town, redacted):
    add = (
        "rendition",
        "add",
        town.items["statement"],
        town.write("red.txt", REDACTED),
        "--kind",
        "redaction",
    )
    for who, status in (("vera", 3), ("lena", 3), ("olga", 3)):
        assert town.run(*add, "--reason", "why", who=who).exit_code == status
    for uses in ("research", "everything"):
        assert town.run(*add, "--uses", uses, "--reason", "why", who="anna").exit_code == (
            3 if uses == "research" else 2
        )
    assert town.run(*add, "--reason", " ", who="anna").exit_code == 2
    assert town.run(*add, "--into", "nowhere", "--reason", "why", who="anna").exit_code == 3
    absent = town.run("rendition", "list", "a" * 26, who="vera")
    town.json("grant", "vera", "abroad", "--may", "contribute", "--reason", "hands in", who="anna")
    assert absent.exit_code == 3
    mine = [one["kind"] for one in town.json("rendition", "list", town.items["statement"], who="vera")]
    assert mine == ["original", "text"]


def test_the_original_itself_is_no_redaction(town, redacted):
    item, before = town.items["statement"], json.dumps(town.json("audit", who="olga")["counts"]["bodies"])
    add = ("rendition", "add", item, town.place / "statement.txt", "--kind", "redaction", "--reason", "why")
    refused = town.run(*add, "--into", "abroad", who="anna")
    assert (refused.exit_code, "nothing is left out" in refused.stderr) == (2, True)
    assert json.dumps(town.json("audit", who="olga")["counts"]["bodies"]) == before
