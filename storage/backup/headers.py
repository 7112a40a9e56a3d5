"""The headers of one generation, in one file: fewer things to make durable, and to delete, than one for each.

Any tool for SQLite reads it: table `headers`, columns `body` and `header`.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from archive.digests import Digest
from archive.errors import FixityError
from archive.findings import Fault, Progress
from storage.backup.database import reading
from storage.headers import Headers

_TABLE = "CREATE TABLE headers (body TEXT PRIMARY KEY, header BLOB NOT NULL) WITHOUT ROWID"


class HeaderPack:
    """The headers on their way into a generation. `wanted` are bodies and the digests of their headers."""

    def __init__(self, connection: sqlite3.Connection, headers: Headers) -> None:
        connection.execute(_TABLE)
        self._connection = connection
        self._headers = headers
        self._digests: dict[Digest, Digest] = {}

    def take(self, wanted: Mapping[Digest, Digest], progress: Progress) -> None:
        """Take in the headers that are not here yet as they are wanted, and drop those not wanted."""
        lacking = [body for body, header in wanted.items() if self._digests.get(body) != header]
        for body in self._digests.keys() - wanted.keys():
            self._connection.execute("DELETE FROM headers WHERE body = ?", (body,))
            del self._digests[body]
        for done, body in enumerate(lacking, start=1):
            try:
                header = self._headers.get(body)
            except FixityError:
                continue
            self._connection.execute("INSERT OR REPLACE INTO headers VALUES (?, ?)", (body, header))
            self._digests[body] = Digest.of(header)
            progress("headers", done, len(lacking))

    def faults(self, wanted: Mapping[Digest, Digest]) -> Iterator[Fault]:
        """Name the headers that are missing, or are not what is wanted."""
        for body, header in wanted.items():
            found = self._digests.get(body)
            if found is None:
                yield Fault("F42", f"header {body}", "a header is missing")
            elif found != header:
                yield Fault("F43", f"header {body}", "a header differs from the log", header, found)


def packed(path: Path) -> Iterator[tuple[Digest, bytes]]:
    """Yield every body with its header."""
    with reading(path) as connection:
        for body, header in connection.execute("SELECT body, header FROM headers"):
            yield Digest(body), header
