"""Fixtures shared by all tests."""

import os
import shutil
from pathlib import Path

import hypothesis
import pytest

# How long an example takes says more of what else the machine does than of the code.
hypothesis.settings.register_profile("sviedka", deadline=None)
hypothesis.settings.load_profile("sviedka")

ROOT = Path(__file__).resolve().parent.parent


def pytest_runtest_setup(item):
    """Skip what the OpenSSL command checks, where there is none."""
    if item.get_closest_marker("openssl") and shutil.which("openssl") is None:
        pytest.skip("there is no openssl on this machine")


@pytest.fixture(scope="session")
def corpus():
    """The folder of third-party corpora and conformance vectors; the test is skipped where it is absent."""
    path = Path(os.environ.get("SVIEDKA_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not path.is_dir():
        pytest.skip("the shared corpora are not on this machine")
    return path
