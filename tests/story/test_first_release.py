"""An archive made by the first release opens in every later one.

`first_release/archive.tar.gz` was made by it: `anna` founded it, `vera` handed in two accounts, `olga` lost
her rights between the two, `lena` reads.
"""

import tarfile
from pathlib import Path

import pytest
from founded import audited, leave_nothing, opened_house

from archive.nouns import Action

MADE_THEN = Path(__file__).with_name("first_release") / "archive.tar.gz"


@pytest.fixture
def house(tmp_path):
    with tarfile.open(MADE_THEN) as packed:
        packed.extractall(tmp_path, filter="data")
    with opened_house(tmp_path / "archive") as house:
        yield house
    leave_nothing(tmp_path / "archive")


def test_what_the_first_release_took_in_is_verified_found_and_read(house):
    assert audited(house.folder).outcome == "verified"
    lena = house.sign_in("lena")
    items = house.found_items(lena, "дубінка")
    assert len(items) == 2
    read = {house.read_original(lena, item).decode() for item in items}
    assert read == {
        "An account by the first release: дубінка.",
        "A second account, after a new epoch: дубінкамі.",
    }


def test_work_goes_on_in_an_archive_of_the_first_release(house):
    lena, vera = house.sign_in("lena"), house.sign_in("vera")
    third = house.deposit_one(vera, "A third account, by this release: дубінкай.")
    assert third.item in house.found_items(lena, "дубінка")
    house.grant("aud", Action.AUDIT, purposes=())
    house.revoke("lena")
    assert not house.found_items(lena, "дубінка")
    assert audited(house.folder).outcome == "verified"
