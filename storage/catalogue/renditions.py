"""Renditions in the catalogue; their bodies and headers are in the stores."""

from collections.abc import Iterator

from sqlalchemy import Table, select

from archive.digests import Digest
from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import RenditionRow
from storage.catalogue.schema import is_public


class Renditions:
    """Looks renditions up. What is staged is not seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.renditions

    def get(self, rendition: Id) -> RenditionRow | None:
        """Return a rendition by id."""
        return self._one(rendition=rendition)

    def by_body(self, body: Digest) -> RenditionRow | None:
        """Return the rendition stored as `body`."""
        return self._one(body=body)

    def of_item(self, item: Id) -> list[RenditionRow]:
        """Return the renditions of an item, oldest first."""
        query = select(self._table).where(self._table.c.item == item, is_public(self._table))
        return self._database.all(
            RenditionRow, query.order_by(self._table.c.log_index, self._table.c.rendition)
        )

    def each(self) -> Iterator[RenditionRow]:
        """Walk over all renditions, by id."""
        return self._database.each(RenditionRow, self._table, self._table.c.rendition, is_public(self._table))

    def _one(self, **wanted: str) -> RenditionRow | None:
        query = select(self._table).where(is_public(self._table)).filter_by(**wanted)
        return self._database.one(RenditionRow, query)
