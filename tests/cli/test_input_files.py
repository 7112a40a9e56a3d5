"""Files that people wrote: read strictly, refused with a line and never with what they say."""

import json

import pytest

from archive.cli.input_files import load_csv, load_json, load_json_lines
from archive.cli.showing import plain
from archive.errors import IntakeError

MAPPING = {"type": "place", "columns": {"Name": "names.0.text", "Town": "location.town"}}


def table(tmp_path, text, mapping=MAPPING):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return load_csv(path, mapping)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_with_any_usual_delimiter(tmp_path, delimiter):
    rows = [["Name", "Town", "Rest"], ["Акрэсціна", "Мінск", "1"], ["Жодзіна", "", "2"]]
    text = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    assert table(tmp_path, text) == [
        {"type": "place", "data": {"names": [{"text": "Акрэсціна"}], "location": {"town": "Мінск"}}},
        {"type": "place", "data": {"names": [{"text": "Жодзіна"}]}},
    ]


def test_numbered_fields_become_a_list_in_their_order(tmp_path):
    mapping = {"type": "x", "columns": {"b": "uses.10", "a": "uses.2"}, "always": {"kind": "k"}}
    assert table(tmp_path, "a,b\ncourt,store\n", mapping) == [
        {"type": "x", "data": {"kind": "k", "uses": ["court", "store"]}}
    ]


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("", MAPPING),
        ("Name\nx\n", MAPPING),
        ('Name,Town\n"x,y\n', MAPPING),
        ("Name,Town\nx,y\n", {"type": "place", "columns": {}}),
        ("Name,Town\nx,y\n", {"type": "place", "columns": {"Name": 7}}),
        ("Name,Town\nx,y\n", ["place"]),
        ("Name,Town\nx,y\n", {"type": "p", "columns": {"Name": "a", "Town": "a.b"}}),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, text, mapping):
    with pytest.raises(IntakeError, match=r"^(?!.*[xy],)"):
        table(tmp_path, text, mapping)


@pytest.mark.parametrize("text", ["", "{", "[1,]", "NaN", "[" * 100_000, "1" * 10_000])
def test_what_is_not_json_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(IntakeError, match="not JSON"):
        load_json(path)


def test_json_lines_name_the_line_that_is_broken(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"a": 1}) + "\n\n{oops}\n")
    with pytest.raises(IntakeError, match="line 3"):
        load_json_lines(path)


def test_no_text_steers_the_terminal():
    assert plain("a\x1b[31m\u202e\x9b\ud800b\n\tй\u0301") == "a?[31m???b\n\tй\u0301"
