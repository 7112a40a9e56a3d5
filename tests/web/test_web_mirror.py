"""An audit from elsewhere over a real server: several processes, several bodies at once, one inspection."""

import os
from collections import Counter

import pytest
from founded import founded_house, leave_nothing
from mirrored import Auditor, key_of

from archive.access.receipts import trust_of
from archive.author import system_clock
from archive.nouns import Role

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with an archive of forty items, and what its auditor brings."""
    place = tmp_path_factory.mktemp("mirror")
    with founded_house(place / "archive") as house:
        vera = house.documenter()
        house.enrol("olga", Role.AUDITOR)
        house.deposit(vera, {f"{number}.bin": os.urandom(300_000) for number in range(40)})
        trust, secret = trust_of(house.archive), key_of(house, "olga")
    yield place, trust, secret
    leave_nothing(place / "archive")


@pytest.mark.parametrize(("workers", "jobs"), [(1, 1), pytest.param(2, 4, marks=pytest.mark.slow), (1, 16)])
def test_a_real_server_is_audited(place, serving, tmp_path, workers, jobs):
    folder, trust, secret = place
    server = serving(folder, workers=workers)
    address = f"http://127.0.0.1:{server.port}"
    olga = Auditor(tmp_path / "kept", trust, secret, system_clock, address)
    done = olga.audit(jobs=jobs)
    assert (done.report.outcome, done.report.faults, done.unlogged) == ("verified", (), None)
    assert done.report.counts.bodies == done.report.counts.bodies_held >= 40
    assert done.report.counts.body_bytes > 40 * 300_000
    again = olga.audit(jobs=jobs)
    assert (again.report.outcome, again.before) == ("verified", done.report.size)
    server.stop()
    assert Counter(server.said().split())["incident"] == 0
