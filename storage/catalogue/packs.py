"""Packs in the catalogue: what came with their items."""

from sqlalchemy import Table, select

from archive.digests import Digest
from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import PackRow
from storage.catalogue.schema import is_public, is_staged


class Packs:
    """Looks packs up. What is staged is not seen, unless it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.packs

    def get(self, deposit: Id) -> PackRow | None:
        """Return a pack by the id of its deposit."""
        query = select(self._table).where(self._table.c.deposit == deposit, is_public(self._table))
        return self._database.one(PackRow, query)

    def by_code(self, code: Digest) -> list[PackRow]:
        """Return the packs whose receipts are found under a code's tag: one, unless it was copied."""
        query = select(self._table).where(self._table.c.code == code, is_public(self._table))
        return self._database.all(PackRow, query.order_by(self._table.c.log_index))

    def is_waiting(self, deposit: Id) -> bool:
        """Say whether the row of a pack waits for its event."""
        query = select(self._table.c.deposit).where(self._table.c.deposit == deposit, is_staged(self._table))
        return self._database.one(Id, query) is not None
