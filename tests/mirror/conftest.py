"""An archive with a few items, an auditor, and a server on the loopback."""

import pytest
from founded import founded_house
from mirrored import Clock, app_of, auditor_of, serving

from archive.access import rotation, signin
from archive.codec import b64
from archive.kinds import Kind
from archive.merkle import EMPTY_ROOT
from archive.nouns import Action, Role


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def house(tmp_path_factory, clock):
    folder = tmp_path_factory.mktemp("mirrored") / "archive"
    with founded_house(folder, clock=clock) as house:
        vera = house.documenter()
        house.enrol("olga", Role.AUDITOR)
        rotation.rotate(house.archive, house.sign_in("olga"), "the passphrase of olga")
        house.enrol("boris", Role.CUSTODIAN)
        house.grant("boris", Action.AUDIT)
        for number in range(4):
            house.deposit_one(vera, f"What happened on day {number}.\n" * 9_000)
        olga = signin.pen(house.archive, house.sign_in("olga"))
        nothing = {"size": 0, "root": b64(EMPTY_ROOT), "faults": 0, "outcome": "warning"}
        house.archive.custody.record([olga.write(Kind.AUDIT, nothing) for _ in range(700)])
        yield house


@pytest.fixture(scope="module")
def address(house):
    with serving(app_of(house)) as address:
        yield address


@pytest.fixture
def olga(house, address, clock, tmp_path):
    return auditor_of(house, "olga", tmp_path / "kept", clock, address)
