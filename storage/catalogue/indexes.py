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
        # The version only ever grows, also when an index is made again: it tells an open copy that it is old.
        values = {column.name: getattr(row, column.name) for column in self._table.c}
        if replaces is None:
            return self._create(values)
        columns = self._table.c
        mine = update(self._table).where(columns.compartment == row.compartment, columns.version == replaces)
        return self._database.change(mine.values(values)) == 1

    def restart(
        self, row: ManifestRow, *, replaces: int | None, waiting: Sequence[Id], queued: Sequence[BatchRow]
    ) -> bool:
        """Store the manifest of an index that begins anew, as `swap` does, and what it is to be made of.

        In one transaction the batches `queued` take the place of those `waiting`, so that nothing is ever
        missing from both the index and the queue.
        """
        columns, batches = self._table.c, self._database.schema.batches
        mine = columns.compartment == row.compartment
        with self._database.writing() as connection:
            if connection.execute(select(columns.version).where(mine)).scalar() != replaces:
                return False
            connection.execute(delete(self._table).where(mine))
            connection.execute(
                insert(self._table), [{column.name: getattr(row, column.name) for column in columns}]
            )
            if waiting:
                gone = delete(batches).where(batches.c.batch == bindparam("gone"))
                connection.execute(gone, [{"gone": batch} for batch in waiting])
            if queued:
                names = [column.name for column in batches.c]
                values = [{name: getattr(one, name) for name in names} for one in queued]
                connection.execute(insert(batches), values)
        return True

    def spoil(self, compartment: Id) -> None:
        """Put something that does not open in a manifest's place: whoever opens the index makes it again."""
        columns = self._table.c
        mine = update(self._table).where(columns.compartment == compartment)
        self._database.change(mine.values(version=columns.version + 1, header=b"", content=b""))

    def _create(self, values: dict[str, object]) -> bool:
        try:
            self._database.change(insert(self._table).values(values))
        except FixityError as fault:
            if fault.code == "F21" and self.get(Id(str(values["compartment"]))):
                return False
            raise
        return True
