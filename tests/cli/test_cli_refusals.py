"""What people get wrong: each a clear message and the right exit status, nothing lost, no traceback."""

import json
import sqlite3
from contextlib import closing

import click
import pytest

from archive.cli.entering import confirmed
from archive.cli.failing import translated
from archive.cli.surroundings import key_cost, refuse_swap
from archive.errors import AccessError, CustodyError, IntakeError
from storage.locks import only_process

DESCRIBED_TWICE = [{"path": "statement.txt", "title": 7, "rights_basis": "hearsay"}]
BAD_RECORDS = [{"type": "place", "data": {}}, {"type": "person", "data": {"sex": "x", "height": 3}}]

# (who, words with {place} and {item}, exit status, part of the message)
REFUSALS = {
    "an unknown command": (None, "serch x", 2, "did you mean 'search'?"),
    "an unknown command of a group": (None, "agent ad x", 2, "did you mean 'add'?"),
    "an unknown option": (None, "search x --no-such", 2, "No such option"),
    "an unknown purpose": ("lena", "search x --purpose fun", 2, "'court'"),
    "a missing argument": ("lena", "read", 2, "Missing argument"),
    "no such file": ("vera", "deposit {place}/none.txt --into main", 2, "does not exist"),
    "an empty file": ("vera", "deposit {place}/empty.txt --into main", 2, "I62"),
    "an empty folder": ("vera", "deposit {place}/hollow --into main", 2, "I65"),
    "a device as a file": ("vera", "deposit /dev/null --into main", 2, "I66"),
    "a folder as records": ("vera", "describe {place}/sheets --into main", 2, "is a directory"),
    "a folder as descriptions": ("vera", "deposit {place}/statement.txt --into main --describe {place}", 2, "is a directory"),
    "descriptions that are not JSON": ("vera", "deposit {place}/statement.txt --into main --describe {place}/broken.json", 2, "line 2, column 12"),
    "descriptions that are not text": ("vera", "deposit {place}/statement.txt --into main --describe {place}/binary.json", 2, "UTF-8"),
    "a description that breaks its schema": ("vera", "deposit {place}/statement.txt --into main --describe {place}/faulty.json", 2, "2 faults in a description: [0]"),
    "a description of another file": ("vera", "deposit {place}/statement.txt --into main --describe {place}/other.json", 2, "[0].path"),
    "records that break their schema": ("anna", "describe {place}/records.json --into main", 2, "[1].data.height"),
    "no records": ("anna", "describe {place}/none.json --into main", 2, "I68"),
    "a table without a mapping": ("anna", "describe {place}/table.csv --into main", 2, "--map"),
    "a compartment nobody told her of": ("vera", "deposit {place}/statement.txt --into authority", 3, "A02"),
    "no right to deposit": ("lena", "deposit {place}/statement.txt --into main", 3, "A07"),
    "no right to found": ("vera", "compartment add mine", 3, "A01"),
    "no right to enrol": ("vera", "agent add friend --role lawyer", 3, "A01"),
    "a handle that is taken": ("anna", "agent add vera --role lawyer", 3, "A03"),
    "no handle at all": ("anna", "agent add Vera! --role lawyer", 2, "I60"),
    "a label that is none": ("anna", "compartment add a/b", 2, "I61"),
    "an unknown role": ("anna", "agent add nina --role judge", 2, "Invalid value"),
    "an unknown action": ("anna", "grant lena main --may look --reason x", 2, "I75"),
    "reading for storage": ("anna", "grant lena main --may read --for store --reason x", 2, "I75"),
    "no day": ("anna", "grant lena main --may read --until tomorrow --reason x", 2, "I75"),
    "a day that is over": ("anna", "grant lena main --may read --until 2001-01-01 --reason x", 2, "past"),
    "an empty reason": ("anna", ["grant", "lena", "main", "--may", "read", "--reason", " "], 2, "I75"),
    "rights beyond a role": ("anna", "grant olga main --may read --reason x", 3, "A05"),
    "rights of nobody": ("anna", "revoke nobody main --reason x", 3, "A04"),
    "rights that are not there": ("anna", "revoke olga main --reason x", 3, "A08"),
    "a broken query": ("lena", ["search", 'Крумкач AND "не'], 2, "column 13"),
    "an unknown field": ("lena", "search колер:чырвоны", 2, "column 1"),
    "an empty query": ("lena", ["search", ""], 2, "S01"),
    "an unknown facet": ("lena", "search x --facet text", 2, "Invalid value"),
    "a limit out of range": ("lena", "search x --limit 0", 2, "Invalid value"),
    "no item at all": ("lena", "read nonsense", 2, "I01"),
    "an item of others": ("vera", "read {item}", 3, "A20"),
    "a history of others": ("nobody", "history {item}", 3, "K10"),
    "a rendition that is not there": ("lena", "read {item} --rendition transcript", 3, "A21"),
    "over another file": ("lena", "read {item} -o {place}/statement.txt", 2, "I76"),
    "into no folder": ("lena", "read {item} -o {place}/no/where.txt", 2, "no such file or directory"),
    "an original as JSON": ("lena", "read {item} --rendition original --json", 2, "-o FILE"),
    "a receipt of others": ("lena", "receipt {item} -o {place}/r", 3, "A22"),
    "a receipt of no code": ("vera", "receipt no such code -o {place}/r", 3, "A22"),
    "a wrong passphrase": ("wrong", "compartment list", 3, "K10"),
    "a passphrase file of two lines": ("double", "compartment list", 2, "I72"),
    "no passphrase file": ("ghost", "compartment list", 2, "I72"),
    "nobody in particular": (None, "compartment list", 2, "SVIEDKA_AGENT"),
    "no archive here": ("anna", "compartment list --archive {place}/hollow", 4, "F33"),
    "founding over something": (None, "init {place} --name N --custodian c", 2, "I67"),
    "founding with odd trustees": (None, "init {place}/new --name N --custodian c --trustees 3/2", 2, "I77"),
    "sheets inside the archive": (None, "init {place}/new --name N --custodian c --sheets {place}/new/s", 2, "I77"),
    "sheets over sheets": (None, "init {place}/new --name N --custodian c --sheets {place}/sheets", 2, "I77"),
    "a short passphrase": (None, "init {place}/new --name N --custodian c --new-passphrase-file {place}/short", 2, "K23"),
}  # fmt: skip


