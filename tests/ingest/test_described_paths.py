"""A describe file's paths stand for deposited files in any way people write them."""

import unicodedata
from pathlib import Path

import pytest

from archive.errors import IntakeError
from archive.records import load_description
from ingest.described_paths import align, path_key


@pytest.fixture
def case(tmp_path, monkeypatch):
    """`case/a/one.txt`, `case/b/one.txt`, `case/b/two.txt`, and the folder to stand in."""
    for name in ("a/one.txt", "b/one.txt", "b/two.txt"):
        file = tmp_path / "case" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    monkeypatch.chdir(tmp_path)
    return Path("case")


def described(path, case, *, file=Path("elsewhere/d.json")):
    files = sorted(one for one in case.rglob("*") if one.is_file())
    keys = [path_key(one) for one in files]
    value = align([{"path": path, "title": "T"}], given=[case], files=files, file=file)
    found = load_description(value, keys)
    return {str(one.relative_to(case)) for one in files if found[path_key(one)].data}


@pytest.mark.parametrize("path", ["case/a/one.txt", "a/one.txt", "./case/b/../a/one.txt"])
def test_as_given_or_relative_to_a_deposited_folder(case, path):
    assert described(path, case) == {"a/one.txt"}


def test_relative_to_the_describe_file(case):
    assert described("one.txt", case, file=case / "a" / "d.json") == {"a/one.txt"}


def test_absolute(case, tmp_path):
    assert described(str(tmp_path / "case" / "b" / "two.txt"), case) == {"b/two.txt"}


def test_a_folder_stands_for_all_that_is_in_it(case):
    assert described("b", case) == {"b/one.txt", "b/two.txt"}


def test_a_file_name_that_only_one_file_has(case):
    assert described("two.txt", case) == {"b/two.txt"}


def test_a_file_name_that_two_files_have_is_refused(case):
    with pytest.raises(IntakeError, match=r"\[0\]\.path"):
        described("one.txt", case)


def test_either_spelling_of_an_accented_letter(case):
    (case / unicodedata.normalize("NFD", "й.txt")).touch()
    assert len(described(unicodedata.normalize("NFC", "й.txt"), case)) == 1


@pytest.mark.parametrize("path", ["three.txt", "", "\0", 7, None])
def test_what_stands_for_nothing_is_refused(case, path):
    with pytest.raises(IntakeError, match=r"\[0\]\.path"):
        described(path, case)
