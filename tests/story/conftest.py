"""An archive as the story finds it."""

import pytest
from founded import founded_house


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as opened:
        yield opened
