"""The parts of a backup one by one: copied databases, packed headers, the folder."""

import sqlite3
from contextlib import closing

import pytest

from archive.digests import Digest
from archive.errors import FixityError
from archive.ids import new_id
from archive.settings import Settings, format_settings, origin_of
from storage.backup.database import EVERY_ROW, columns, copy, count, making, reading
from storage.backup.headers import HeaderPack, packed
from storage.backup.target import open_target, prepare_target
from storage.headers import LocalHeaders


def quiet(_what, _done, _total):
    pass


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "source.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, part BLOB, body TEXT)")
        made.execute("CREATE TABLE sessions (secret TEXT)")
        made.execute("CREATE INDEX by_body ON kept (body)")
        rows = [(n, bytes([n]) * 3000, f"body{n}") for n in range(50)]
        made.executemany("INSERT INTO kept VALUES (?, ?, ?)", rows)
        made.execute("INSERT INTO sessions VALUES ('never to be copied')")
    return path


def numbers(path):
    with closing(sqlite3.connect(path)) as found:
        assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [number for (number,) in found.execute("SELECT number FROM kept ORDER BY number")]


def test_a_copy_is_of_the_moment_at_which_reading_began(database, tmp_path):
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        with reading(database) as source:
            writer.execute("DELETE FROM kept WHERE number < 25")
            writer.execute("INSERT INTO kept VALUES (99, NULL, 'late')")
            copy(source, tmp_path / "copy.sqlite", {})
        assert numbers(tmp_path / "copy.sqlite") == list(range(50))
        with reading(database) as source:
            copy(source, tmp_path / "later.sqlite", {})
        assert numbers(tmp_path / "later.sqlite") == [*range(25, 50), 99]


def test_what_is_left_out_of_a_copy_never_was_in_its_file(database, tmp_path):
    with reading(database, {"gone": ["body3", "body4"]}) as source:
        assert columns(source) == {"kept": {"number", "part", "body"}, "sessions": {"secret"}}
        without = {"kept": "body IN (SELECT value FROM gone)", "sessions": EVERY_ROW}
        assert count(source, without) == 3
        copy(source, tmp_path / "copy.sqlite", without)
    assert [n for n in range(50) if n not in numbers(tmp_path / "copy.sqlite")] == [3, 4]
    data = (tmp_path / "copy.sqlite").read_bytes()
    assert bytes([3]) * 100 not in data
    assert b"never to be copied" not in data
    assert bytes([5]) * 100 in data


def test_a_copy_is_private_and_has_the_indexes(database, tmp_path):
    with reading(database) as source:
        copy(source, tmp_path / "copy.sqlite", {})
    assert (tmp_path / "copy.sqlite").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as found:
        assert found.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall() == [
            ("by_body",)
        ]


def test_a_damaged_database_is_said_to_be_one(tmp_path):
    (tmp_path / "bad.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(FixityError) as caught, reading(tmp_path / "bad.sqlite"):
        pass
    assert caught.value.code == "F20"


def test_headers_that_changed_since_they_were_packed_are_packed_again(tmp_path):
    headers = LocalHeaders(tmp_path / "headers")
    bodies = [Digest.of(bytes([n])) for n in range(4)]
    for body in bodies:
        headers.put(body, b"old " + body.encode())
    old = {body: Digest.of(b"old " + body.encode()) for body in bodies}
    new = {body: Digest.of(b"new " + body.encode()) for body in bodies[:3]}
    with making(tmp_path / "packed.sqlite") as database:
        pack = HeaderPack(database, headers)
        pack.take(old, quiet)
        assert list(pack.faults(old)) == []
        headers.replace(bodies[0], b"new " + bodies[0].encode())
        headers.delete(bodies[1])
        headers.delete(bodies[3])
        pack.take(new, quiet)
        faults = {(fault.code, fault.object) for fault in pack.faults(new)}
    # The second is the old one still, and so is the third, which was never changed.
    assert faults == {("F43", f"header {bodies[1]}"), ("F43", f"header {bodies[2]}")}
    assert dict(packed(tmp_path / "packed.sqlite"))[bodies[0]] == b"new " + bodies[0].encode()
    # What is no longer wanted is not in the file, not even in a freed page.
    assert b"old " + bodies[3].encode() not in (tmp_path / "packed.sqlite").read_bytes()


def test_a_backup_folder_is_private_and_may_be_the_top_of_a_new_disk(tmp_path):
    archive = new_id()
    settings = Settings("Archive", archive, origin_of(archive), ("key",), Digest.of(b"genesis"))
    (tmp_path / "disk" / "lost+found").mkdir(parents=True)
    prepare_target(tmp_path / "disk", tmp_path / "archive", format_settings(settings))
    prepare_target(tmp_path / "new" / "deep", tmp_path / "archive", format_settings(settings))
    assert (tmp_path / "new" / "deep").stat().st_mode & 0o777 == 0o700
    assert open_target(tmp_path / "disk", archive).settings == settings
