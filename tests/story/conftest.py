"""An archive as the story finds it. Some stories use the words of their neighbours: towns, servers."""

import sys
from pathlib import Path

import pytest
from founded import founded_house

for _neighbour in ("cli", "web"):
    sys.path.append(str(Path(__file__).resolve().parent.parent / _neighbour))


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as opened:
        yield opened
