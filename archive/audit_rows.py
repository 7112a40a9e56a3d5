"""The audit of the catalogue: every row against the log; missing, stale and surplus rows named.

Rows are what the doors look things up by, never what anything rests on; so each field must follow from the
log. Sessions, work, index batches and manifests are disposable, and not looked at.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.audit_entries import Chronicle
from archive.audit_later import waiting_headers
from archive.audit_packs import wrong_in
from archive.digests import SALT_BYTES, Digest, commit
from archive.errors import SviedkaError
from archive.findings import Findings
from archive.holdings import Holdings, Row
from archive.ids import Id
from archive.nouns import SealedRef

Wanted = Mapping[str, Any]


@dataclass(slots=True)
class RowAudit:
    """Compares the tables of one catalogue with one chronicle."""

    holdings: Holdings
    findings: Findings
    chronicle: Chronicle
    sizes: dict[Digest, int] = field(default_factory=dict)
    #: Headers of a new epoch, by body and digest, that are logged and not in their place yet.
    waiting: set[tuple[Digest, Digest]] = field(default_factory=set)
    _events: dict[int, Id] = field(default_factory=dict)

    def run(self) -> None:
        """Compare every table."""
        self._events = {index: event for event, index in self.chronicle.ledger.events.items()}
        self._check_integrity()
        self._note_waiting()
        self._compare("agents", "agent", self._agents(), self._check_handle)
        self._compare("compartments", "compartment", self._compartments())
        self._compare("items", "item", self._items())
        self._compare("renditions", "rendition", self._renditions(), self._note_size)
        self._sealed()
        self._packs()
        self._item_events()

    def _check_integrity(self) -> None:
        """Note what the database says of itself: an index that hides a row rolls back what the doors see."""
        try:
            for line in self.holdings.integrity():
                self.findings.fault("F53", "catalogue", f"the catalogue is damaged: {line}")
        except SviedkaError as fault:
            self.findings.error("catalogue", fault)

    def _note_waiting(self) -> None:
        """Note the headers that wait to take the place of old ones: an interrupted rewrapping left them.

        A catalogue of the first release has no such table.
        """
        if not self.holdings.has_table("pending_headers"):
            return
        self.waiting |= waiting_headers(self._rows("pending_headers"))

    def _agents(self) -> dict[str, Wanted]:
        # The archive's own agent has neither handle nor key file, and no row.
        return {
            agent.agent: {"role": agent.role, "log_index": agent.index}
            for agent in self.chronicle.ledger.agents.values()
            if agent.handle is not None
        }

    def _check_handle(self, row: Row) -> str | None:
        """Return the name of the field that is wrong: the row's handle must be the one that was enrolled."""
        salt, handle = row.get("handle_salt"), row.get("handle")
        if not isinstance(salt, bytes) or len(salt) != SALT_BYTES or not isinstance(handle, str):
            return "handle"
        enrolled = self.chronicle.ledger.agents[row["agent"]].handle
        return None if commit(salt, "handle", handle.encode()) == enrolled else "handle"

    def _compartments(self) -> dict[str, Wanted]:
        return {
            one.compartment: {
                "companion_of": one.companion_of,
                "sealed": one.sealed,
                "log_index": one.index,
            }
            for one in self.chronicle.ledger.compartments.values()
        }

    def _items(self) -> dict[str, Wanted]:
        return {
            item.item: {
                "compartment": item.compartment,
                "deposit": self.chronicle.deposits.get(item.item),
                "depositor": item.depositor,
                "log_index": item.index,
            }
            for item in self.chronicle.ledger.items.values()
        }

    def _renditions(self) -> dict[str, Wanted]:
        return {
            one.rendition: {
                "item": one.item,
                "kind": one.kind,
                "compartment": one.sealed.holder,
                "epoch": self._epoch(one.sealed),
                "body": one.sealed.body,
                "log_index": one.index,
            }
            for one in self.chronicle.ledger.renditions.values()
        }

    def _note_size(self, row: Row) -> str | None:
        """Keep what a row says of its body's size, for whoever reads the body."""
        if not isinstance(row.get("size_bytes"), int):
            return "size_bytes"
        self.sizes[row["body"]] = row["size_bytes"]
        return None

    def _sealed_things(self) -> dict[str, Wanted]:
        return {
            body: {
                "kind": one.kind,
                "subject": one.subject,
                "version": one.version,
                "holder": one.ref.holder,
                "epoch": self._epoch(one.ref),
                "log_index": one.index,
            }
            for body, one in self.chronicle.sealed.items()
        }

    def _epoch(self, ref: SealedRef) -> int | None:
        """Return the epoch that a row is to name; None while a new header waits, and either will do."""
        present = self.chronicle.ledger.present(ref)
        return None if (ref.body, present.header) in self.waiting else present.epoch

    def _receipts(self) -> dict[str, Wanted]:
        """Receipts are in no log themselves, but every accession has one; packs have others."""
        return {
            item.item: {"holder": item.depositor, "version": 1, "log_index": item.index}
            for item in self.chronicle.ledger.items.values()
            if item.depositor != self.chronicle.ledger.archive_agent
        }

    def _sealed(self) -> None:
        """Compare the sealed things, and their bytes with the digests."""
        wanted, receipts = self._sealed_things(), self._receipts()
        for row in self._rows("sealed"):
            self.findings.counts.sealed += 1
            if row.get("kind") == "receipt" and row.get("subject") in receipts:
                name, fields = f"receipt of item {row['subject']}", receipts.pop(row["subject"])
                fields = {**fields, "epoch": self._receipt_epoch(row)}
            elif row.get("body") in wanted:
                name, fields = f"sealed {row['body']}", wanted.pop(row["body"])
            else:
                self._surplus(f"sealed {row.get('body')}")
                continue
            self._fields(name, row, fields)
            self._parts(name, row)
        for body, missing in wanted.items():
            self.findings.fault("F44", f"sealed {body}", f"a sealed {missing['kind']} is missing")
        for item in receipts:
            self.findings.fault("F44", f"receipt of item {item}", "a sealed receipt is missing")

    def _receipt_epoch(self, row: Row) -> int:
        """Return which key of its holder a receipt is sealed to: any that she has had."""
        holder = self.chronicle.ledger.agents[self.chronicle.ledger.items[row["subject"]].depositor]
        epoch = row.get("epoch")
        return epoch if isinstance(epoch, int) and 1 <= epoch <= holder.key else holder.key

    def _parts(self, name: str, row: Row) -> None:
        """Hold a row's body and header against the digests; a receipt's header is in no log."""
        one = self.chronicle.sealed.get(row["body"])
        header = self.chronicle.ledger.present(one.ref).header if one else None
        parts = [("content", row["body"]), *([("header", header)] if header else [])]
        for part, expected in parts:
            value = row.get(part)
            found = Digest.of(value) if isinstance(value, bytes) else None
            if found != expected and not (part == "header" and (row["body"], expected) in self.waiting):
                message = f"the {part} of a sealed {row.get('kind')} differs from the log"
                self.findings.fault("F45", name, message, expected=expected, found=found)

    def _packs(self) -> None:
        """Compare the packs of which no item was destroyed with the log and their manifests."""
        packs, living = self.chronicle.packs, self.chronicle.ledger.items.keys()
        wanted: dict[str, Wanted] = {
            deposit: {"compartment": pack.compartment, "log_index": pack.index}
            for deposit, pack in packs.items()
            if pack.items <= living
        }
        if wanted or self.holdings.has_table("packs"):
            self._compare("packs", "deposit", wanted, lambda row: wrong_in(row, packs, self.chronicle))

    def _item_events(self) -> None:
        missing = set(self.chronicle.concerns)
        for row in self._rows("item_events"):
            pair = (row.get("item"), row.get("log_index"))
            if pair in missing:
                missing.remove(pair)
            else:
                self._surplus(f"item_events {pair[0]} {pair[1]}")
        for item, index in sorted(missing):
            name = f"item_events {item} {index}"
            self.findings.fault("F46", name, "the catalogue does not say that an entry concerns an item")

    def _compare(
        self,
        table: str,
        key: str,
        wanted: dict[str, Wanted],
        check: Callable[[Row], str | None] = lambda _row: None,
    ) -> None:
        """Compare one table, whose rows are named by the column `key`."""
        for row in self._rows(table):
            name = f"{table} {row.get(key)}"
            fields = wanted.pop(row.get(key, ""), None)
            if fields is None:
                self._surplus(name)
                continue
            self._fields(name, row, fields)
            wrong = check(row)
            if wrong is not None:
                self.findings.fault("F47", name, f"a row of the catalogue is not as logged: {wrong}")
        for missing in wanted:
            self.findings.fault("F46", f"{table} {missing}", "a row of the catalogue is missing")

    def _rows(self, table: str) -> Iterator[Row]:
        """Yield the rows that count: those confirmed, and those whose event is logged."""
        logged = self.chronicle.ledger.events
        try:
            for row in self.holdings.rows(table):
                self.findings.counts.rows += 1
                event = row.get("event")
                if event is None or row.get("log_index") is not None:
                    yield row
                elif event in logged:
                    self.findings.warn("F52", f"{table} of event {event}", "logged and not yet confirmed")
                    yield {**row, "log_index": logged[event]}
                else:
                    self.findings.warn("F52", f"{table} of event {event}", "staged and never logged")
        except SviedkaError as fault:
            self.findings.error(f"catalogue {table}", fault)

    def _fields(self, name: str, row: Row, wanted: Wanted) -> None:
        fields = {**wanted, "event": self._events.get(wanted["log_index"])}
        for column, expected in fields.items():
            found = row.get(column)
            if column == "epoch" and expected is None:
                continue
            # SQLite knows no booleans.
            if found != expected or (isinstance(found, str) != isinstance(expected, str)):
                message = f"a row of the catalogue is not as logged: {column}"
                self.findings.fault("F47", name, message, expected=expected, found=found)

    def _surplus(self, name: str) -> None:
        self.findings.fault("F48", name, "a row of the catalogue that the log knows nothing of")
