"""Items in the catalogue, and which log entries concern them."""

from collections.abc import Iterator

from sqlalchemy import Table, select

from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import ItemRow
from storage.catalogue.schema import is_public


class Items:
    """Looks items up. What is staged is not seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.items

    def get(self, item: Id) -> ItemRow | None:
        """Return an item by id."""
        return self._one(item=item)

    def by_duplicate(self, depositor: Id, duplicate: bytes) -> ItemRow | None:
        """Return the same depositor's earlier item with the same keyed digest."""
        return self._one(depositor=depositor, duplicate=duplicate)

    def by_receipt_code(self, code_digest: bytes) -> ItemRow | None:
        """Return the item whose receipt is fetched with the code of this digest."""
        return self._one(receipt_code=code_digest)

    def of_compartment(self, compartment: Id) -> Iterator[ItemRow]:
        """Walk over the items of a compartment, by id."""
        columns = self._table.c
        return self._database.each(
            ItemRow, self._table, columns.item, columns.compartment == compartment, is_public(self._table)
        )

    def each(self) -> Iterator[ItemRow]:
        """Walk over all items, by id."""
        return self._database.each(ItemRow, self._table, self._table.c.item, is_public(self._table))

    def events(self, item: Id) -> list[int]:
        """Return the log indexes of the entries that concern an item, in order."""
        table = self._database.schema.item_events
        query = select(table.c.log_index).where(table.c.item == item).order_by(table.c.log_index)
        return self._database.all(int, query)

    def _one(self, **wanted: str | bytes) -> ItemRow | None:
        query = select(self._table).where(is_public(self._table)).filter_by(**wanted)
        return self._database.one(ItemRow, query)
