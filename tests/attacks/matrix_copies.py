"""Copies of the archive that are tampered with: in memory, where a thousand audits cost little, and on disk.

A copy in memory is read by the audit through the same `Holdings` as a folder is. `on_disk` writes what differs
into a real folder, and puts everything back.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from archive.audit import AuditReport, audit
from archive.cosigner_settings import FILE_NAME as COSIGNERS
from archive.digests import Digest
from archive.errors import FixityError, IntakeError
from keys.signing import verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings

#: What an audit compares with the log; the other tables are disposable or belong to a sitting.
TABLES = (
    "agents",
    "compartments",
    "items",
    "renditions",
    "sealed",
    "packs",
    "item_events",
    "pending_headers",
)
STORES = ("log/", "objects/", "headers/")

# An audit of one more copy checks nearly the same signatures again: what held once holds.
checked_once = cache(verify_ed25519)


@dataclass
class Copy:
    """An archive in memory: files by their path in its folder, rows by table. `damage` is the database's own."""

    files: dict[str, bytes]
    tables: dict[str, list[dict[str, object]]]
    damage: list[str] = field(default_factory=list)

    @staticmethod
    def every_file(folder: Path) -> set[str]:
        """Name the files in the stores, locks left out."""
        names = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        return {
            name
            for name in names
            if name.startswith((*STORES, "archive.json")) and not name.endswith("/lock")
        }

    @classmethod
    def of(cls, folder: Path) -> "Copy":
        kept = {name: (folder / name).read_bytes() for name in sorted(cls.every_file(folder))}
        for name in _superseded(kept):
            del kept[name]
        with local_holdings(folder) as held:
            return cls(kept, {table: list(map(dict, held.rows(table))) for table in TABLES})

    def copied(self) -> "Copy":
        return Copy(dict(self.files), {name: list(rows) for name, rows in self.tables.items()})

    def settings(self) -> bytes:
        return self._file("archive.json", "F53")

    def checkpoint(self) -> bytes:
        return self._file("log/checkpoint", "F50")

    def cosigners(self) -> bytes | None:
        return self.files.get(COSIGNERS)

    def cosigned(self) -> list[str]:
        return [
            name.rpartition("/")[2] for name in sorted(self.files) if name.startswith("log/cosignatures/")
        ]

    def cosigned_note(self, size: str) -> bytes:
        return self._file(f"log/cosignatures/{size}", "F50")

    def tile(self, path: str) -> bytes:
        return self._file(f"log/{path}", "F50")

    def tiles(self) -> list[str]:
        return [name.removeprefix("log/") for name in sorted(self.files) if name.startswith("log/tile/")]

    def body(self, body: Digest) -> Iterator[bytes]:
        yield self._file(body_file(body), "F40")

    def header(self, body: Digest) -> bytes:
        return self._file(header_file(body), "F42")

    def bodies(self) -> list[Digest]:
        return list(self._named("objects/", body_file))

    def headers(self) -> list[Digest]:
        return list(self._named("headers/", header_file))

    def rows(self, table: str) -> Iterator[dict[str, object]]:
        return (row for row in self.tables[table] if row)

    def has_table(self, table: str) -> bool:
        return table in self.tables

    def integrity(self) -> list[str]:
        return self.damage

    def leftovers(self) -> list[str]:
        return []

    def strays(self) -> list[str]:
        known = {body_file(body) for body in self.bodies()} | {header_file(body) for body in self.headers()}
        stored = (name for name in self.files if name.startswith(STORES))
        return [
            name
            for name in stored
            if name not in known and not name.startswith(("log/tile/", "log/checkpoint", "log/cosignatures/"))
        ]

    def now(self):
        return nullcontext(self)

    def _file(self, name: str, missing: str) -> bytes:
        if name not in self.files:
            raise FixityError(missing, f"{name} is missing")
        return self.files[name]

    def _named(self, store: str, path_of) -> Iterator[Digest]:
        for name in sorted(self.files):
            with suppress(IntakeError):
                digest = Digest(name.rpartition("/")[2])
                if name == path_of(digest) and name.startswith(store):
                    yield digest


def _superseded(files: dict[str, bytes]) -> list[str]:
    """Name the partial tiles that wider ones took the place of, but for a few of them.

    Small appends leave many, which would take most of the time.
    """
    partial = [name for name in files if ".p/" in name]
    newest = max(int(name.rpartition("/")[2]) for name in partial)
    return [name for name in partial if int(name.rpartition("/")[2]) not in (newest, newest - 1, newest // 2)]


def body_file(body: str) -> str:
    return f"objects/{body[:2]}/{body[2:4]}/{body}"


def header_file(body: str) -> str:
    return f"headers/{body[:2]}/{body}"


def report_of(holdings, **options) -> AuditReport:
    return audit(holdings, verify_ed25519=checked_once, verify_mldsa44=verify_mldsa44, **options)


@contextmanager
def on_disk(folder: Path, whole: Copy, copy: Copy) -> Iterator[Path]:
    """Make a folder, which holds `whole`, hold `copy` instead while inside."""
    kept = folder.with_name("kept.sqlite")
    shutil.copyfile(folder / "catalogue.sqlite", kept)
    changed = {
        name
        for name in whole.files.keys() | copy.files.keys()
        if whole.files.get(name) != copy.files.get(name)
    }
    try:
        for name in changed:
            _put(folder / name, copy.files.get(name))
        if copy.tables != whole.tables:
            _put_rows(folder / "catalogue.sqlite", whole, copy)
        yield folder
    finally:
        for name in changed:
            _put(folder / name, whole.files.get(name))
        kept.replace(folder / "catalogue.sqlite")


def _put(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)


def _put_rows(catalogue: Path, whole: Copy, copy: Copy) -> None:
    """Make the tables anew, without types and keys, which would stand in the way of whoever has the disk."""
    changed = [table for table in TABLES if whole.tables[table] != copy.tables[table]]
    with closing(sqlite3.connect(catalogue, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        for table in changed:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            database.execute(f"DROP TABLE {table}")
            database.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            places = ", ".join("?" * len(columns))
            rows = (tuple(row[column] for column in columns) for row in filter(None, copy.tables[table]))
            database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
