"""How fast testimony is analysed. `-s` prints the figures."""

import gzip
import json
from itertools import islice
from time import perf_counter

import pytest

from search.analysis import Analyser
from search.snippets import snippet

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def passages(corpus):
    with gzip.open(corpus / "trc" / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in islice(lines, 12_000)]


def test_english_passages_are_analysed_fast(passages):
    """The floor is a fifth of what a quiet machine does: it guards against losing the caches."""
    analyser = Analyser()
    for passage in passages[:6_000]:
        analyser.analyse(passage, "en")
    started = perf_counter()
    words = sum(len(analyser.analyse(passage, "en")) for passage in passages[6_000:])
    per_second = words / (perf_counter() - started)
    print(f"\n{per_second / 1e6:.2f} million words a second")
    assert per_second >= 800_000


def test_ten_snippets_are_made_in_milliseconds(passages):
    analyser = Analyser()
    stems = {*analyser.query_stems("police"), *analyser.query_stems("tortured")}
    started = perf_counter()
    for passage in passages[:2_000]:
        snippet(passage, stems, analyser, language="en")
    per_ten = (perf_counter() - started) / 200
    print(f"\n{per_ten * 1e3:.2f} ms for ten snippets of 300-word passages")
    assert per_ten <= 0.02
