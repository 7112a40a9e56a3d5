"""An archive with a few items, an auditor, and a server on the loopback."""

from contextlib import contextmanager

import pytest
from founded import founded_house
from mirrored import Clock, app_of, auditor_of, happen, serving

from archive.access import rotation
from archive.nouns import Action, Role


@pytest.fixture(scope="module")
def clock():
    return Clock()


@contextmanager
def founded(folder, clock):
    with founded_house(folder / "archive", clock=clock) as house:
        vera = house.documenter()
        house.enrol("olga", Role.AUDITOR)
        rotation.rotate(house.archive, house.sign_in("olga"), "the passphrase of olga")
        house.enrol("boris", Role.CUSTODIAN)
        house.grant("boris", Action.AUDIT)
        for number in range(2):
            house.deposit_one(vera, f"What happened on day {number}.\n" * 9_000)
        yield house


@pytest.fixture(scope="module")
def house(tmp_path_factory, clock):
    with founded(tmp_path_factory.mktemp("mirrored"), clock) as house:
        yield house


@pytest.fixture(scope="module")
def long_house(tmp_path_factory, clock):
    """The same with a log of three bundles."""
    with founded(tmp_path_factory.mktemp("long"), clock) as house:
        happen(house, 530)
        yield house


@pytest.fixture
def olga(house, clock, tmp_path):
    with serving(app_of(house)) as address:
        yield auditor_of(house, "olga", tmp_path / "kept", clock, address)


@pytest.fixture
def olga_of_long(long_house, clock, tmp_path):
    with serving(app_of(long_house)) as address:
        yield auditor_of(long_house, "olga", tmp_path / "kept", clock, address)
