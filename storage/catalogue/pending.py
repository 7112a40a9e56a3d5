"""Headers that were made for a new epoch and wait to take the place of the old ones.

A reader who finds another header in its place than the log names looks here; each is named by its digest, so
that what is staged and never logged is never taken for what is in force.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Table, bindparam, delete, exists, select, update

from archive.digests import Digest
from storage.catalogue.database import Database
from storage.catalogue.rows import PendingHeaderRow
from storage.catalogue.schema import is_public


class PendingHeaders:
    """Looks pending headers up, and puts them in their place."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.pending_headers

    def get(self, body: Digest, digest: Digest) -> bytes | None:
        """Return the header of that digest for a body, staged or logged, if it waits here."""
        columns = self._table.c
        query = select(columns.header).where(columns.body == body, columns.digest == digest)
        return self._database.one(bytes, query)

    def any(self) -> bool:
        """Say whether a logged header waits to be put in its place."""
        with self._database.reading() as connection:
            found = select(exists().where(is_public(self._table)))
            return bool(connection.execute(found).scalar_one())

    def some(self, most: int) -> list[PendingHeaderRow]:
        """Return up to `most` whose events are logged."""
        return self._database.all(
            PendingHeaderRow, select(self._table).where(is_public(self._table)).limit(most)
        )

    def place(self, rows: Sequence[PendingHeaderRow], in_force: Collection[Digest]) -> None:
        """Write those `in_force`, by their own digests, over the old ones, and forget all `rows`."""
        schema = self._database.schema
        values = [
            {"of": row.body, "header_now": row.header, "epoch_now": row.epoch}
            for row in rows
            if row.digest in in_force
        ]
        sealed = update(schema.sealed).where(schema.sealed.c.body == bindparam("of"))
        renditions = update(schema.renditions).where(schema.renditions.c.body == bindparam("of"))
        columns = self._table.c
        done = delete(self._table).where(
            columns.body == bindparam("of"), columns.digest == bindparam("digest_of")
        )
        with self._database.writing() as connection:
            if values:
                connection.execute(
                    sealed.values(header=bindparam("header_now"), epoch=bindparam("epoch_now")), values
                )
                connection.execute(renditions.values(epoch=bindparam("epoch_now")), values)
            if rows:
                connection.execute(done, [{"of": row.body, "digest_of": row.digest} for row in rows])
