"""An archive's folder, or a copy of it, as an audit reads it: no key, no runtime directory, nothing changed.

It trusts no store to be in order: whatever is missing or unreadable is a FixityError that the audit notes,
F40 a body, F42 a header, F50 a file of the log, F53 anything that is there and cannot be read, F75 what is no
ordinary file, F76 what is larger than any of ours.
"""

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Self, TypeVar
from urllib.parse import quote

from archive.codec import undecimal
from archive.cosigner_settings import FILE_NAME as COSIGNERS
from archive.digests import Digest
from archive.errors import FixityError, IntakeError
from archive.holdings import CopyHeld, Row
from archive.settings import FILE_NAME
from storage.copies.holdings import copies_of
from storage.plain_files import load_plain, plain_file

T = TypeVar("T")

_BUFFER_BYTES: Final = 1 << 20
_PATIENCE_SECONDS: Final = 5.0
_LOCKS: Final = frozenset({"lock"})
_NEW: Final = ".new"


class LocalHoldings:
    """The holdings in a folder. The checkpoint and the catalogue are kept as they were when it was made.

    Rows are read by several passes, one at a time. Close it, or use it in a `with` block.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._busy = False
        self._note: bytes | FixityError
        self._catalogue: sqlite3.Connection | FixityError
        # Before the checkpoint: what was cosigned was published by then.
        self._cosigned = tuple(sorted(filter(_is_size, _names(folder / "log" / "cosignatures"))))
        with self._between_writers():
            self._note = _caught(lambda: _load(folder / "log" / "checkpoint", "F50", "the log's checkpoint"))
            self._catalogue = _caught(lambda: _open_catalogue(folder / "catalogue.sqlite"))

    def settings(self) -> bytes:
        """Return `archive.json`."""
        return _load(self._folder / FILE_NAME, "F53", FILE_NAME)

    def cosigners(self) -> bytes | None:
        """Return the list of cosigners, None where there is none."""
        path = self._folder / COSIGNERS
        return _load(path, "F53", COSIGNERS) if path.exists() else None

    def cosigned(self) -> tuple[str, ...]:
        """Name the sizes of cosigned checkpoints that were there when this object was made."""
        return self._cosigned

    def cosigned_note(self, size: str) -> bytes:
        """Return a cosigned checkpoint."""
        path = self._folder / "log" / "cosignatures" / size
        return _load(path, "F50", f"cosigned checkpoint {size}")

    def checkpoint(self) -> bytes:
        """Return the checkpoint that was published when this object was made."""
        return _given(self._note)

    def tile(self, path: str) -> bytes:
        """Return a file of the log."""
        return _load(self._folder / "log" / path, "F50", path)

    def tiles(self) -> Iterator[str]:
        """Name the files below `tile/`, without what a crash left half-written."""
        root = self._folder / "log"
        return (str(path.relative_to(root)) for path in _files(root / "tile") if not _is_leftover(path))

    def body(self, body: Digest) -> Iterator[bytes]:
        """Yield a body in chunks."""
        return stored_body(self._folder, body)

    def bodies(self) -> Iterator[Digest]:
        """Name every body that stands where its name belongs."""
        return (Digest(path.name) for path in self._stored("objects") if self._is_body(path))

    def header(self, body: Digest) -> bytes:
        """Return the header of a body."""
        return _load(self._folder / "headers" / body[:2] / body, "F42", f"header {body}")

    def headers(self) -> Iterator[Digest]:
        """Name every body that has a header where it belongs."""
        return (Digest(path.name) for path in self._stored("headers") if self._is_header(path))

    def rows(self, table: str) -> Iterator[Row]:
        """Yield every row of a table, as it stood when this object was made."""
        connection = _given(self._catalogue)
        with _querying(), closing(connection.execute(f'SELECT * FROM "{table}"')) as found:  # noqa: S608
            names = [column[0] for column in found.description]
            for values in found:
                yield dict(zip(names, values, strict=True))

    def has_table(self, table: str) -> bool:
        """Say whether the catalogue has a table."""
        if isinstance(self._catalogue, FixityError):
            return False
        with _querying():
            wanted = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
            return self._catalogue.execute(wanted, (table,)).fetchone() is not None

    def integrity(self) -> Iterator[str]:
        """Yield what the database finds wrong with itself: tables, indexes and row numbers, no content."""
        connection = _given(self._catalogue)
        with _querying():
            for (line,) in connection.execute("PRAGMA integrity_check"):
                if line != "ok":
                    yield str(line)

    def leftovers(self) -> Iterator[str]:
        """Name half-written files and the marks of writers that did not end well."""
        for store in ("log", "objects", "headers"):
            yield from (self._name(path) for path in self._stored(store) if _is_leftover(path))
        yield from (self._name(path) for path in sorted(self._folder.glob("staging.lock.*")))
        if self._busy:
            yield "staging.lock: held by writers throughout; the newest rows may seem missing"

    def strays(self) -> Iterator[str]:
        """Name the files in the stores that stand where none of ours would."""
        for path in self._stored("objects"):
            if not self._is_body(path) and not _is_leftover(path):
                yield self._name(path)
        for path in self._stored("headers"):
            if not self._is_header(path) and not _is_leftover(path) and path.name not in _LOCKS:
                yield self._name(path)
        log = self._folder / "log"
        for path in self._stored("log"):
            ours = path.is_relative_to(log / "tile") or path in (
                log / "checkpoint",
                log / "lock",
                log / "unfinished",
                log / "cosignatures" / "lock",
            )
            ours = ours or (path.parent == log / "cosignatures" and _is_size(path.name))
            if not ours and not _is_leftover(path):
                yield self._name(path)

    def copies(self) -> Iterator[CopyHeld]:
        """Name what each further copy holds."""
        return copies_of(self._folder)

    def now(self) -> "LocalHoldings":
        """Return the same archive as it stands now."""
        return LocalHoldings(self._folder)

    def close(self) -> None:
        """Let go of the catalogue."""
        if isinstance(self._catalogue, sqlite3.Connection):
            self._catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()

    @contextmanager
    def _between_writers(self) -> Iterator[None]:
        """Hold off writers for a moment, so that no event is logged with its rows unconfirmed."""
        try:
            lock = os.open(self._folder / "staging.lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # A mirror has no lock, and no writers.
            yield
            return
        try:
            self._busy = not _locked(lock, time.monotonic() + _PATIENCE_SECONDS)
            yield
        finally:
            os.close(lock)

    def _stored(self, store: str) -> Iterator[Path]:
        return _files(self._folder / store)

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self._folder))

    def _is_body(self, path: Path) -> bool:
        name = path.name
        return _is_digest(name) and path == self._folder / "objects" / name[:2] / name[2:4] / name

    def _is_header(self, path: Path) -> bool:
        return _is_digest(path.name) and path == self._folder / "headers" / path.name[:2] / path.name


def local_holdings(folder: Path) -> LocalHoldings:
    """Return the holdings in an archive's folder; never raises for damage in it."""
    return LocalHoldings(folder)


