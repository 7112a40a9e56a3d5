"""Names on published lists: same person or not, candidates, cases, speed. `-s` prints the figures."""

import csv
from time import perf_counter

import pytest

from search.names import NameReader, Names

pytestmark = pytest.mark.corpus

THRESHOLD = 0.7


def pairs(corpus, folder):
    with (corpus / folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
        return [(row["name_a"], row["name_b"], row["label"] == "1") for row in csv.DictReader(file)]


def inflected(corpus, file):
    with (corpus / "names-inflection" / file).open(encoding="utf-8", newline="") as lines:
        return [(row["lemma"], row["word"]) for row in csv.DictReader(lines, delimiter="\t")]


@pytest.fixture(scope="module")
def reader():
    return NameReader()


@pytest.mark.parametrize(
    ("folder", "floor"),
    [("names-eu-belarus", 0.96), ("names-everypolitician", 0.95)],
    ids=["eu", "politicians"],
)
def test_one_person_is_told_from_another(corpus, reader, folder, floor):
    judged = [(reader.compare(a, b) >= THRESHOLD, same) for a, b, same in pairs(corpus, folder)]
    right = sum(said and same for said, same in judged)
    precision = right / sum(said for said, _ in judged)
    recall = right / sum(same for _, same in judged)
    f1 = 2 * precision * recall / (precision + recall)
    print(f"\n{folder}: P {precision:.3f} R {recall:.3f} F1 {f1:.3f} at {THRESHOLD} ({len(judged)} pairs)")
    assert f1 >= floor


@pytest.mark.parametrize(
    ("file", "floor"),
    [("firstnames.share.tsv", 0.98), ("surnames.misc.share.tsv", 0.95)],
    ids=["given", "surnames"],
)
def test_case_forms_share_a_key_with_the_nominative(corpus, reader, file, floor):
    forms = inflected(corpus, file)
    shared = sum(not set(reader.name_keys(a)).isdisjoint(reader.name_keys(b)) for a, b in forms)
    print(f"\n{file}: {shared / len(forms):.4f} of {len(forms)} forms")
    assert shared / len(forms) >= floor


def test_the_index_finds_what_comparing_everybody_would(corpus, reader):
    """Nearly: a name misspelt in its consonants, with no other word in common, is no candidate."""
    same = [(a, b) for a, b, is_same in pairs(corpus, "names-eu-belarus") if is_same]
    names = Names(reader)
    for name in {b for _, b in same}:
        names.add(name, name)
    alike = [(a, b) for a, b in same if reader.compare(a, b) >= THRESHOLD]
    found = sum(b in dict(names.find(a, threshold=THRESHOLD)) for a, b in alike)
    print(f"\nfound by key: {found / len(alike):.3f}")
    assert found / len(alike) >= 0.97


def test_comparing_and_finding_are_fast(corpus, reader):
    """The floors are several times what a quiet machine takes."""
    listed = pairs(corpus, "names-eu-belarus") + pairs(corpus, "names-everypolitician")
    spelled = list(dict.fromkeys(name for a, b, _ in listed for name in (a, b)))
    surnames = [name.split()[-1] for name in spelled]
    names = Names(reader)
    for number in range(5_000):
        name = spelled[number % len(spelled)]
        names.add(str(number), f"{name} {surnames[number % 97]}" if number >= len(spelled) else name)
    started = perf_counter()
    for name in spelled[:500]:
        names.find(name)
    per_find = (perf_counter() - started) / 500
    for a, b, _ in listed:
        reader.compare(a, b)
    started = perf_counter()
    for a, b, _ in listed:
        reader.compare(a, b)
    per_pair = (perf_counter() - started) / len(listed)
    print(f"\nfind in 5,000: {per_find * 1e3:.2f} ms; compare, warm: {per_pair * 1e6:.1f} µs")
    assert per_find <= 0.02
    assert per_pair <= 0.00025
