"""The holdings of a mirror, as an audit reads them: the log as kept or served, the rest as received."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final, Self

from archive.audit_bodies import sealed_bytes
from archive.digests import Digest
from archive.errors import CustodyError, SviedkaError
from archive.holdings import Row
from archive.mirror.inspector import Inspector
from archive.mirror.received import Received
from archive.mirror.served import Served
from archive.tiles import parse_tile_path, tile_ref

#: No body is longer of which no row says how long it is.
LARGEST_BODY_BYTES: Final = 64 << 30
#: How much longer than its row says a body may be before it counts as endless.
_MARGIN_BYTES: Final = 1 << 20


class MirrorHoldings:
    """One moment of a mirror; `again` makes the next. Close it, or use it in a `with` block."""

    def __init__(
        self,
        inspector: Inspector,
        received: Received,
        served: Served,
        again: "Callable[[], MirrorHoldings]",
    ) -> None:
        self.served = served
        self._inspector = inspector
        self._received = received
        self._again = again
        self._limits = _limits(received)

    def settings(self) -> bytes:
        """Return `archive.json`."""
        return self._received.one("settings")

    def cosigners(self) -> bytes | None:
        """Return the list of cosigners, None where the archive has none."""
        for (listed,) in self._received.each("cosigners"):
            return listed if isinstance(listed, bytes) else None
        return None

    def cosigned(self) -> Iterator[str] | None:
        """Name the sizes of cosigned checkpoints; None where the archive does not show them."""
        return self._received.texts("cosigned") if self._received.has("cosigners") else None

    def cosigned_note(self, size: str) -> bytes:
        """Return a cosigned checkpoint."""
        return self._received.cosigned_note(size)

    def checkpoint(self) -> bytes:
        """Return the checkpoint of that moment."""
        return self._received.one("checkpoint")

    def tile(self, path: str) -> bytes:
        """Return a file of the log."""
        return self.served.tile(parse_tile_path(path))

    def tiles(self) -> Iterator[str]:
        """Name the files of the log, without narrower forms of those that this checkpoint needs."""
        return (path for path in self._received.texts("tile") if not self._is_superseded(path))

    def body(self, body: Digest) -> Iterator[bytes]:
        """Yield a body in chunks; raise C38 when it has no end."""
        return self._inspector.body(body, most_bytes=self._limits.get(body, LARGEST_BODY_BYTES))

    def bodies(self) -> Iterator[Digest]:
        """Name every body."""
        return self._received.digests("body")

    def header(self, body: Digest) -> bytes:
        """Return the header of a body."""
        return self._received.header(body)

    def headers(self) -> Iterator[Digest]:
        """Name every body that has a header."""
        return self._received.digests("header")

    def rows(self, table: str) -> Iterator[Row]:
        """Yield every row of a table."""
        return self._received.rows(table)

    def has_table(self, table: str) -> bool:
        """Say whether the catalogue has a table."""
        return self._received.has_table(table)

    def integrity(self) -> Iterator[str]:
        """Yield what the catalogue's own checks, made where it is, find wrong."""
        return self._received.texts("integrity")

    def leftovers(self) -> Iterator[str]:
        """Name the half-written files."""
        return self._received.texts("leftover")

    def strays(self) -> Iterator[str]:
        """Name the files that none of ours would be called."""
        return self._received.texts("stray")

    def now(self) -> "AbstractContextManager[MirrorHoldings]":
        """Return the same archive as it stands now."""
        return self._again()

    def close(self) -> None:
        """Throw away what was received."""
        self._received.close()

    def _is_superseded(self, path: str) -> bool:
        try:
            ref = parse_tile_path(path)
            return ref.width < tile_ref(ref.level, ref.index, self.served.tree.size).width
        except CustodyError:
            return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()


def _limits(received: Received) -> dict[Digest, int]:
    """Return how long bodies can be, by what the rows say of them."""
    limits: dict[Digest, int] = {}
    try:
        for row in received.rows("renditions"):
            size = row["size_bytes"]
            if isinstance(size, int) and size >= 0:
                limits[row["body"]] = 2 * sealed_bytes(size) + _MARGIN_BYTES
    except SviedkaError:
        return limits  # the audit names it
    return limits
