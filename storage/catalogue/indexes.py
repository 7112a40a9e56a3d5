"""Sealed parts of the search indexes: batches waiting to be folded in, and the manifests of what is."""

from collections.abc import Sequence

from sqlalchemy import Table, bindparam, delete, insert, select, update

from archive.errors import FixityError
from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import BatchRow, ManifestRow
from storage.catalogue.schema import is_public


class Batches:
    """Lists, reads and deletes index batches. What is staged is not seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.batches

    def of_compartment(self, compartment: Id) -> list[Id]:
        """Return the batches of a compartment, in the order in which they were logged or written."""
        columns = self._table.c
        mine = select(columns.batch).where(columns.compartment == compartment, is_public(self._table))
        return self._database.all(Id, mine.order_by(columns.log_index, columns.created_at, columns.batch))

    def get(self, batch: Id) -> BatchRow | None:
        """Return one batch."""
        query = select(self._table).where(self._table.c.batch == batch, is_public(self._table))
        return self._database.one(BatchRow, query)

    def add(self, rows: Sequence[BatchRow]) -> None:
        """Add batches that no event announces: those of a rebuilt index."""
        columns = [column.name for column in self._table.c]
        if rows:
            values = [{name: getattr(row, name) for name in columns} for row in rows]
            self._database.change(insert(self._table), values)

    def delete(self, batches: Sequence[Id]) -> None:
        """Delete batches that are folded in, all or none."""
        if batches:
            gone = delete(self._table).where(self._table.c.batch == bindparam("gone"))
            self._database.change(gone, [{"gone": batch} for batch in batches])


class Manifests:
    """Keeps one manifest per compartment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.manifests

    def get(self, compartment: Id) -> ManifestRow | None:
        """Return the manifest of a compartment's index."""
        query = select(self._table).where(self._table.c.compartment == compartment)
        return self._database.one(ManifestRow, query)

    def swap(self, row: ManifestRow, *, replaces: int | None) -> bool:
        """Store a manifest if the stored one has version `replaces` (None: if there is none); say if it was.

        False means that another writer was first, and nothing changed.
        """
        values = {column.name: getattr(row, column.name) for column in self._table.c}
        if replaces is None:
            return self._create(values)
        columns = self._table.c
        mine = update(self._table).where(columns.compartment == row.compartment, columns.version == replaces)
        return self._database.change(mine.values(values)) == 1

    def delete(self, compartment: Id) -> None:
        """Forget the manifest of a compartment, whose index is to be made again."""
        self._database.change(delete(self._table).where(self._table.c.compartment == compartment))

    def _create(self, values: dict[str, object]) -> bool:
        try:
            self._database.change(insert(self._table).values(values))
        except FixityError as fault:
            if fault.code == "F21" and self.get(Id(str(values["compartment"]))):
                return False
            raise
        return True
