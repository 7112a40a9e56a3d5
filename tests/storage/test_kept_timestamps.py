"""Kept timestamps on disk: a stop after any durable write leaves a whole one or none, and the next is kept."""

import os
import signal
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from dying import die_after

from archive.errors import FixityError
from archive.timestamps import Kept, Name, Stamp
from storage.timestamps import Authorities, Timestamps, copy_beside_the_log

KEPT = Kept(b"note\n", b"token")
NAMES = [
    Name.of(42, "clock", Stamp("CN=Time", datetime(2026, 11, 29, 10, 0, seconds, tzinfo=UTC), timedelta()))
    for seconds in range(2)
]


def stopped(act, number):
    """Do something in a process of its own that is killed after that durable write; return whether it was."""
    child = os.fork()
    if child == 0:
        try:
            die_after(number)
            act()
        finally:
            os._exit(0)
    _child, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_a_stop_while_keeping_leaves_a_whole_timestamp_or_none(tmp_path):
    number, whole = 1, [0, 0]
    while stopped(partial(Timestamps(tmp_path / str(number)).keep, NAMES[0], KEPT), number):
        kept = Timestamps(tmp_path / str(number))
        found = kept.names()
        assert all(kept.load(name) == KEPT for name in found)
        assert list(kept.strays()) == []
        whole[bool(found)] += 1
        kept.keep(NAMES[1], KEPT)
        assert kept.names() == [*found, NAMES[1]]
        files = [f"{name}{end}" for name in (*found, NAMES[1]) for end in (".checkpoint", ".tsr")]
        assert sorted(path.name for path in kept.folder.iterdir()) == files
        number += 1
    assert number > 6
    assert all(whole), whole


def test_a_stop_while_copying_is_made_up_for_by_the_next_copy(tmp_path):
    source = tmp_path / "source"
    for name in NAMES:
        Timestamps(source).keep(name, KEPT)
    Authorities(source).put("clock", b"pins", "https://clock.example")
    number = 1
    while stopped(partial(copy_beside_the_log, source, tmp_path / str(number)), number):
        target = tmp_path / str(number)
        held = Timestamps(target)
        assert all(held.load(name) == KEPT for name in held.names())
        copy_beside_the_log(source, target)
        assert held.names() == NAMES
        assert (Authorities(target).names(), Authorities(target).url("clock")) == (
            ["clock"],
            "https://clock.example",
        )
        number += 1
    assert number > 12


def test_what_is_missing_is_said_by_name(tmp_path):
    with pytest.raises(FixityError, match=r"timestamps/.*\.checkpoint is missing") as caught:
        Timestamps(tmp_path).load(NAMES[0])
    assert caught.value.code == "F57"
    with pytest.raises(FixityError) as caught:
        Authorities(tmp_path).pins("clock")
    assert caught.value.code == "F58"


@pytest.mark.parametrize(
    "name",
    ["", "42.clock.20261129T100000Z", "000000000042.Clock.20261129T100000Z", "0000000000042.clock.20261129T100000Z", "000000000042..20261129T100000Z", "000000000042.clock.20261129T100000Z\n"],
)  # fmt: skip
def test_only_what_is_spelled_like_one_is_a_timestamp(name):
    with pytest.raises(FixityError) as caught:
        Name.parse(name)
    assert caught.value.code == "F57"


def test_a_name_is_read_back_as_it_was_written():
    for name in NAMES:
        assert Name.parse(str(name)) == name
