"""An audit over the network says what an audit in the folder says, and fetches only what is new."""

import json
import threading
from dataclasses import asdict

import pytest
from founded import audited, refusal
from mirrored import auditor_of, lying

from archive.access.receipts import trust_of
from archive.audit import Sample
from archive.events import parse_entry
from archive.kinds import Kind
from archive.trust import Trust, format_trust
from archive.verifier.main import main

BODIES = 4


def kinds(house, last):
    size = house.archive.log.checkpoint().size
    return [parse_entry(one).event.kind for one in house.archive.log.entries(size - last)]


def test_an_audit_from_elsewhere_finds_what_one_in_the_folder_finds(house, olga):
    done = olga.audit()
    assert (done.report.outcome, done.report.faults, done.unlogged) == ("verified", (), None)
    local = audited(house.folder)
    assert (local.faults, local.warnings) == (done.report.faults, done.report.warnings)
    # Its own outcome was logged meanwhile, which is one more entry.
    assert local.counts.entries == done.report.counts.entries + 1
    same = ("bodies", "body_bytes", "bodies_held", "headers", "sealed", "rows")
    found, here = asdict(done.report.counts), asdict(local.counts)
    assert {name: found[name] for name in same} == {name: here[name] for name in same}
    assert found["bodies"] == BODIES
    assert kinds(house, 2) == [Kind.INSPECTION, Kind.AUDIT]


def test_the_next_visit_fetches_only_what_is_new(olga_of_long):
    first = olga_of_long.audit()
    # Three bundles and as many hash tiles of level 0, and the one above; the last of them for the first look.
    assert (first.before, first.kept, first.fetched) == (0, 0, 8)
    second = olga_of_long.audit()
    assert (second.before, second.kept, second.fetched) == (first.report.size, 5, 3)
    assert second.report.outcome == "verified"
    assert (olga_of_long.folder / "checkpoint").read_bytes() == second.note
    assert len([path for path in (olga_of_long.folder / "tile").rglob("*") if path.is_file()]) == 7


def stopping_at(what, number):
    """Pull the plug when so much of something is done."""

    def progress(of, done, _total):
        if of == what and done >= number:
            raise KeyboardInterrupt

    return progress


@pytest.mark.slow
def test_an_audit_that_was_stopped_goes_on_with_what_is_there(olga_of_long):
    with pytest.raises(KeyboardInterrupt):
        olga_of_long.audit(progress=stopping_at("entries", 512))
    again = olga_of_long.audit()
    assert (again.report.outcome, again.kept, again.fetched) == ("verified", 5, 2)


def test_bodies_are_not_read_again_by_an_audit_that_goes_on(house, olga, clock):
    with pytest.raises(KeyboardInterrupt):
        olga.audit(progress=stopping_at("bodies", 3))
    unfinished = olga.folder / "unfinished"
    unfinished.write_text(unfinished.read_text()[:-3])
    with lying(house, "/log/body/", lambda data: data + b"x") as other:
        again = olga.audit(other)
    # One line of those that were noted was cut short.
    known = len(unfinished.read_text().splitlines()) - 1 if unfinished.exists() else again.resumed
    assert again.resumed == known >= 2
    assert len(again.report.faults) == BODIES - again.resumed
    assert again.as_data()["mirror"]["resumed"] == again.resumed
    assert olga.audit().resumed == 0
    with pytest.raises(KeyboardInterrupt):
        olga.audit(progress=stopping_at("bodies", 3))
    clock.pass_by(hours=25)
    assert olga.audit().resumed == 0


@pytest.mark.slow
def test_what_was_kept_and_is_damaged_is_fetched_again_and_told(olga_of_long):
    olga_of_long.audit()
    path = olga_of_long.folder / "tile/entries/001"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    done = olga_of_long.audit()
    assert (done.report.outcome, done.damaged) == ("verified", ("tile/entries/001",))
    assert olga_of_long.audit().damaged == ()


