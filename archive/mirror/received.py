"""The holdings of a mirror as they were received: lines in a file without a name, found again by place.

Rows of a table, names of bodies and so on stand together, so each part is a stretch of the file; headers are
looked up by their body. The file is gone when the audit is over, however it ends.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from archive.codec import undecimal
from archive.digests import Digest
from archive.errors import CustodyError, FixityError, IntakeError
from archive.holdings import Row
from archive.snapshots import LONGEST_LINE_BYTES, parse_line, row_of
from storage.durable import writing

#: What one entry of the log can bring with it on the average, and what is there without any.
MOST_BYTES_EACH: Final = 1 << 20
MOST_BYTES_AT_ALL: Final = 64 << 20
#: So much room is left on the disk.
_LEFT_BYTES: Final = 64 << 20
_READ_BYTES: Final = 1 << 20


class Received:
    """What a mirror holds beside bodies and log. Raises C38 for what is malformed, cut short or endless."""

    def __init__(self, chunks: Iterable[bytes], folder: Path, *, entries: int) -> None:
        self._stretches: dict[str, tuple[int, int]] = {}
        #: Where headers and cosigned checkpoints stand, by part and name.
        self._places: dict[tuple[str, str], tuple[int, int]] = {}
        self._faults: dict[str, FixityError] = {}
        self._tables: set[str] = set()
        self._count = 0
        self._ended = False
        with writing("the folder of an audit"):
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        try:
            self._receive(chunks, MOST_BYTES_AT_ALL + entries * MOST_BYTES_EACH)
        except BaseException:
            self._file.close()
            raise

    def one(self, part: str) -> bytes:
        """Return the bytes of a part that is there once (F53 where it could not be read)."""
        for values in self.each(part):
            if isinstance(values[0], bytes):
                return values[0]
        raise FixityError("F53", f"the mirror does not tell its {part}")

    def texts(self, part: str) -> Iterator[str]:
        """Yield the texts of a part."""
        return (str(values[0]) for values in self.each(part))

    def digests(self, part: str) -> Iterator[Digest]:
        """Yield the digests that a part begins with."""
        return (_digest(values[0]) for values in self.each(part))

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table."""
        return (row_of(table, values) for values in self.each(f"row {table}"))

    def has_table(self, table: str) -> bool:
        """Say whether the archive has a table."""
        return table in self._tables

    def has(self, part: str) -> bool:
        """Say whether there is any line of a part."""
        return part in self._stretches

    def header(self, body: Digest) -> bytes:
        """Return the header of a body (F42)."""
        return self._named("header", body, FixityError("F42", f"header {body} is missing"))

    def cosigned_note(self, size: str) -> bytes:
        """Return the cosigned checkpoint of a size (F50)."""
        return self._named("cosigned", size, FixityError("F50", f"cosigned checkpoint {size} is missing"))

    def _named(self, part: str, name: str, missing: FixityError) -> bytes:
        found = self._places.get((part, name))
        if found is None:
            raise missing
        _part, values = parse_line(os.pread(self._file.fileno(), found[1], found[0]))
        if not isinstance(values[1], bytes):
            raise CustodyError("C38", f"the mirror sends another {part} than bytes")
        return values[1]

    def each(self, part: str) -> Iterator[list[Any]]:
        """Yield the values of each line of a part; raise at its end what could not be read of it."""
        for line in self._lines(*self._stretches.get(part, (0, 0))):
            found, values = parse_line(line)
            if found == part:
                yield values
        if part in self._faults:
            raise self._faults[part]

    def close(self) -> None:
        """Throw it away."""
        self._file.close()

    def _lines(self, start: int, end: int) -> Iterator[bytes]:
        rest = b""
        while start < end:
            data = os.pread(self._file.fileno(), min(_READ_BYTES, end - start), start)
            start += len(data)
            *lines, rest = (rest + data).split(b"\n")
            yield from (line + b"\n" for line in lines)

    def _receive(self, chunks: Iterable[bytes], most_bytes: int) -> None:
        position, rest = 0, bytearray()
        for chunk in chunks:
            rest += chunk
            if len(rest) > LONGEST_LINE_BYTES + len(chunk) or position > most_bytes:
                raise CustodyError("C38", "the mirror sends more than an archive of this log can hold")
            if b"\n" not in chunk:
                continue
            *lines, last = bytes(rest).split(b"\n")
            rest = bytearray(last)
            self._check_room()
            with writing("the folder of an audit"):
                self._file.write(b"".join(line + b"\n" for line in lines))
            for line in lines:
                self._note(line + b"\n", position)
                position += len(line) + 1
        self._file.flush()
        if rest or not self._ended:
            raise CustodyError("C38", "the mirror's answer was cut short")

    def _note(self, line: bytes, position: int) -> None:
        part, values = parse_line(line)
        if self._ended:
            raise CustodyError("C38", "the mirror says more after its end")
        match part:
            case "end":
                self._ended = values[0] == self._count
            case "fault":
                self._note_fault(*values)
            case "table":
                self._tables.add(str(values[0]))
            case "header":
                self._places[part, _digest(values[0])] = (position, len(line))
            case "cosigned":
                self._places[part, _size(values[0])] = (position, len(line))
        self._count += 1
        start, _end = self._stretches.get(part, (position, position))
        self._stretches[part] = (start, position + len(line))

    def _note_fault(self, part: object, code: object, message: object) -> None:
        if not (isinstance(code, str) and len(code) == 3 and code[0] == "F" and code[1:].isdigit()):
            raise CustodyError("C38", "the mirror names a fault that is none")
        self._faults[str(part)] = FixityError(code, str(message)[:200])

    def _check_room(self) -> None:
        found = os.fstatvfs(self._file.fileno())
        if found.f_bavail * found.f_frsize < _LEFT_BYTES:
            raise FixityError("F02", "there is too little room for what the mirror holds")


def _digest(value: object) -> Digest:
    try:
        return Digest(str(value))
    except IntakeError:
        raise CustodyError("C38", "the mirror sends a name that is no digest") from None


def _size(value: object) -> str:
    try:
        return str(undecimal(str(value)))
    except IntakeError:
        raise CustodyError("C38", "the mirror names a size that is none") from None
