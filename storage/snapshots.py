"""Everything an audit reads but the bodies and the log, written line by line for an auditor elsewhere."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from archive.digests import Digest
from archive.errors import FixityError
from archive.holdings import Holdings
from archive.snapshots import COLUMNS, format_line

_BATCH_BYTES: Final = 256 << 10


def snapshot(holdings: Holdings) -> Iterator[bytes]:
    """Yield the lines of `archive.snapshots`, gathered; what cannot be read is a line that says so."""
    gathered, count = bytearray(), 0
    for line in _lines(holdings):
        gathered += line
        count += 1
        if len(gathered) >= _BATCH_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered) + format_line("end", count)


def _lines(holdings: Holdings) -> Iterator[bytes]:
    yield from _caught("settings", lambda: [format_line("settings", holdings.settings())])
    yield from _caught("checkpoint", lambda: [format_line("checkpoint", holdings.checkpoint())])
    yield from _caught("cosigners", partial(_cosigners, holdings))
    yield from _caught("tile", lambda: (format_line("tile", path) for path in holdings.tiles()))
    yield from _caught("integrity", lambda: (format_line("integrity", one) for one in holdings.integrity()))
    yield from (format_line("leftover", path) for path in holdings.leftovers())
    yield from (format_line("stray", path) for path in holdings.strays())
    for table, columns in COLUMNS.items():
        if holdings.has_table(table):
            yield format_line("table", table)
        yield from _caught(f"row {table}", partial(_rows, holdings, table, columns))
    yield from _caught("header", lambda: _headers(holdings))
    yield from _caught("body", lambda: (format_line("body", body) for body in holdings.bodies()))


def _cosigners(holdings: Holdings) -> Iterator[bytes]:
    sizes = holdings.cosigned()
    if sizes is None:
        return
    yield format_line("cosigners", holdings.cosigners())
    for size in sizes:
        yield from _caught("cosigned", partial(_cosigned, holdings, size))


def _cosigned(holdings: Holdings, size: str) -> list[bytes]:
    return [format_line("cosigned", size, holdings.cosigned_note(size))]


def _rows(holdings: Holdings, table: str, columns: tuple[str, ...]) -> Iterator[bytes]:
    for row in holdings.rows(table):
        yield format_line(f"row {table}", *(row.get(column) for column in columns))


def _headers(holdings: Holdings) -> Iterator[bytes]:
    for body in holdings.headers():
        # One that is gone meanwhile, or cannot be read, is missing for whoever reads this.
        yield from _caught("header", partial(_header, holdings, body))


def _header(holdings: Holdings, body: Digest) -> list[bytes]:
    return [format_line("header", body, holdings.header(body))]


def _caught(part: str, lines: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    """Yield lines, and in the place of what cannot be read one that says so."""
    try:
        yield from lines()
    except FixityError as fault:
        message = str(fault).partition("; expected ")[0].partition("; found ")[0]
        yield format_line("fault", part, fault.code, message)
