"""Sessions: agents' keys, sealed under secrets this database does not hold."""

from sqlalchemy import Table, and_, delete, insert, or_, select, update

from archive.digests import Digest
from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import SessionRow


class Sessions:
    """Keeps sessions. Times are POSIX seconds; the limits are the caller's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.sessions

    def put(self, row: SessionRow) -> None:
        """Begin a session."""
        columns = [column.name for column in self._table.c]
        self._database.change(insert(self._table).values({name: getattr(row, name) for name in columns}))

    def supersede(self, old: Digest, row: SessionRow) -> bool:
        """Put a session in the place of another; False, and nothing changed, where that one is over."""
        columns = [column.name for column in self._table.c]
        with self._database.writing() as connection:
            if not connection.execute(delete(self._table).where(self._table.c.session == old)).rowcount:
                return False
            connection.execute(insert(self._table).values({name: getattr(row, name) for name in columns}))
            return True

    def get(self, session: Digest) -> SessionRow | None:
        """Return a session, whatever its age."""
        return self._database.one(SessionRow, select(self._table).where(self._table.c.session == session))

    def of_agent(self, agent: Id) -> list[SessionRow]:
        """Return an agent's sessions, oldest first."""
        query = select(self._table).where(self._table.c.agent == agent).order_by(self._table.c.created_at)
        return self._database.all(SessionRow, query)

    def touch(self, session: Digest, *, seen_at: int) -> None:
        """Note that a session was used."""
        mine = update(self._table).where(self._table.c.session == session)
        self._database.change(mine.values(seen_at=seen_at))

    def delete(self, session: Digest) -> None:
        """End a session; its absence is no error."""
        self._database.change(delete(self._table).where(self._table.c.session == session))

    def delete_of_agent(self, agent: Id) -> int:
        """End all sessions of an agent and return how many."""
        return self._database.change(delete(self._table).where(self._table.c.agent == agent))

    def delete_others(self, agent: Id, keep: Digest) -> int:
        """End all sessions of an agent but one and return how many."""
        others = and_(self._table.c.agent == agent, self._table.c.session != keep)
        return self._database.change(delete(self._table).where(others))

    def delete_all(self) -> int:
        """End all sessions and return how many."""
        return self._database.change(delete(self._table))

    def expire(self, *, created_before: int, seen_before: int) -> int:
        """End sessions that are too old or were idle too long, and return how many."""
        columns = self._table.c
        old = or_(columns.created_at < created_before, columns.seen_at < seen_before)
        return self._database.change(delete(self._table).where(old))
