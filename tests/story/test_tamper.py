"""Whoever can write to the disk changes nothing unnoticed: every file and every row, one at a time.

Audit sees, without a key, all that the log vouches for. The rest (key files, receipts, batches for the index)
only its owner can open: there, opening refuses.
"""

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from itertools import pairwise

import pytest
from founded import found_house, opened_house, passphrase_of
from tampering import KEYS, LOGGED, flip, flipped, named, object_of, scene_in_memory

from archive.access.keyring import keyring
from archive.access.receipts import fetch_receipt
from archive.errors import SviedkaError
from ingest.accession import code_digest
from keys.identities import Identity
from keys.keyfile import format_key_file, open_key_file
from keys.signing import SigningKey

#: Columns that no log entry vouches for. Opening refuses the first three when they are changed; the last
#: recognises a second deposit of the same file: losing it costs a second accession and hides nothing.
UNSEEN = {
    ("agents", "key_file"),
    ("items", "receipt_code"),
    ("sealed", "header of a receipt"),
    ("items", "duplicate"),
}


@pytest.fixture(scope="module")
def scene():
    with scene_in_memory() as built:
        yield built


def opening(scene):
    """Do what people do: sign in, open every grant, fetch receipts by item and by code, read and search."""
    with opened_house(scene.folder) as house:
        sittings = {handle: house.sign_in(handle) for handle in ("anna", "vera", "lena", "ivan")}
        for sitting in sittings.values():
            keyring(house.archive, sitting)
        for item, code in scene.codes.items():
            fetch_receipt(house.archive, sittings["vera"], item, b"")
            fetch_receipt(house.archive, sittings["vera"], code, code_digest(code))
        found = house.found_items(sittings["lena"], "account")
        assert len(found) == 5, "the lawyer finds what is in her compartment"


def test_an_untouched_archive_verifies_twice_and_opens(scene):
    for _ in range(2):
        report = scene.audit(since=scene.checkpoint, receipts=scene.receipts.values())
        assert (report.outcome, report.faults, report.warnings) == ("verified", (), ())
    counts = report.counts
    assert (counts.bodies, counts.bodies_held, counts.headers, counts.receipts) == (12, 12, 12, 6)
    assert counts.entries == report.size
    assert counts.signatures == report.size + 2  # The genesis entry carries three.
    assert min(counts.tiles, counts.sealed, counts.rows, counts.body_bytes) > 0
    with scene.opened():
        opening(scene)


@pytest.mark.slow
def test_a_flipped_byte_in_any_file_is_named(scene):
    for file in ["archive.json", *scene.files("log", "objects", "headers")]:
        with scene.with_file(file, flip((scene.kept / file).read_bytes())):
            assert named(scene.audit(), object_of(file)), file


@pytest.mark.slow
def test_any_file_cut_short_or_continued_is_named(scene):
    for file in ["archive.json", *scene.files("log", "objects", "headers")]:
        data = (scene.kept / file).read_bytes()
        for other in (data[:-1], data + b"\n", b""):
            with scene.with_file(file, other):
                assert named(scene.audit(), object_of(file)), file


def test_any_file_deleted_is_named(scene):
    for file in ["archive.json", "catalogue.sqlite", *scene.files("log", "objects", "headers")]:
        if scene.is_superseded(file):
            continue
        with scene.with_file(file, None):
            assert named(scene.audit(), object_of(file).removesuffix(".sqlite")), file


@pytest.mark.slow
def test_any_two_neighbouring_files_swapped_are_named(scene):
    for folder in ("objects", "headers", "log/tile/entries", "log/tile/0"):
        files = scene.files(folder)
        for one, other in pairwise(files):
            first = scene.with_file(one, (scene.kept / other).read_bytes())
            with first, scene.with_file(other, (scene.kept / one).read_bytes()):
                report = scene.audit()
            assert named(report, object_of(one)), one
            assert named(report, object_of(other)), other


