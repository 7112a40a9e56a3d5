"""Guarantee 4, timestamps: who has all keys of the archive and its whole disk cannot take back what is stamped."""

import shutil
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from defences import Defence, without
from founded import founded_house
from stamping import Authority

from archive.access.anchors import timekeeping
from archive.audit import audit
from archive.timestamps import Kept, Name
from keys.pins import parse_pins
from keys.signing import verify_ed25519, verify_mldsa44
from keys.timestamps import new_request, verify_answer
from storage.auditing import local_holdings
from storage.timestamps import Authorities, Timestamps

pytestmark = pytest.mark.openssl

CONTINUED = Defence(
    "archive.audit_timestamps:TimestampAudit._check", "self._check_continues(checkpoint)", "pass"
)
HER_OWN = Defence("archive.access.anchors:timekeeping", "believed if believed is not None else", "")
PINNED = Defence(
    "keys.timestamps:verify_timestamp",
    'raise TimestampError("K37", "the timestamp does not hold under the pinned certificates") from fault',
    "pass",
)


@pytest.fixture(scope="module")
def genuine(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("genuine") / "authority")


@pytest.fixture(scope="module")
def stamped(genuine, tmp_path_factory):
    """An archive as it was, and as it is: with a later event, and a timestamp over both."""
    place = tmp_path_factory.mktemp("stamped")
    with founded_house(place / "now") as house:
        vera = house.documenter()
        house.deposit_one(vera, "Мяне білі ў двары.")
        Authorities(house.folder).put("clock", genuine.pins, None)
        shutil.copytree(house.folder, place / "before")
        house.deposit_one(vera, "Я бачыла гэта з акна.")
        stamp(house.archive, genuine)
    return place


def stamp(archive, authority):
    note, checkpoint = archive.log.published()
    request = new_request(note)
    answer, pins = authority.answer(request.data), parse_pins(authority.pins)
    said = verify_answer(pins, note, answer, request, datetime.now(UTC))
    Timestamps(archive.folder).keep(Name.of(checkpoint.size, "clock", said), Kept(note, answer))


def audited(folder, *pins):
    """What an auditor is told who believes these authorities, or else whom the archive names."""
    believed = [parse_pins(one) for one in pins] or None
    times = timekeeping(folder, believed)
    with local_holdings(folder) as holdings:
        return audit(
            holdings, verify_ed25519=verify_ed25519, verify_mldsa44=verify_mldsa44, timekeeping=times
        )


@pytest.mark.parametrize("defence", [None, CONTINUED])
def test_an_event_that_was_stamped_is_not_taken_back(stamped, tmp_path, defence):
    """The archive is put back to before the event, as if it had never been. The auditor kept the timestamps."""
    folder = shutil.copytree(stamped / "before", tmp_path / "archive")
    shutil.copytree(stamped / "now" / "timestamps", folder / "timestamps")
    with without(defence) if defence else nullcontext():
        report = audited(folder)
    expected = ("verified", []) if defence else ("failed", ["C57"])
    assert (report.outcome, [one.code for one in report.faults]) == expected


@pytest.mark.parametrize("defence", [None, HER_OWN])
def test_a_clock_of_the_thiefs_own_convinces_no_auditor(stamped, genuine, tmp_path, defence):
    """He stamps whatever he likes with an authority of his, and pins it in the archive's folder."""
    folder = shutil.copytree(stamped / "before", tmp_path / "archive")
    thiefs = Authority(tmp_path / "thiefs")
    shutil.copytree(stamped / "now" / "log", folder / "log", dirs_exist_ok=True)
    (note,) = (one.read_bytes() for one in (stamped / "now" / "timestamps").glob("*.checkpoint"))
    answer = thiefs.answer(new_request(note).data)
    [name] = Timestamps(stamped / "now").names()
    Timestamps(folder).keep(name, Kept(note, answer))
    Authorities(folder).put("clock", thiefs.pins, None)
    with without(defence) if defence else nullcontext():
        report = audited(folder, genuine.pins)
    assert bool(report.timestamped) == bool(defence)


@pytest.mark.parametrize("defence", [None, PINNED])
def test_a_timestamp_with_a_forged_signature_covers_nothing(stamped, tmp_path, defence):
    """The names and numbers of its certificates are those of the pinned ones; the keys are the thief's."""
    folder = shutil.copytree(stamped / "now", tmp_path / "archive")
    forger = Authority(tmp_path / "forger")
    [name] = Timestamps(folder).names()
    kept = Timestamps(folder).load(name)
    (folder / "timestamps" / f"{name}.tsr").write_bytes(forger.answer(new_request(kept.note).data))
    with without(defence) if defence else nullcontext():
        report = audited(folder)
    assert bool(report.timestamped) == bool(defence)
    assert [one.code for one in report.faults] == ([] if defence else ["C56"])


def test_of_an_untouched_archive_everything_stamped_is_covered(stamped, genuine):
    report = audited(stamped / "now", genuine.pins)
    assert (report.outcome, report.timestamped) == ("verified", report.size)
