"""Settings: short texts under a name."""

from collections.abc import Callable

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

    def change(self, name: str, change: Callable[[str | None], str]) -> None:
        """Set a setting to what `change` makes of its present value, while nobody else writes."""
        with self._database.writing() as connection:
            wanted = self._table.c.name == name
            value = connection.execute(select(self._table.c.value).where(wanted)).scalar()
            changed = change(value)
            if value is None:
                connection.execute(insert(self._table).values(name=name, value=changed))
            else:
                connection.execute(update(self._table).where(wanted).values(value=changed))

    def set(self, name: str, value: str) -> None:
        """Set a setting."""
        self.change(name, lambda _old: value)
