"""The tables of the catalogue. Columns stand in the order of the row classes in `rows`.

Rows with an event are staged until the event's log index is written into them: `is_staged` and `is_public`
say which. Rows whose event is null (a receipt, which only the log makes possible) are never staged.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    and_,
    or_,
)

from archive.digests import Digest
from archive.errors import FixityError, IntakeError
from archive.ids import ID_CHARS, Id


class IdType(TypeDecorator[Id]):
    """A column of identifiers; a stored value that is none raises F22."""

    impl = String(ID_CHARS)
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Id | None:  # noqa: ARG002
        try:
            return None if value is None else Id(value)
        except (IntakeError, TypeError):
            raise FixityError("F22", "the catalogue holds a malformed identifier") from None


class DigestType(TypeDecorator[Digest]):
    """A column of digests; a stored value that is none raises F22."""

    impl = String(64)
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Digest | None:  # noqa: ARG002
        try:
            return None if value is None else Digest(value)
        except (IntakeError, TypeError):
            raise FixityError("F22", "the catalogue holds a malformed digest") from None


class Schema(NamedTuple):
    """All tables, belonging to one `MetaData`."""

    metadata: MetaData
    version: Table
    agents: Table
    compartments: Table
    items: Table
    renditions: Table
    sealed: Table
    batches: Table
    pending_headers: Table
    packs: Table
    item_events: Table
    work: Table
    sessions: Table
    manifests: Table
    settings: Table

    @property
    def logged(self) -> tuple[Table, ...]:
        """The tables whose rows are staged; a table stands after those it refers to."""
        return (
            self.agents,
            self.compartments,
            self.items,
            self.renditions,
            self.sealed,
            self.batches,
            self.pending_headers,
            self.packs,
        )


def is_staged(table: Table) -> ColumnElement[bool]:
    """Rows waiting for their event to be logged."""
    return and_(table.c.event.is_not(None), table.c.log_index.is_(None))


def is_public(table: Table) -> ColumnElement[bool]:
    """Rows that reading methods may show."""
    return or_(table.c.event.is_(None), table.c.log_index.is_not(None))


def make_schema() -> Schema:
    """Describe the tables of the present version."""
    metadata = MetaData()
    return Schema(
        metadata,
        Table("schema_version", metadata, Column("version", Integer, primary_key=True)),
        *_holders(metadata),
        *_holdings(metadata),
        _packs(metadata),
        Table(
            "item_events",
            metadata,
            Column("item", IdType, primary_key=True),
            Column("log_index", BigInteger, primary_key=True),
        ),
        *_runtime(metadata),
        Table(
            "settings",
            metadata,
            Column("name", String, primary_key=True),
            Column("value", String, nullable=False),
        ),
    )


def _holders(metadata: MetaData) -> tuple[Table, Table]:
    agents = Table(
        "agents",
        metadata,
        Column("agent", IdType, primary_key=True),
        Column("handle", String, nullable=False, unique=True),
        Column("handle_salt", LargeBinary, nullable=False),
        Column("role", String, nullable=False),
        Column("key_file", LargeBinary, nullable=False),
        *_event_columns("agents", nullable=False),
    )
    compartments = Table(
        "compartments",
        metadata,
        Column("compartment", IdType, primary_key=True),
        Column("companion_of", IdType, ForeignKey("compartments.compartment")),
        Column("sealed", Boolean, nullable=False),
        *_event_columns("compartments", nullable=False),
    )
    return agents, compartments


def _holdings(metadata: MetaData) -> tuple[Table, Table, Table, Table, Table]:
    items = Table(
        "items",
        metadata,
        Column("item", IdType, primary_key=True),
        _compartment(index=True),
        Column("deposit", IdType, nullable=False),
        Column("depositor", IdType, nullable=False),
        Column("duplicate", LargeBinary),
        Column("receipt_code", LargeBinary, index=True),
        *_event_columns("items", nullable=False),
        UniqueConstraint("depositor", "duplicate"),
    )
    renditions = Table(
        "renditions",
        metadata,
        Column("rendition", IdType, primary_key=True),
        Column("item", IdType, ForeignKey("items.item"), nullable=False, index=True),
        Column("kind", String, nullable=False),
        _compartment(),
        Column("epoch", Integer, nullable=False),
        Column("body", DigestType, nullable=False, index=True),
        Column("size_bytes", BigInteger, nullable=False),
        *_event_columns("renditions", nullable=False),
    )
    sealed = Table(
        "sealed",
        metadata,
        Column("body", DigestType, primary_key=True),
        Column("kind", String, nullable=False),
        Column("subject", IdType, nullable=False),
        Column("version", Integer, nullable=False),
        Column("holder", IdType, nullable=False),
        *_sealed_columns(),
        *_event_columns("sealed", nullable=True),
        Index("sealed_by_subject", "kind", "subject", "version"),
        Index("sealed_by_holder", "kind", "holder", "body"),
    )
    batches = Table(
        "batches",
        metadata,
        Column("batch", IdType, primary_key=True),
        _compartment(index=True),
        *_sealed_columns(),
        Column("created_at", String, nullable=False),
        *_event_columns("batches", nullable=True),
    )
    pending_headers = Table(
        "pending_headers",
        metadata,
        Column("body", DigestType, primary_key=True),
        Column("digest", DigestType, primary_key=True),
        Column("epoch", Integer, nullable=False),
        Column("header", LargeBinary, nullable=False),
        *_event_columns("pending_headers", nullable=False),
    )
    return items, renditions, sealed, batches, pending_headers


def _packs(metadata: MetaData) -> Table:
    return Table(
        "packs",
        metadata,
        Column("deposit", IdType, primary_key=True),
        _compartment(),
        Column("manifest", LargeBinary, nullable=False),
        Column("signature", LargeBinary),
        Column("header", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("code", DigestType, nullable=False, index=True),
        *_event_columns("packs", nullable=False),
    )


def _runtime(metadata: MetaData) -> tuple[Table, Table, Table]:
    work = Table(
        "work",
        metadata,
        Column("work", Integer, primary_key=True, autoincrement=True),
        Column("kind", String, nullable=False),
        Column("subject", String, nullable=False),
        Column("compartment", IdType, nullable=False),
        Column("state", String, nullable=False, index=True),
        Column("attempts", Integer, nullable=False),
        Column("created_at", String, nullable=False),
        sqlite_autoincrement=True,
    )
    sessions = Table(
        "sessions",
        metadata,
        Column("session", DigestType, primary_key=True),
        Column("agent", IdType, nullable=False, index=True),
        Column("header", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("seen_at", BigInteger, nullable=False),
        Column("purpose", String, nullable=False),
    )
    manifests = Table(
        "manifests",
        metadata,
        Column("compartment", IdType, primary_key=True),
        Column("version", Integer, nullable=False),
        *_sealed_columns(),
    )
    return work, sessions, manifests


def _compartment(*, index: bool = False) -> Column[Id]:
    return Column("compartment", IdType, ForeignKey("compartments.compartment"), nullable=False, index=index)


def _sealed_columns() -> tuple[Column[Any], ...]:
    """An age file in its two parts, and the epoch of the key it is sealed to."""
    return (
        Column("epoch", Integer, nullable=False),
        Column("header", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),
    )


def _event_columns(table: str, *, nullable: bool) -> tuple[Column[Any] | Index, ...]:
    """The event that made the row and its place in the log, with a small index over what is staged."""
    event = Column("event", IdType, nullable=nullable)
    log_index = Column("log_index", BigInteger)
    # Exactly the condition of the queries: SQLite uses a partial index only where it sees the implication.
    waiting = log_index.is_(None)
    staged = Index(f"{table}_staged", event, sqlite_where=waiting, postgresql_where=waiting)
    return event, log_index, staged
