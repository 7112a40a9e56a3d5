"""An archive at the command line: founded once, then copied for whoever changes it."""

import json

import pytest
from town import FOR_COURT, PEOPLE, Town


@pytest.fixture(scope="session")
def founded_town(tmp_path_factory):
    """An archive with one of each role, one grant each, and one statement deposited."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.json(
        "init", town.archive, "--name", "The town", "--custodian", "anna",
        "--new-passphrase-file", town.remember("anna"), "--sheets", town.place / "sheets",
    )  # fmt: skip
    for handle, role in PEOPLE.items():
        file = town.remember(handle)
        town.json("agent", "add", handle, "--role", role, "--new-passphrase-file", file, who="anna")
    town.json("grant", "vera", "main", "--may", "contribute", "--reason", "hands in", who="anna")
    town.json("grant", "lena", "main", "--may", "read", "--for", "court", "--reason", "a case", who="anna")
    file = town.write("statement.txt", "Мяне білі ў Акрэсціна. Яго звалі Сяргей Крумкач.\n")
    described = town.write(
        "d.json", json.dumps({**FOR_COURT, "title": "Сведчанне", "perpetrators": ["Сяргей Крумкач"]})
    )
    [deposited] = town.json("deposit", file, "--into", "main", "--describe", described, who="vera")
    town.items["statement"] = deposited["item"]
    return town


@pytest.fixture
def town(founded_town, tmp_path):
    """A town of one's own."""
    return founded_town.copied_to(tmp_path / "town")
