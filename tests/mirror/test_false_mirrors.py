"""A mirror that lies: another log, a fork, an older log, a tile cut short, an answer without an end."""

import shutil

import pytest
from founded import opened_house, refusal
from mirrored import app_of, happen, lying, serving
from werkzeug.wrappers import Response

BLOCK = b"x" * (1 << 20)


def endless(_data):
    while True:
        yield BLOCK


@pytest.fixture
def fork(house, clock, tmp_path):
    """The archive as it was, in which something else happened since than in the one that everybody sees."""
    shutil.copytree(house.folder, tmp_path / "fork")
    with opened_house(tmp_path / "fork", clock=clock) as other:
        yield other


def evidence(olga):
    return list(olga.folder.glob("contradicting-*"))


def test_an_older_log_than_was_seen_is_refused_and_kept_as_evidence(fork, olga):
    olga.audit()
    with serving(app_of(fork)) as older, refusal("C37"):
        olga.audit(older)
    assert [one.read_bytes() for one in evidence(olga)] == [fork.archive.log.note()]
    assert olga.audit().report.outcome == "verified"


@pytest.mark.parametrize("times", [2, 300], ids=["as long", "longer"])
def test_another_history_than_was_seen_is_refused_before_anything_is_signed(fork, olga, times):
    seen = olga.audit()
    happen(fork, seen.report.size - fork.archive.log.checkpoint().size + times - 2)
    size = fork.archive.log.checkpoint().size
    with serving(app_of(fork)) as other, refusal("C36"):
        olga.audit(other)
    assert len(evidence(olga)) == 1
    assert fork.archive.log.checkpoint().size == size


def test_a_log_of_another_origin_is_none(house, olga):
    def another(data):
        return data.replace(b"sviedka", b"another")

    with lying(house, "/log/checkpoint", another) as other, refusal("C25"):
        olga.audit(other)


def test_a_tile_that_was_cut_short_is_named_and_not_kept(long_house, olga_of_long):
    with lying(long_house, "/log/tile/0/001", lambda data: data[:-32]) as other:
        faults = olga_of_long.audit(other).report.faults
    found = [(fault.code, fault.object) for fault in faults]
    assert ("C31", "log/tile/0/001") in found
    assert not (olga_of_long.folder / "tile/0/001").exists()


def test_a_bundle_that_was_cut_short_is_named_and_not_kept(long_house, olga_of_long):
    with lying(long_house, "/log/tile/entries/001", lambda data: data[:-1]) as other:
        faults = olga_of_long.audit(other).report.faults
    assert ("C32", "log/tile/entries/001") in [(fault.code, fault.object) for fault in faults]
    assert not (olga_of_long.folder / "tile/entries/001").exists()


@pytest.mark.parametrize("path", ["/log/checkpoint", "/log/tile/0/", "/log/tile/entries/", "/log/holdings"])
def test_an_answer_without_an_end_is_cut(house, olga, path):
    with lying(house, path, endless) as other, refusal("C38"):
        olga.audit(other)


def test_a_body_without_an_end_is_cut_and_named(house, olga):
    with lying(house, "/log/body/", endless) as other:
        report = olga.audit(other).report
    assert {fault.code for fault in report.faults} == {"C38"}
    assert len(report.faults) == report.counts.bodies_held


@pytest.mark.parametrize(
    "changed",
    [
        lambda data: data[:-20],
        lambda data: data[: data.index(b'["header"')],
        lambda data: b'["tile", ["a"]]\n' + data,
        lambda data: data.replace(b'["row agents",', b'["row agents",true,', 1),
        lambda data: data + b'["stray","x"]\n',
        lambda data: b'["cosigned","007","x"]\n' + data,
        lambda data: b"<p>Hello</p>\n",
        lambda data: b"[" * 100_000 + b"\n",
    ],
)
def test_holdings_that_are_malformed_or_cut_short_are_none(house, olga, changed):
    with lying(house, "/log/holdings", changed) as other, refusal("C38"):
        olga.audit(other)


def test_something_else_than_an_archive_is_told(house, olga):
    with serving(Response("Hello", 404)) as other, refusal("I20"):
        olga.audit(other)
