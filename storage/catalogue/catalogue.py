"""The catalogue as one object: what concerns the log here, each subject in a part of its own.

Rows are staged first, in one transaction, invisible to every reader; then their events are logged; then the
log indexes are confirmed. A crash between leaves staged rows, which the log decides about: what it holds is
confirmed, the rest discarded.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from sqlalchemy import (
    Connection,
    Executable,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from archive.digests import Digest
from archive.ids import Id
from storage.catalogue.agents import Agents
from storage.catalogue.compartments import Compartments
from storage.catalogue.database import Database
from storage.catalogue.indexes import Batches, Manifests
from storage.catalogue.items import Items
from storage.catalogue.packs import Packs
from storage.catalogue.pending import PendingHeaders
from storage.catalogue.renditions import Renditions
from storage.catalogue.rows import (
    AgentRow,
    BatchRow,
    CompartmentRow,
    ItemRow,
    PackRow,
    PendingHeaderRow,
    RenditionRow,
    SealedRow,
)
from storage.catalogue.schema import is_public, is_staged
from storage.catalogue.sealed import Sealed
from storage.catalogue.sessions import Sessions
from storage.catalogue.settings import Settings
from storage.catalogue.work import Work


class Catalogue:
    """The whole catalogue. For any number of threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.agents = Agents(database)
        self.compartments = Compartments(database)
        self.items = Items(database)
        self.renditions = Renditions(database)
        self.sealed = Sealed(database)
        self.pending = PendingHeaders(database)
        self.packs = Packs(database)
        self.batches = Batches(database)
        self.manifests = Manifests(database)
        self.work = Work(database)
        self.sessions = Sessions(database)
        self.settings = Settings(database)

    def stage(
        self,
        *,
        agents: Sequence[AgentRow] = (),
        compartments: Sequence[CompartmentRow] = (),
        items: Sequence[ItemRow] = (),
        renditions: Sequence[RenditionRow] = (),
        sealed: Sequence[SealedRow] = (),
        batches: Sequence[BatchRow] = (),
        pending: Sequence[PendingHeaderRow] = (),
        packs: Sequence[PackRow] = (),
    ) -> None:
        """Write rows, all or none; raise F21 if one contradicts what is there, staged or not.

        Rows with an event and no log index stay invisible until `confirm`.
        """
        groups = (agents, compartments, items, renditions, sealed, batches, pending, packs)
        with self._database.writing() as connection:
            for table, rows in zip(self._database.schema.logged, groups, strict=True):
                if rows:
                    names = [column.name for column in table.c]
                    values = [{name: getattr(row, name) for name in names} for row in rows]
                    connection.execute(insert(table), values)

    def confirm(self, indexes: Mapping[Id, int], *, item_events: Iterable[tuple[Id, int]] = ()) -> None:
        """Make the staged rows of logged events visible, and note which log entries concern which items.

        All in one transaction. Repeating it is harmless; `indexes` may be empty.
        """
        touched = [{"item": item, "log_index": index} for item, index in item_events]
        with self._database.writing() as connection:
            for table in self._database.schema.logged if indexes else ():
                staged = set(connection.execute(_staged_events(table)).scalars())
                logged = [{"of": event, "at": indexes[event]} for event in staged & indexes.keys()]
                if logged:
                    of_event = and_(table.c.event == bindparam("of"), table.c.log_index.is_(None))
                    found = update(table).where(of_event).values(log_index=bindparam("at"))
                    connection.execute(found, logged)
            if touched:
                self._note(connection, touched)

    def staged_events(self) -> set[Id]:
        """Return the events that rows are waiting for."""
        with self._database.reading() as connection:
            return {
                event
                for table in self._database.schema.logged
                for event in connection.execute(_staged_events(table)).scalars()
            }

    def discard(self, events: Iterable[Id]) -> list[Digest]:
        """Delete the staged rows of events that were never logged; what is confirmed stays.

        Returns the bodies of the renditions deleted, whose objects and headers nothing refers to any more.
        """
        unlogged = set(events)
        if not unlogged:
            return []
        renditions = self._database.schema.renditions
        with self._database.writing() as connection:
            staged = connection.execute(
                select(renditions.c.event, renditions.c.body).where(is_staged(renditions))
            )
            bodies = [body for event, body in staged if event in unlogged]
            for table in reversed(self._database.schema.logged):
                gone = delete(table).where(table.c.event == bindparam("of"), table.c.log_index.is_(None))
                connection.execute(gone, [{"of": event} for event in unlogged])
        return bodies

    def forget(self, items: Sequence[Id], bodies: Sequence[Digest]) -> None:
        """Delete the rows of destroyed items, and of sealed things that are to be nowhere; repeating is fine.

        Which log entries concern an item stays: its history outlives it.
        """
        schema = self._database.schema
        with self._database.writing() as connection:
            for item in items:
                # What opens the commitments of a pack is sealed in one piece, and goes with any of its items.
                deposits = select(schema.items.c.deposit).where(schema.items.c.item == item)
                packs = and_(is_public(schema.packs), schema.packs.c.deposit.in_(deposits))
                connection.execute(delete(schema.packs).where(packs))
                own = select(schema.renditions.c.body).where(schema.renditions.c.item == item)
                connection.execute(
                    delete(schema.pending_headers).where(schema.pending_headers.c.body.in_(own))
                )
                receipts = and_(schema.sealed.c.kind == "receipt", schema.sealed.c.subject == item)
                connection.execute(delete(schema.sealed).where(receipts))
                connection.execute(delete(schema.renditions).where(schema.renditions.c.item == item))
                connection.execute(delete(schema.items).where(schema.items.c.item == item))
            if bodies:
                gone = delete(schema.sealed).where(schema.sealed.c.body == bindparam("of"))
                connection.execute(gone, [{"of": body} for body in bodies])
                pending = delete(schema.pending_headers)
                pending = pending.where(schema.pending_headers.c.body == bindparam("of"))
                connection.execute(pending, [{"of": body} for body in bodies])

    def counts(self) -> dict[str, int]:
        """Count the visible rows of every table, and as `staged` those waiting for the log."""
        schema = self._database.schema
        with self._database.reading() as connection:
            found = {
                table.name: _count(
                    connection, select(func.count()).select_from(table).where(is_public(table))
                )
                for table in schema.logged
            }
            for table in (schema.item_events, schema.work, schema.sessions, schema.manifests):
                found[table.name] = _count(connection, select(func.count()).select_from(table))
            found["staged"] = sum(
                _count(connection, select(func.count()).select_from(table).where(is_staged(table)))
                for table in schema.logged
            )
        return found

    def scrub(self) -> None:
        """Empty what the database keeps of earlier states beside itself, as far as no reader needs it."""
        self._database.scrub()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()

    def _note(self, connection: Connection, touched: list[dict[str, Any]]) -> None:
        # Portable "insert or ignore": recovery confirms again what a crash left half-told.
        table = self._database.schema.item_events
        item, index = (
            bindparam("item", type_=table.c.item.type),
            bindparam("log_index", type_=table.c.log_index.type),
        )
        known = exists().where(table.c.item == item, table.c.log_index == index)
        connection.execute(
            insert(table).from_select(["item", "log_index"], select(item, index).where(~known)), touched
        )


def _staged_events(table: Table) -> Executable:
    return select(table.c.event).where(is_staged(table)).distinct()


def _count(connection: Connection, query: Executable) -> int:
    return int(connection.execute(query).scalar_one())