def test_a_sample_says_how_much_of_everything_it_was(olga):
    report = olga.audit(sample=Sample(3, "seed")).report
    assert (report.counts.bodies, report.counts.bodies_held) == (3, BODIES)
    assert report.as_data()["read_percent"] == 75
    assert report.sampled == "3 by the seed seed"


def test_a_planted_fault_is_named_from_elsewhere_as_in_the_folder(house, olga):
    body = sorted((house.folder / "objects").glob("??/??/*"))[-1]
    data = body.read_bytes()
    body.chmod(0o600)
    body.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    try:
        done, local = olga.audit(jobs=4), audited(house.folder)
    finally:
        body.write_bytes(data)
    [fault] = done.report.faults
    assert (fault.code, fault.expected) == ("F41", body.name)
    assert done.report.faults == local.faults
    assert json.loads(json.dumps(done.as_data()))["faults"][0]["found"] == fault.found


@pytest.mark.slow
def test_a_damaged_file_of_the_log_is_named_and_never_kept(long_house, olga_of_long):
    path = long_house.folder / "log/tile/entries/001"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + b"x")
    try:
        report = olga_of_long.audit().report
    finally:
        path.write_bytes(data)
    assert {fault.object for fault in report.faults} >= {"log/tile/entries/001"}
    assert not (olga_of_long.folder / "tile/entries/001").exists()
    assert olga_of_long.audit().report.outcome == "verified"


def test_receipts_and_an_earlier_checkpoint_are_held_against_what_is_served(house, olga):
    since = house.archive.log.note()
    report = olga.audit(since=since, receipts=[b"no receipt"]).report
    assert [(fault.code, fault.object) for fault in report.faults] == [("C34", "receipt 1")]
    assert report.counts.receipts == 1


def test_whoever_may_not_audit_is_refused(house, olga, clock, tmp_path):
    vera = auditor_of(house, "vera", tmp_path / "vera", clock, olga.address)
    with refusal("A67"):
        vera.audit()
    boris = auditor_of(house, "boris", tmp_path / "boris", clock, olga.address)
    assert boris.audit().report.outcome == "verified"
    house.revoke("boris")
    with refusal("A67"):
        boris.audit()


def test_a_clock_that_is_wrong_is_told(house, olga, clock, tmp_path):
    late = auditor_of(house, "olga", tmp_path / "late", lambda: clock.now.replace(hour=20), olga.address)
    with refusal("A88"):
        late.audit()


def test_another_trust_file_is_another_log(olga):
    olga.trust = Trust("sviedka.invalid/another", olga.trust.log_keys)
    with refusal("C27"):
        olga.audit()


def test_two_audits_do_not_share_a_folder(olga):
    started, ended = threading.Event(), threading.Event()

    def pause(_seconds):
        started.set()
        ended.wait(10)

    olga.pauses = type("Pauses", (), {"append": staticmethod(pause)})()
    thread = threading.Thread(target=lambda: suppressed(olga))
    thread.start()
    started.wait(10)
    with refusal("I19"):
        olga.audit()
    ended.set()
    thread.join()


def suppressed(olga):
    with refusal("I17"):
        olga.audit("http://127.0.0.1:1")


def test_the_standalone_verifier_takes_what_was_kept(long_house, olga_of_long, tmp_path, capsys):
    done = olga_of_long.audit()
    (tmp_path / "trust").write_bytes(format_trust(trust_of(long_house.archive)))
    words = [
        str(olga_of_long.folder),
        "--trust",
        str(tmp_path / "trust"),
        "--since",
        str(olga_of_long.folder / "checkpoint"),
    ]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["entries"], told["since"]) == (done.report.size, done.report.size)
    (olga_of_long.folder / "tile/entries/001").unlink()
    assert main(words) == 4
    assert "a tile of the log is missing" in capsys.readouterr().out
