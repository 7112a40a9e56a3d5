"""An append over the edges of tiles, stopped after each of its durable writes: the log has all of it or nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import small_log

DRIVER = Path(__file__).with_name("append_driver.py")
TESTS = DRIVER.parent.parent
#: Before the edge of a bundle and hash tile; how many come, so that the next one begins too.
FIRST, COUNT = 254, 5


def entries(first, count):
    return [b"entry %d" % one for one in range(first, first + count)]


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edge") / "log"
    small_log.new_log(folder).append(entries(0, FIRST))
    return folder


def test_an_append_over_the_edge_of_a_tile_is_whole_or_not_there(small, tmp_path):
    found = os.pathsep.join(map(str, (TESTS.parent, TESTS, DRIVER.parent)))
    words = [sys.executable, str(DRIVER), str(small), str(tmp_path), str(FIRST), str(COUNT)]
    subprocess.run(words, env={**os.environ, "PYTHONPATH": found}, check=True)
    before, whole = small_log.open_log(small).checkpoint(), small_log.open_log(tmp_path / "whole")
    whole.append(entries(FIRST + COUNT, 1))
    sizes = []
    for number in range(1, len(list(tmp_path.iterdir()))):
        log = small_log.open_log(tmp_path / f"{number}")
        size = log.checkpoint().size
        assert list(log.entries(0)) == entries(0, size)
        assert log.root_at(FIRST) == before.root
        sizes.append(size)
        # What was not published is published by the next, and nothing of the first attempt is left.
        log.append(entries(size, FIRST + COUNT + 1 - size))
        assert list(log.entries(0)) == entries(0, FIRST + COUNT + 1)
        assert log.checkpoint() == whole.checkpoint()
        log.tidy()
        assert files(tmp_path / f"{number}") <= files(tmp_path / "whole")
    # The stops met the append on both sides of the moment at which it counts.
    assert len(sizes) > 10
    assert sizes == sorted(sizes)
    assert set(sizes) == {FIRST, FIRST + COUNT}
