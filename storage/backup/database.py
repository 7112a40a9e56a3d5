"""Copying an SQLite database row by row, so that what is left out never was in the copy.

Deleting afterwards would leave it in freed pages, in a journal, and on the disk.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from archive.errors import FixityError

_TABLES: Final = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
)
_INDEXES: Final = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"

#: For each table a condition in SQL, or a statement that none applies (no key).
Conditions = Mapping[str, str]
EVERY_ROW: Final = "1"


@contextmanager
def reading(path: Path, sets: Mapping[str, Iterable[str]] | None = None) -> Iterator[sqlite3.Connection]:
    """See one state of a database; `sets` become temporary tables of one column, in memory.

    Raises F20 for whatever the database refuses while it is open.
    """
    with _translating(), closing(_connect(path, "ro")) as connection:
        connection.execute("PRAGMA temp_store = MEMORY")
        for name, values in (sets or {}).items():
            connection.execute(f"CREATE TEMP TABLE {name} (value TEXT PRIMARY KEY) WITHOUT ROWID")
            rows = ((value,) for value in set(values))
            connection.executemany(f"INSERT INTO {name} VALUES (?)", rows)  # noqa: S608
        # The transaction begins with the first look, and holds on to what that look saw.
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM main.sqlite_master").fetchone()
        yield connection


@contextmanager
def making(path: Path) -> Iterator[sqlite3.Connection]:
    """Make a new database in `path`, durable when the block ends; without a journal, for a crash ends it."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with _translating(), closing(_connect(path, "rw")) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
    with path.open("rb") as file:
        os.fsync(file.fileno())


def copy(source: sqlite3.Connection, path: Path, without: Conditions) -> None:
    """Copy the database that is being read into the new file `path`, without the rows of the conditions."""
    with making(path) as made:
        for name, sql in source.execute(_TABLES).fetchall():
            made.execute(sql)
            kept = f"WHERE NOT ({without[name]})" if name in without else ""
            rows = source.execute(f'SELECT * FROM main."{name}" {kept}')  # noqa: S608
            marks = ", ".join("?" * len(rows.description))
            made.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)  # noqa: S608
        for (sql,) in source.execute(_INDEXES).fetchall():
            made.execute(sql)


def count(connection: sqlite3.Connection, conditions: Conditions) -> int:
    """Return how many rows meet the conditions of their tables."""
    queries = [f'SELECT count(*) FROM main."{name}" WHERE {sql}' for name, sql in conditions.items()]  # noqa: S608
    return sum(connection.execute(query).fetchone()[0] for query in queries)


def columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the columns of each table."""
    names = [name for name, _ in connection.execute(_TABLES).fetchall()]
    return {
        name: {row[1] for row in connection.execute(f'PRAGMA main.table_info("{name}")')} for name in names
    }


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        full = getattr(fault, "sqlite_errorname", "") == "SQLITE_FULL"
        raise FixityError(
            "F02" if full else "F20",
            "cannot write a database: no room" if full else "a database cannot be read or written",
            found=type(fault).__name__,
        ) from None
