"""Small sealed things: records, grants, grant keys, reasons, receipts, recovery copies."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Select, Table, select, update

from archive.digests import Digest
from archive.errors import FixityError
from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import SealedRow
from storage.catalogue.schema import is_public


class Sealed:
    """Looks sealed things up. What is staged is not seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.sealed

    def get(self, body: Digest) -> SealedRow | None:
        """Return a sealed thing by the digest of its body."""
        query = select(self._table).where(self._table.c.body == body, is_public(self._table))
        return self._database.one(SealedRow, query)

    def named(self, body: Digest) -> SealedRow | None:
        """Return a sealed thing that the log names, whether or not its row is confirmed by now."""
        return self._database.one(SealedRow, select(self._table).where(self._table.c.body == body))

    def among(self, bodies: Collection[Digest]) -> dict[Digest, SealedRow]:
        """Return those of these sealed things that are here, by the digests of their bodies."""
        query = select(self._table).where(self._table.c.body.in_(bodies), is_public(self._table))
        return {row.body: row for row in self._database.all(SealedRow, query)}

    def latest(self, kind: str, subject: Id) -> SealedRow | None:
        """Return the highest version; of several with one number, the one logged last."""
        columns = self._table.c
        newest = (columns.version.desc(), columns.log_index.desc(), columns.body)
        return self._database.one(SealedRow, self._of(kind, subject).order_by(*newest))

    def versions(self, kind: str, subject: Id) -> list[SealedRow]:
        """Return all versions, lowest first."""
        columns = self._table.c
        return self._database.all(
            SealedRow,
            self._of(kind, subject).order_by(columns.version, columns.log_index, columns.body),
        )

    def of_holder(self, kind: str, holder: Id) -> Iterator[SealedRow]:
        """Walk over all of a kind sealed to one compartment or agent, by body, in flat memory."""
        columns = self._table.c
        return self._database.each(
            SealedRow,
            self._table,
            columns.body,
            columns.kind == kind,
            columns.holder == holder,
            is_public(self._table),
        )

    def each(self) -> Iterator[SealedRow]:
        """Walk over everything sealed, by body, in flat memory."""
        return self._database.each(SealedRow, self._table, self._table.c.body, is_public(self._table))

    def replace_header(self, body: Digest, header: bytes, *, epoch: int) -> None:
        """Store the header that seals `body` to another key; raise F26 if there is no such body."""
        found = update(self._table).where(self._table.c.body == body, is_public(self._table))
        if not self._database.change(found.values(header=header, epoch=epoch)):
            raise FixityError("F26", "no such sealed body in the catalogue", expected=body)

    def _of(self, kind: str, subject: Id) -> Select[Any]:
        columns = self._table.c
        return select(self._table).where(
            columns.kind == kind, columns.subject == subject, is_public(self._table)
        )
