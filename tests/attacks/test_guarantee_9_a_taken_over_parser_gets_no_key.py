"""Guarantee 9: a hostile file cannot run code outside the sandbox, or reach the network, the disk or a key.

The file has taken the parser over, and the parser was started by a process that signed in and holds keys. It
looks for them in its own memory, forks to read its parent's, and opens what lies beside the archive.
"""

import json
import os
import subprocess
import sys
from dataclasses import astuple
from itertools import combinations
from pathlib import Path

import pytest
from defences import Defence
from scenes import PLACES

from ingest.sandbox.status import sandbox_status

DRIVER = Path(__file__).with_name("robbed_driver.py")
FILTER = Defence("ingest.sandbox.lockdown:seal", "return apply_filter(reading=reading)", "return True")
LANDLOCK = Defence(
    "ingest.sandbox.landlock:confine",
    "version = int(libc.syscall(_CREATE, None, ctypes.c_size_t(0), _CREATE_VERSION))",
    "version = 0",
)
NAMESPACES = Defence("ingest.sandbox.lockdown:shed", "if libc.unshare(_NEW_USER | others) == 0:", "if False:")
LAYERS = (FILTER, LANDLOCK, NAMESPACES)
MEMORY = {"the parent's memory", "a fork reading the parent's memory"}


def attack(village, *lacking, start="anew"):
    """Return what the parser got hold of."""
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(village.archive), "vera", start, json.dumps([*map(astuple, lacking)])],
        env={**os.environ, "PYTHONPATH": PLACES}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_a_parser_that_was_taken_over_gets_no_key_by_itself_nor_in_a_fork(village):
    assert attack(village) == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into a process that is not dumpable")
def test_it_gets_everything_once_filter_landlock_and_namespaces_are_gone(village):
    assert attack(village, *LAYERS) == {*MEMORY, "the key of the log", "the catalogue"}


@pytest.mark.skipif(not sandbox_status().landlock, reason="this kernel has no Landlock")
@pytest.mark.parametrize("lacking", list(combinations(LAYERS, 2)), ids=["namespaces", "landlock", "filter"])
def test_of_memory_each_of_the_three_alone_gives_nothing(village, lacking):
    assert not attack(village, *lacking) & MEMORY


def test_the_filter_that_is_always_there_is_enough_alone(village):
    assert attack(village, LANDLOCK, NAMESPACES) == set()


def test_a_parser_forked_from_a_process_with_keys_would_have_them(village):
    assert attack(village, start="forked") == {"own memory"}