@pytest.fixture(scope="session")
def fumbling_town(founded_town, tmp_path_factory):
    """The town, with everything lying about that people get wrong."""
    town = founded_town.copied_to(tmp_path_factory.mktemp("fumbling") / "town")
    town.write("empty.txt", "")
    (town.place / "hollow").mkdir()
    town.write("broken.json", '{\n  "title": ,\n}')
    town.write("binary.json", b"\xff\xfe\x00")
    town.write("faulty.json", json.dumps(DESCRIBED_TWICE))
    town.write("other.json", json.dumps([{"path": "another.txt", "title": "T"}]))
    town.write("records.json", json.dumps(BAD_RECORDS))
    town.write("none.json", "[]")
    town.write("table.csv", "name\nx\n")
    town.write("double.passphrase", "one\ntwo\n")
    town.write("short", "short\n")
    town.write("nobody.passphrase", "the passphrase of vera\n")
    return town


@pytest.mark.parametrize("case", REFUSALS)
def test_is_refused_in_plain_words(fumbling_town, case):
    who, words, exit_code, message = REFUSALS[case]
    fill = {"place": fumbling_town.place, "item": fumbling_town.items["statement"]}
    line = [word.format(**fill) for word in (words.split() if isinstance(words, str) else words)]
    if who == "wrong":
        file = fumbling_town.passphrase_file("vera")
        result = fumbling_town.run(*line, "--passphrase-file", file, env={"SVIEDKA_AGENT": "anna"})
    else:
        result = fumbling_town.run(*line, who=who)
    said = result.stdout + result.stderr
    assert result.exit_code == exit_code, said
    assert message in said
    for secret in ("Traceback", "passphrase of", "Крумкач", "internal error"):
        assert secret not in said


