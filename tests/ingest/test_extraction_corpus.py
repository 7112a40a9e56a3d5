"""How much of the text in other people's files is found: printed, and held to a floor a little below the measure."""

import json
import re
from collections import Counter

import pytest

from ingest.extraction import Extractor, Limits
from ingest.identify import identify

pytestmark = pytest.mark.corpus

# The share of expected strings found in each format; the rest is markup, macros and embedded files.
FLOORS = {".docx": 0.55, ".rtf": 0.65, ".html": 0.8, ".msg": 0.95, ".mbox": 0.95, ".pptx": 0.8, ".xml": 0.9}
OUTCOMES = {"success", "failure", "timeout", "too-large", "not-text"}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture(scope="module")
def extract():
    with Extractor(limits=Limits(wall_seconds=20.0), tessdata=None) as extractor:

        def one(path):
            data = path.read_bytes()
            media_type = extractor.identify(data, name=path.name).media_type
            return extractor.extract(data, media_type=media_type)

        yield one


def words(text):
    return re.sub(r"\W+", " ", re.sub(r"<[^>]+>", " ", text)).casefold().strip()


def test_expected_strings_of_many_formats_are_found(corpus, extract):
    found, wanted, cache = Counter(), Counter(), {}
    with (corpus / "formats" / "tika" / "expectations.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        path = corpus / "formats" / "tika" / "files" / row["file"]
        expected = [words(one) for one in row["contains"] if words(one)]
        if not expected or path.suffix not in FLOORS or not path.is_file():
            continue
        if path not in cache:
            result = extract(path)
            cache[path] = words(" ".join([*(s.text for s in result.segments), *result.metadata.values()]))
        wanted[path.suffix] += len(expected)
        found[path.suffix] += sum(one in cache[path] for one in expected)
    shares = {suffix: found[suffix] / wanted[suffix] for suffix in FLOORS}
    print({suffix: f"{found[suffix]} of {wanted[suffix]}" for suffix in FLOORS})
    assert not {suffix: share for suffix, share in shares.items() if share < FLOORS[suffix]}


def test_nearly_every_word_of_belarusian_and_russian_documents_is_found(corpus, extract):
    folder = corpus / "be-ru-parallel"
    for path in sorted((folder / "docx").glob("*.docx")):
        got = Counter(words(" ".join(s.text for s in extract(path).segments)).split())
        expected = Counter(words((folder / "text" / f"{path.stem}.txt").read_text("utf-8")).split())
        recall = (got & expected).total() / expected.total()
        print(f"{path.name}: {recall:.4f} of {expected.total()} words")
        assert recall > 0.97


def test_ordinary_office_files_are_identified_as_what_they_are(corpus):
    for path in (corpus / "be-ru-parallel" / "docx").glob("*.docx"):
        found = identify(path.read_bytes(), name=path.name)
        assert (found.media_type, found.mismatch) == (WORD, False)


def test_nearly_every_mail_is_read(corpus, extract):
    paths = sorted((corpus / "formats" / "mail").rglob("*.eml"))
    outcomes = Counter((found.outcome, found.detail) for found in map(extract, paths))
    print(dict(outcomes))
    assert outcomes["success", "ok"] >= 0.97 * len(paths)


def test_hostile_and_strange_files_are_outcomes(corpus, extract):
    paths = [path for path in sorted((corpus / "formats" / "hostile").rglob("*")) if path.is_file()]
    outcomes = Counter(extract(path).outcome for path in paths)
    print(dict(outcomes))
    assert set(outcomes) <= OUTCOMES
    assert outcomes.total() == len(paths)
