"""The catalogue's database: connections set up for durability, transactions that begin where they say.

SQLite by default; nothing but the pragmas and `BEGIN IMMEDIATE` is particular to it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Table,
    create_engine,
    event,
    select,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from archive.errors import FixityError
from storage.catalogue.schema import Schema

T = TypeVar("T")

_PAGE_ROWS = 500

# busy_timeout comes first: switching to WAL itself may have to wait. Freed pages are overwritten, and
# temporary tables stay in memory, although all of it is ciphertext.
_PATIENCE: Final = "busy_timeout = 30000"
# Whoever reads for long, as an audit does, is not waited for: the next to scrub will find less to do.
_SCRUB_PATIENCE: Final = "busy_timeout = 500"
_PRAGMAS: Final = (
    _PATIENCE,
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "foreign_keys = ON",
)


class Database:
    """An engine and the tables in it. For any number of threads; a forked process opens its own."""

    def __init__(self, url: str, schema: Schema) -> None:
        self.schema = schema
        self._engine = _open_engine(url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one unchanging state of the catalogue."""
        with _translating(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Do everything inside or nothing of it; durable when the block ends without an error.

        On SQLite the write lock is taken at the start, so no transaction fails half-way for being late.
        """
        with _translating(), self._engine.connect() as connection:
            connection.execution_options(sviedka_writes=True)
            with connection.begin():
                yield connection

    def change(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Run one change in its own transaction and return how many rows it touched."""
        with self.writing() as connection:
            return connection.execute(statement, rows).rowcount

    def one(self, make: Callable[..., T], statement: Executable) -> T | None:
        """Return the first row of a query as `make(*columns)`, or None."""
        with self.reading() as connection:
            row = connection.execute(statement).first()
        return None if row is None else make(*row)

    def all(self, make: Callable[..., T], statement: Executable) -> list[T]:
        """Return the rows of a query, each as `make(*columns)`."""
        with self.reading() as connection:
            return [make(*row) for row in connection.execute(statement)]

    def each(
        self, make: Callable[..., T], table: Table, key: Column[Any], *where: ColumnElement[bool]
    ) -> Iterator[T]:
        """Walk over a table in the order of its unique column `key`, a page at a time, in flat memory.

        Rows that come or go meanwhile may or may not be met; no row is met twice.
        """
        query = select(table).where(*where).order_by(key).limit(_PAGE_ROWS)
        position = list(table.c).index(key)
        page = query
        while True:
            with self.reading() as connection:
                rows = connection.execute(page).all()
            for row in rows:
                yield make(*row)
            if len(rows) < _PAGE_ROWS:
                return
            page = query.where(key > rows[-1][position])

    def scrub(self) -> None:
        """Write SQLite's log of changes into the database and cut it off, as far as no reader needs it."""
        if self._engine.dialect.name == "sqlite":
            with self.reading() as connection:
                for pragma in (_SCRUB_PATIENCE, "wal_checkpoint(TRUNCATE)", _PATIENCE):
                    connection.exec_driver_sql(f"PRAGMA {pragma}")

    def close(self) -> None:
        """Close every idle connection."""
        self._engine.dispose()


def _open_engine(url: str) -> Engine:
    # No upper bound on connections: threads bound them, and a thread waiting for one could hold another.
    engine = create_engine(url, hide_parameters=True, max_overflow=-1)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, late and deferred; we begin them in `_begin_sqlite`.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("sviedka_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translating() -> Iterator[None]:
    """Turn the database's own errors into ours; neither statements nor values get into the message."""
    try:
        yield
    except IntegrityError as fault:
        raise FixityError("F21", "the catalogue refuses a row that contradicts another") from fault
    except SQLAlchemyError as fault:
        cause = type(getattr(fault, "orig", None) or fault).__name__
        raise FixityError("F20", "the catalogue cannot be read or written", found=cause) from fault
