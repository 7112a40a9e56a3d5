"""`sviedka trustees`, as a custodian and three trustees use it with their sheets."""

import json

import pytest
from town import FOR_COURT


@pytest.fixture
def copy(town, tmp_path):
    """The town's archive, with the sheets that were written when it was founded."""
    return town.copied_to(tmp_path / "copy")


def sheets(town, *numbers, folder="sheets"):
    return [word for number in numbers for word in ("--share", town.place / folder / f"share-{number}.txt")]


def trustees_in_the_doctors_eyes(town):
    found = town.run("doctor", "--json").stdout
    return next(one["severity"] for one in json.loads(found) if one["subject"] == "trustees")


def test_the_doctor_is_content_once_the_shares_were_tried(copy):
    assert trustees_in_the_doctors_eyes(copy) == "serious"
    assert copy.json("trustees", "drill", *sheets(copy, 1, 3), who="anna") == {"compartments": 3}
    assert trustees_in_the_doctors_eyes(copy) == "well"


def test_two_sheets_give_everything_to_a_new_custodian_and_one_sheet_nothing(copy):
    file = copy.remember("zina")
    arguments = ("--to", "zina", "--new-passphrase-file", file)
    assert copy.run("trustees", "recover", *sheets(copy, 2), *arguments).exit_code == 3
    recovered = copy.json("trustees", "recover", *sheets(copy, 2, 3), *arguments)
    assert recovered["enrolled"]
    labels = {one["label"] for one in copy.json("compartment", "list", who="zina")}
    assert {"main", "main.identities", "authority"} <= labels


def test_a_mistyped_sheet_is_refused_with_the_place_of_the_word(copy):
    sheet = copy.place / "sheets" / "share-1.txt"
    text = sheet.read_text()
    words = [word for word in text.split() if word.isascii() and word.isalpha() and word.islower()]
    sheet.write_text(text.replace(words[-1], "zzz"))
    result = copy.run("trustees", "drill", *sheets(copy, 1, 2), who="anna")
    assert result.exit_code == 3
    assert "of share 1" in result.stderr
    assert words[-1] not in result.stderr


def test_new_trustees_get_new_sheets_and_the_old_ones_open_nothing(copy):
    folder = copy.place / "new-sheets"
    made = copy.json(
        "trustees",
        "replace",
        *sheets(copy, 1, 2),
        "--sheets",
        folder,
        "--trustees",
        "2/2",
        "--yes",
        who="anna",
    )
    assert (made["compartments"], made["left"]) == (3, [])
    arguments = ("--to", "zina", "--new-passphrase-file", copy.remember("zina"))
    assert copy.run("trustees", "recover", *sheets(copy, 1, 2), *arguments).exit_code == 3
    copy.json("trustees", "recover", *sheets(copy, 1, 2, folder="new-sheets"), *arguments)


def test_what_waited_in_a_sealed_compartment_is_found_once_it_was_opened_and_indexed(copy):
    copy.json("compartment", "add", "vault", "--sealed", "--sheets", copy.place / "vault", who="anna")
    copy.json("grant", "vera", "vault", "--may", "contribute", "--reason", "hands in", who="anna")
    file = copy.write("told.txt", "У падвале была зялёная лямпа.\n")
    described = copy.write("told.json", json.dumps({**FOR_COURT, "title": "Лямпа"}))
    [held] = copy.json("deposit", file, "--into", "vault", "--describe", described, who="vera")
    copy.json("trustees", "recover", *sheets(copy, 1, 2, folder="vault"), "--to", "anna")
    ask = ("search", "лямпа", "--purpose", "court")
    assert copy.json(*ask, who="anna")["hits"] == []
    copy.json("index", "run", who="anna")
    [hit] = copy.json(*ask, who="anna")["hits"]
    assert hit["item"] == held["item"]
    size = len(copy.json("history", held["item"], who="anna"))
    copy.json("index", "rebuild", who="anna")
    assert len(copy.json(*ask, who="anna")["hits"]) == 1
    events = [one["kind"] for one in copy.json("history", held["item"], who="anna")]
    assert (events.count("extraction"), len(events)) == (1, size + 1)
