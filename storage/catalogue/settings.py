"""Settings: short texts under a name."""

from sqlalchemy import Table, insert, select, update

from storage.catalogue.database import Database


class Settings:
    """Reads and writes settings."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.settings

    def get(self, name: str) -> str | None:
        """Return the value of a setting, or None if it was never set."""
        return self._database.one(str, select(self._table.c.value).where(self._table.c.name == name))

    def set(self, name: str, value: str) -> None:
        """Set a setting."""
        with self._database.writing() as connection:
            known = update(self._table).where(self._table.c.name == name)
            if not connection.execute(known.values(value=value)).rowcount:
                connection.execute(insert(self._table).values(name=name, value=value))
