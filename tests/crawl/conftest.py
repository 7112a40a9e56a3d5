"""Tests of the crawl use the words of their neighbours: towns, browsers."""

import sys
from pathlib import Path

for _neighbour in ("cli", "web"):
    sys.path.append(str(Path(__file__).resolve().parent.parent / _neighbour))
