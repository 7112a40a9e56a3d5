"""The attacked: an archive at the command line, founded once by real processes, then copied for each attack."""

import sys
from pathlib import Path

import pytest

for _neighbour in ("cli", "web", "story"):
    sys.path.append(str(Path(__file__).resolve().parent.parent / _neighbour))


@pytest.fixture(scope="session")
def settled(tmp_path_factory):
    """An archive whose every line of defence is in its place."""
    from scenes import settle

    return settle(tmp_path_factory.mktemp("village"))


@pytest.fixture
def village(settled, tmp_path):
    """One to attack."""
    return settled.copied_to(tmp_path / "village")


@pytest.fixture
def serving():
    """Start real servers, and kill at the end those that still run."""
    from real_server import Server

    servers = []

    def serve(folder, **how):
        servers.append(Server(folder, **how))
        return servers[-1]

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.kill()