def stored_body(folder: Path, body: Digest, *, start: int = 0) -> Iterator[bytes]:
    """Yield a body in chunks, from a byte on (F40 where it is missing, F53 where it cannot be read)."""
    path = folder / "objects" / body[:2] / body[2:4] / body
    with _reading("F40", f"body {body}"), plain_file(path, f"body {body}") as file:
        file.seek(start)
        while chunk := file.read(_BUFFER_BYTES):
            yield chunk


def _open_catalogue(path: Path) -> sqlite3.Connection:
    """Open the catalogue for reading, and keep it as it is now."""
    if not path.is_file():
        raise FixityError("F53", "the catalogue is missing", expected=path.name)
    # Without a write-ahead log beside it nobody has the file open, and reading need not leave one.
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    with _querying():
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?{mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        # A damaged text must not stop the reading of the others.
        connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master")
    return connection


def _caught(make: Callable[[], T]) -> T | FixityError:
    """Return what is made, or what went wrong, to be raised when it is asked for."""
    try:
        return make()
    except FixityError as fault:
        return fault


def _given(kept: T | FixityError) -> T:
    if isinstance(kept, FixityError):
        raise kept
    return kept


def _load(path: Path, missing: str, name: str) -> bytes:
    with _reading(missing, name):
        return load_plain(path, name)


@contextmanager
def _reading(missing: str, name: str) -> Iterator[None]:
    """Turn what the system refuses into `missing`, or F53 when the file is there and cannot be read."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise FixityError(missing, f"{name} is missing") from None
    except OSError as fault:
        reason = errno.errorcode.get(fault.errno or 0, "unknown")
        raise FixityError("F53", f"{name} cannot be read", found=reason) from None


@contextmanager
def _querying() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise FixityError("F53", "the catalogue cannot be read", found=type(fault).__name__) from None


def _files(root: Path) -> Iterator[Path]:
    """Yield what is below a folder and is no folder itself, in flat memory."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names))


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _is_size(name: str) -> bool:
    """Say whether a file of cosignatures is called so."""
    try:
        undecimal(name)
    except IntakeError:
        return False
    return True


def _is_leftover(path: Path) -> bool:
    """Say whether a writer that was stopped left this: `.name.token.new`, or a body half received."""
    return (path.name.startswith(".") and path.name.endswith(_NEW)) or path.parent.name == "partial"


def _is_digest(name: str) -> bool:
    try:
        Digest(name)
    except IntakeError:
        return False
    return True


def _locked(lock: int, deadline: float) -> bool:
    """Lock an open file alone, waiting until the deadline."""
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True