def test_a_file_that_nobody_put_there_is_named(scene):
    body, header = scene.files("objects")[0], scene.files("headers")[0]
    elsewhere = ("objects/readme.txt", "objects/aa/bb/" + "c" * 64, "headers/x", "log/tile/0/1", "log/notes")
    for file in (*elsewhere, f"objects/{body[-64:]}", f"headers/ff/{header[-64:]}"):
        path = scene.folder / file
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(b"planted")
        assert named(scene.audit(), file), file
        path.unlink()


@pytest.mark.parametrize("file", ["log.key", "archive-agent.key"])
def test_the_keys_of_the_archive_must_be_those_its_log_names(scene, file, tmp_path):
    found_house(tmp_path / "other")
    data = (scene.kept / file).read_bytes()
    for other in (flip(data), b"", b"\xff" * 40, None, (tmp_path / "other" / file).read_bytes()):
        with scene.with_file(file, other), pytest.raises(SviedkaError, match=f"log key|{file}"):
            opening(scene)


def name_of(table, row):
    if table == "item_events":
        return f"item_events {row['item']} {row['log_index']}"
    if table == "sealed" and row["kind"] == "receipt":
        return f"receipt of item {row['subject']}"
    return f"{table} {row[KEYS.get(table, 'body')]}"


def rows_of(scene):
    return [(table, row) for table in LOGGED for row in scene.table(table)]


@pytest.mark.slow
def test_any_row_deleted_is_named(scene):
    for table, row in rows_of(scene):
        with scene.with_rows((f"DELETE FROM {table} WHERE rowid = ?", (row["rowid"],))):
            assert named(scene.audit(), name_of(table, row)), (table, row["rowid"])


def columns_to_change(scene):
    """Every column of the first row of each kind; of the other rows one each, in turn."""
    seen = set()
    for number, (table, row) in enumerate(rows_of(scene)):
        receipt = table == "sealed" and row["kind"] == "receipt"
        columns = [
            column
            for column, value in row.items()
            if column != "rowid"
            and value is not None
            and (table, "header of a receipt" if receipt and column == "header" else column) not in UNSEEN
        ]
        kind = (table, row.get("kind"))
        yield table, row, columns if kind not in seen else [columns[number % len(columns)]]
        seen.add(kind)


@pytest.mark.slow
def test_any_column_of_any_row_changed_is_named(scene):
    for table, row, columns in columns_to_change(scene):
        names = [name_of(table, row), f"{table} {row.get(KEYS.get(table, 'body'))}"]
        for column in columns:
            change = (
                f"UPDATE {table} SET {column} = ? WHERE rowid = ?",
                (flipped(row[column]), row["rowid"]),
            )
            with scene.with_rows(change):
                assert named(scene.audit(), *names), (table, column)


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("agents", "key_file", None),
        ("items", "receipt_code", None),
        ("sealed", "header", "receipt"),
    ],
)
def test_what_only_its_owner_opens_refuses_when_changed(scene, table, column, kind):
    row = next(row for row in scene.table(table) if row.get("kind") == kind)
    change = (f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (flip(row[column]), row["rowid"]))
    with scene.opened(), scene.with_rows(change), pytest.raises(SviedkaError):
        opening(scene)


@pytest.mark.parametrize("column", ["header", "content"])
def test_a_damaged_index_batch_is_refused_or_made_anew_and_hides_nothing(scene, column):
    row = scene.table("batches")[0]
    change = (f"UPDATE batches SET {column} = ? WHERE rowid = ?", (flip(row[column]), row["rowid"]))
    with scene.opened(), scene.with_rows(change), suppress(SviedkaError):
        opening(scene)


