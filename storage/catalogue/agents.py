"""Agents in the catalogue."""

from sqlalchemy import Table, select, update

from archive.errors import FixityError
from archive.ids import Id
from storage.catalogue.database import Database
from storage.catalogue.rows import AgentRow
from storage.catalogue.schema import is_public


class Agents:
    """Looks agents up. What is staged is not seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table: Table = database.schema.agents

    def get(self, agent: Id) -> AgentRow | None:
        """Return an agent by id."""
        return self._one(agent=agent)

    def by_handle(self, handle: str) -> AgentRow | None:
        """Return an agent by handle."""
        return self._one(handle=handle)

    def any(self) -> AgentRow | None:
        """Return some agent, or None where there is none."""
        return self._one()

    def all(self) -> list[AgentRow]:
        """Return every agent, by handle."""
        query = select(self._table).where(is_public(self._table)).order_by(self._table.c.handle)
        return self._database.all(AgentRow, query)

    def set_key_file(self, agent: Id, key_file: bytes) -> None:
        """Replace an agent's key file; raise F26 if there is no such agent."""
        found = update(self._table).where(self._table.c.agent == agent, is_public(self._table))
        if not self._database.change(found.values(key_file=key_file)):
            raise FixityError("F26", "no such agent in the catalogue", expected=agent)

    def _one(self, **wanted: str) -> AgentRow | None:
        query = select(self._table).where(is_public(self._table)).filter_by(**wanted).limit(1)
        return self._database.one(AgentRow, query)
