"""Opening a catalogue by its URL."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, make_url

from archive.errors import FixityError
from storage.catalogue.catalogue import Catalogue
from storage.catalogue.database import Database
from storage.catalogue.migrations import create, migrate
from storage.catalogue.schema import Schema, make_schema


def sqlite_url(path: Path) -> str:
    """Return the URL of the SQLite catalogue in the file `path`."""
    return f"sqlite:///{path}"


def create_catalogue(url: str) -> Catalogue:
    """Make a new catalogue; raise F25 if there is one already."""
    file = _sqlite_file(url)
    if file is not None:
        file.touch(mode=0o600)
    return _prepared(url, create)


def open_catalogue(url: str) -> Catalogue:
    """Open a catalogue, first migrating an older one; raise F23 if there is none, F24 if it is too new."""
    file = _sqlite_file(url)
    # SQLite would create a missing file: an archive whose catalogue is lost must not look like an empty one.
    if file is not None and not file.is_file():
        raise FixityError("F23", "there is no catalogue here")
    return _prepared(url, migrate)


def _prepared(url: str, prepare: Callable[[Connection, Schema], None]) -> Catalogue:
    database = Database(url, make_schema())
    try:
        with database.writing() as connection:
            prepare(connection, database.schema)
    except BaseException:
        database.close()
        raise
    return Catalogue(database)


def _sqlite_file(url: str) -> Path | None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database is None:
        return None
    return Path(parsed.database)