@pytest.mark.slow
def test_sealed_rows_that_swap_bodies_headers_or_meanings_are_named(scene):
    rows = [row for row in scene.table("sealed") if row["kind"] != "receipt"]
    for one, other in pairwise(rows):
        for columns in (("header", "content"), ("header",), ("kind", "subject", "version", "holder")):
            changes = [
                (f"UPDATE sealed SET {column} = ? WHERE body = ?", (giver[column], taker["body"]))
                for column in columns
                for giver, taker in ((one, other), (other, one))
            ]
            with scene.with_rows(*changes):
                report = scene.audit()
            if any(one[column] != other[column] for column in columns):
                assert named(report, f"sealed {one['body']}"), columns
                assert named(report, f"sealed {other['body']}"), columns


def test_a_row_that_was_never_logged_is_named(scene):
    for table, column, value in (
        ("agents", "agent", "a" * 26),
        ("compartments", "compartment", "a" * 26),
        ("items", "item", "a" * 26),
        ("renditions", "rendition", "a" * 26),
        ("sealed", "body", "a" * 64),
        ("item_events", "log_index", 3),
    ):
        row = scene.table(table)[0] | {column: value}
        row |= {name: "planted" for name in ("handle",) if name in row}
        row |= {name: None for name in ("duplicate",) if name in row}
        del row["rowid"]
        places = ", ".join("?" * len(row))
        with scene.with_rows((f"INSERT INTO {table} VALUES ({places})", tuple(row.values()))):
            assert named(scene.audit(), name_of(table, row)), table


def test_a_catalogue_that_is_no_database_any_more_is_a_fault_and_no_crash(scene):
    data = (scene.kept / "catalogue.sqlite").read_bytes()
    for other in (b"", b"garbage" * 1000, data[: len(data) // 2], b"\xff" * 100 + data[100:]):
        with scene.with_file("catalogue.sqlite", other):
            assert named(scene.audit(), "catalogue")


def test_an_index_of_the_database_that_hides_rows_is_a_fault(scene):
    with scene.with_rows():
        with closing(sqlite3.connect(scene.folder / "catalogue.sqlite")) as database:
            where = "SELECT rootpage FROM sqlite_master WHERE name = 'sealed_by_subject'"
            [root] = database.execute(where).fetchone()
            [page_bytes] = database.execute("PRAGMA page_size").fetchone()
        path = scene.folder / "catalogue.sqlite"
        data = bytearray(path.read_bytes())
        # A page of a B-tree says in its third to fifth bytes how many cells it has: one fewer hides a row.
        cells = slice((root - 1) * page_bytes + 3, (root - 1) * page_bytes + 5)
        data[cells] = (int.from_bytes(data[cells], "big") - 1).to_bytes(2, "big")
        path.write_bytes(data)
        assert named(scene.audit(), "catalogue")


def test_a_swapped_key_file_or_one_with_keys_of_somebody_else_does_not_sign_in(scene):
    anna, vera = (next(r for r in scene.table("agents") if r["handle"] == who) for who in ("anna", "vera"))
    secret = open_key_file(anna["key_file"], passphrase_of("anna"), log_n=10)
    forged = replace(secret, identity=Identity.generate(), signing=SigningKey.generate())
    for planted in (vera["key_file"], format_key_file(forged, passphrase_of("anna"), log_n=10)):
        change = ("UPDATE agents SET key_file = ? WHERE handle = 'anna'", (planted,))
        with scene.opened(), scene.with_rows(change), pytest.raises(SviedkaError, match="key file"):
            opening(scene)


def test_a_key_file_under_another_agents_name_does_not_sign_in(scene):
    """A custodian who swaps the handles of two agents, to have rights given to the wrong one, is found out."""
    changes = [
        ("UPDATE agents SET handle = 'nobody' WHERE handle = 'vera'", ()),
        ("UPDATE agents SET handle = 'vera' WHERE handle = 'lena'", ()),
        ("UPDATE agents SET handle = 'lena' WHERE handle = 'nobody'", ()),
    ]
    with scene.opened(), scene.with_rows(*changes):
        assert named(scene.audit(), "agents ")
        with pytest.raises(SviedkaError):
            opening(scene)
