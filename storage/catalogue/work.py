"""The queue of what is to be done later."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from sqlalchemy import Table, delete, insert, select, update

from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import WorkRow

WAITING: Final = "waiting"
RUNNING: Final = "running"
FAILED: Final = "failed"


class Work:
    """Adds, claims and ends pieces of work, each claimed by one worker at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.work

    def add(self, kind: str, subject: str, compartment: Id, *, created_at: str) -> int:
        """Put a piece of work at the end of the queue and return its number."""
        new = insert(self._table).values(
            kind=kind,
            subject=subject,
            compartment=compartment,
            state=WAITING,
            attempts=0,
            created_at=created_at,
        )
        with self._database.writing() as connection:
            return int(connection.execute(new.returning(self._table.c.work)).scalar_one())

    def claim(self, kinds: Collection[str], compartments: Collection[Id] | None = None) -> WorkRow | None:
        """Take the oldest waiting piece of these kinds (and compartments), counting the attempt."""
        columns = self._table.c
        oldest = select(self._table).where(columns.state == WAITING, columns.kind.in_(kinds))
        if compartments is not None:
            oldest = oldest.where(columns.compartment.in_(compartments))
        oldest = oldest.order_by(columns.work).limit(1).with_for_update(skip_locked=True)
        with self._database.writing() as connection:
            found = connection.execute(oldest).first()
            if found is None:
                return None
            taken = replace(WorkRow(*found), state=RUNNING, attempts=found.attempts + 1)
            mine = update(self._table).where(columns.work == taken.work)
            connection.execute(mine.values(state=taken.state, attempts=taken.attempts))
        return taken

    def finish(self, work: int) -> None:
        """Forget a piece of work that is done."""
        self._database.change(delete(self._table).where(self._table.c.work == work))

    def fail(self, work: int, *, retry: bool) -> None:
        """Give up a claimed piece: back into the queue, or set aside as failed."""
        mine = update(self._table).where(self._table.c.work == work)
        self._database.change(mine.values(state=WAITING if retry else FAILED))

    def release(self) -> int:
        """Put back what was claimed by workers that are gone; for a start, before any worker runs."""
        claimed = update(self._table).where(self._table.c.state == RUNNING)
        return self._database.change(claimed.values(state=WAITING))

    def all(self) -> list[WorkRow]:
        """Return the whole queue, oldest first."""
        return self._database.all(WorkRow, select(self._table).order_by(self._table.c.work))
