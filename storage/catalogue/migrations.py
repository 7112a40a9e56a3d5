"""Versions of the catalogue: a numbered step leads from each to the next; a new catalogue starts at the last.

A step is written once and never changed, so it names tables and columns itself and does not use `schema`.
"""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection, insert, inspect, select, update

from archive.errors import FixityError
from storage.catalogue.schema import Schema

Step = Callable[[Connection], None]


def add_pending_headers(connection: Connection) -> None:
    """Make the table of headers that wait to take the place of those of an earlier epoch."""
    connection.exec_driver_sql(
        "CREATE TABLE pending_headers (body VARCHAR(64) NOT NULL, digest VARCHAR(64) NOT NULL, "
        "epoch INTEGER NOT NULL, header BLOB NOT NULL, event VARCHAR(26) NOT NULL, log_index BIGINT, "
        "PRIMARY KEY (body, digest))"
    )
    connection.exec_driver_sql(
        "CREATE INDEX pending_headers_staged ON pending_headers (event) WHERE log_index IS NULL"
    )


def add_packs(connection: Connection) -> None:
    """Make the table of packs that were handed in."""
    connection.exec_driver_sql(
        "CREATE TABLE packs (deposit VARCHAR(26) NOT NULL, compartment VARCHAR(26) NOT NULL, "
        "manifest BLOB NOT NULL, signature BLOB, header BLOB NOT NULL, content BLOB NOT NULL, "
        "code VARCHAR(64) NOT NULL, event VARCHAR(26) NOT NULL, log_index BIGINT, "
        "PRIMARY KEY (deposit), FOREIGN KEY(compartment) REFERENCES compartments (compartment))"
    )
    connection.exec_driver_sql("CREATE INDEX ix_packs_code ON packs (code)")
    connection.exec_driver_sql("CREATE INDEX packs_staged ON packs (event) WHERE log_index IS NULL")


# Step number n, counted from 1, leads from version n to version n + 1.
STEPS: Final[tuple[Step, ...]] = (add_pending_headers, add_packs)


def create(connection: Connection, schema: Schema, *, steps: Sequence[Step] = STEPS) -> None:
    """Make all tables of the present version in an empty database; raise F25 if it is not empty."""
    if inspect(connection).has_table(schema.version.name):
        raise FixityError("F25", "a catalogue exists already")
    schema.metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(schema.version).values(version=len(steps) + 1))


def migrate(connection: Connection, schema: Schema, *, steps: Sequence[Step] = STEPS) -> None:
    """Bring the catalogue to the present version within the caller's transaction.

    Raises F23 where there is no catalogue, F24 where it was written by a newer release.
    """
    version = _version(connection, schema)
    newest = len(steps) + 1
    if version > newest:
        raise FixityError(
            "F24", "the catalogue was written by a newer release", expected=f"at most {newest}", found=version
        )
    for step in steps[version - 1 :]:
        step(connection)
    if version < newest:
        connection.execute(update(schema.version).values(version=newest))


def _version(connection: Connection, schema: Schema) -> int:
    if not inspect(connection).has_table(schema.version.name):
        raise FixityError("F23", "there is no catalogue here")
    version = connection.execute(select(schema.version.c.version)).scalar()
    if version is None or version < 1:
        raise FixityError("F23", "the catalogue names no version", found=version)
    return int(version)
