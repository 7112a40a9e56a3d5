"""Catalogues of every version open: old ones are brought up, newer ones are left alone."""

import stat

import pytest
from sqlalchemy import inspect, text

from archive.errors import FixityError
from storage.catalogue import create_catalogue, open_catalogue, sqlite_url
from storage.catalogue.database import Database
from storage.catalogue.migrations import STEPS, add_packs, add_pending_headers, create, migrate
from storage.catalogue.schema import make_schema


def add_column(connection):
    connection.execute(text("ALTER TABLE agents ADD COLUMN mood TEXT"))


def fill_column(connection):
    connection.execute(text("UPDATE settings SET value = 'filled'"))


def fail(connection):
    connection.execute(text("DROP TABLE settings"))
    raise FixityError("F27", "this step fails")


@pytest.fixture
def database(tmp_path):
    database = Database(sqlite_url(tmp_path / "catalogue.sqlite"), make_schema())
    with database.writing() as connection:
        create(connection, database.schema, steps=())
        connection.execute(text("INSERT INTO settings VALUES ('name', 'old')"))
    yield database
    database.close()


def version(database):
    with database.reading() as connection:
        return connection.execute(text("SELECT version FROM schema_version")).scalar_one()


def test_an_older_catalogue_goes_through_every_step_it_lacks(database):
    for steps in ((add_column,), (add_column, fill_column), (add_column, fill_column)):
        with database.writing() as connection:
            migrate(connection, database.schema, steps=steps)
    assert version(database) == 3
    with database.reading() as connection:
        assert "mood" in {column["name"] for column in inspect(connection).get_columns("agents")}
        assert connection.execute(text("SELECT value FROM settings")).scalar_one() == "filled"


def test_a_step_that_fails_leaves_the_catalogue_as_it_was(database):
    with pytest.raises(FixityError, match="this step fails"), database.writing() as connection:
        migrate(connection, database.schema, steps=(add_column, fail))
    assert version(database) == 1
    with database.reading() as connection:
        assert "mood" not in {column["name"] for column in inspect(connection).get_columns("agents")}
        assert connection.execute(text("SELECT value FROM settings")).scalar_one() == "old"


def test_a_newer_catalogue_is_refused_untouched(tmp_path, database):
    with database.writing() as connection:
        connection.execute(text("UPDATE schema_version SET version = 99"))
    with pytest.raises(FixityError, match="newer release") as caught:
        open_catalogue(sqlite_url(tmp_path / "catalogue.sqlite"))
    assert caught.value.code == "F24"
    assert version(database) == 99


def test_a_missing_catalogue_is_not_taken_for_an_empty_one(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    with pytest.raises(FixityError, match="no catalogue") as caught:
        open_catalogue(sqlite_url(path))
    assert caught.value.code == "F23"
    assert not path.exists()
    path.touch()
    with pytest.raises(FixityError, match="no catalogue"):
        open_catalogue(sqlite_url(path))


def test_a_catalogue_is_created_once_private_and_opens_again(tmp_path):
    url = sqlite_url(tmp_path / "catalogue.sqlite")
    with create_catalogue(url) as catalogue:
        catalogue.settings.set("name", "kept")
    with pytest.raises(FixityError) as caught:
        create_catalogue(url)
    assert caught.value.code == "F25"
    with open_catalogue(url) as catalogue:
        assert catalogue.settings.get("name") == "kept"
    assert stat.S_IMODE((tmp_path / "catalogue.sqlite").stat().st_mode) == 0o600


def columns_of(connection, table):
    found = inspect(connection)
    return (
        [(one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)],
        found.get_pk_constraint(table)["constrained_columns"],
        [(one["name"], one["column_names"]) for one in found.get_indexes(table)],
    )


def test_a_catalogue_of_the_first_release_gains_the_table_of_pending_headers(database):
    with database.writing() as connection:
        wanted = columns_of(connection, "pending_headers")
        connection.execute(text("DROP TABLE pending_headers"))
    with database.writing() as connection:
        migrate(connection, database.schema, steps=(add_pending_headers,))
        assert columns_of(connection, "pending_headers") == wanted


def test_an_earlier_catalogue_gains_the_table_of_packs(database):
    with database.writing() as connection:
        wanted = columns_of(connection, "packs")
        connection.execute(text("DROP TABLE packs"))
    with database.writing() as connection:
        migrate(connection, database.schema, steps=(add_packs,))
        assert columns_of(connection, "packs") == wanted
    assert add_packs in STEPS
