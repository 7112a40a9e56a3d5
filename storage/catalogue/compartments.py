"""Compartments in the catalogue."""

from sqlalchemy import Table, select

from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import CompartmentRow
from storage.catalogue.schema import is_public


class Compartments:
    """Looks compartments up. What is staged is not seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.compartments

    def get(self, compartment: Id) -> CompartmentRow | None:
        """Return a compartment by id."""
        query = select(self._table).where(self._table.c.compartment == compartment, is_public(self._table))
        return self._database.one(CompartmentRow, query)

    def all(self) -> list[CompartmentRow]:
        """Return every compartment, oldest first."""
        query = select(self._table).where(is_public(self._table))
        return self._database.all(
            CompartmentRow, query.order_by(self._table.c.log_index, self._table.c.compartment)
        )
