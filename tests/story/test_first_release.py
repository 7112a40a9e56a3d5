"""An archive made by the first release opens in every later one.

`first_release/archive.tar.gz` was made by it: `anna` founded it, `vera` handed in two accounts, `olga` lost
her rights between the two, `lena` reads.
"""

import tarfile
from pathlib import Path

import pytest
from founded import audited, leave_nothing, opened_house, passphrase_of

from archive.access import recovering
from archive.errors import AccessError
from archive.nouns import Action
from archive.uses import Use
from keys.identities import Identity
from keys.trustees import combine

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


def test_its_trustees_recover_once_a_custodian_replaced_them(house):
    old = combine(MADE_THEN.with_name("shares.txt").read_text().splitlines()[:2])
    with pytest.raises(AccessError, match="first release"):
        recovering.recover(house.archive, old, "zina", passphrase_of("zina"))
    new = Identity.generate()
    assert recovering.replace_trustees(house.archive, house.anna, None, new) == (3, [])
    recovering.recover(house.archive, new, "zina", passphrase_of("zina"))
    assert house.found_items(house.sign_in("zina", Use.COURT), "дубінка")
    assert audited(house.folder).outcome == "verified"