def test_nothing_is_on_standard_output_when_a_command_fails_in_json(fumbling_town):
    result = fumbling_town.run("search", "AND", "--json", who="lena")
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_corrupted_key_file_or_catalogue_is_named(town):
    (town.archive / "catalogue.sqlite").write_bytes(b"no database at all" * 100)
    for left in town.archive.glob("catalogue.sqlite-*"):
        left.unlink()
    result = town.run("compartment", "list", who="anna")
    assert result.exit_code == 4
    assert "Traceback" not in result.output


def test_an_unexpected_error_shows_its_place_and_nothing_it_says(capsys):
    with pytest.raises(click.exceptions.Exit) as ended, translated():
        int("Сяргей")
    said = capsys.readouterr().err
    assert ended.value.exit_code == 4
    assert "internal error" in said
    assert "ValueError at tests/cli/test_cli_refusals.py:" in said
    assert "Сяргей" not in said


def test_whatever_the_system_refuses_is_told_without_the_file(capsys):
    with pytest.raises(click.exceptions.Exit) as ended, translated():
        raise PermissionError(13, "Permission denied", "/secret/name")
    assert ended.value.exit_code == 4
    assert capsys.readouterr().err == "the operating system refuses: permission denied\n"


def test_a_broken_pipe_is_left_to_click():
    with pytest.raises(BrokenPipeError), translated():
        raise BrokenPipeError(32, "Broken pipe")


def test_an_interruption_has_its_own_status():
    with pytest.raises(click.exceptions.Exit) as ended, translated():
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130


def test_an_archive_that_is_being_served_is_locked_not_faulty(tmp_path):
    lock = tmp_path / "server.lock"
    with only_process(lock), pytest.raises(click.exceptions.Exit) as ended, translated(), only_process(lock):
        pass
    assert ended.value.exit_code == 3


def test_unencrypted_swap_is_refused_unless_accepted(tmp_path):
    swaps = tmp_path / "swaps"
    swaps.write_text("Filename Type Size Used Priority\n/no/such/swapfile file 1 0 -2\n")
    with pytest.raises(AccessError, match="SVIEDKA_ALLOW_SWAP=1"):
        refuse_swap({}, swaps)
    refuse_swap({"SVIEDKA_ALLOW_SWAP": "1"}, swaps)


@pytest.mark.parametrize("cost", ["9", "21", "", "x", "-17", "１７"])
def test_the_cost_of_key_files_has_bounds(cost):
    with pytest.raises(IntakeError, match="SVIEDKA_KEY_COST"):
        key_cost({"SVIEDKA_KEY_COST": cost})


def test_nobody_is_asked_where_there_is_no_terminal():
    confirmed("Really?", yes=False)


@pytest.mark.parametrize("code", ["C58", "C59", "C63", "C64", "C65", "C66", "C67", "C68"])
def test_what_the_rules_of_custody_refuse_is_refused_and_no_verification_that_failed(code):
    with pytest.raises(click.exceptions.Exit) as ended, translated():
        raise CustodyError(code, "an act that is not lawful")
    assert ended.value.exit_code == 3


def test_a_failed_sign_in_is_counted_by_day_and_nothing_else_of_it_is_kept(town):
    wrong = {"SVIEDKA_PASSPHRASE_FILE": str(town.passphrase_file("vera"))}
    for _ in range(2):
        assert town.run("agent", "me", env={"SVIEDKA_AGENT": "lena", **wrong}).exit_code == 3
    with closing(sqlite3.connect(town.archive / "catalogue.sqlite")) as catalogue:
        [(value,)] = catalogue.execute("SELECT value FROM settings WHERE name = 'failed-sign-ins'")
    assert list(json.loads(value).values()) == [2]
