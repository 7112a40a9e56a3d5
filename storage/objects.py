"""Sealed bodies: write-once, named by the SHA-256 of their bytes.

The store sees sealed bytes only and cannot tell what they are. It never overwrites one body by another,
because the name is the content's digest.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from archive.digests import Digest
from archive.errors import FixityError, IntakeError
from storage.durable import FolderTree, remove, sync_folder, writing

_BUFFER_BYTES = 1 << 20


class ObjectWriter(Protocol):
    """One body on its way in. Leaving its `with` block without `commit` aborts it. One thread at a time."""

    def write(self, data: bytes) -> None:
        """Add bytes; raise F02 when there is no room."""

    def commit(self) -> Digest:
        """Make the body durable under the digest of everything written, and return that digest.

        Atomic: until then the body does not exist for anyone; afterwards it survives any crash. Bytes that
        are there already are fine. After F02 nothing was committed.
        """

    def abort(self) -> None:
        """Forget everything written; harmless after `commit` or a second time."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Objects(Protocol):
    """A store of bodies. Any number of threads and processes may call at once.

    What `commit` returned is found by every later call of every caller, until `delete`. A store never
    returns bytes of another body; whether the bytes are undamaged is for `check_fixity` and for opening.
    """

    def writer(self) -> ObjectWriter:
        """Begin a body whose digest is not known yet."""

    def open(self, digest: Digest) -> BinaryIO:
        """Open a body for reading, seekable; raise F03 if it is missing."""

    def size(self, digest: Digest) -> int:
        """Return a body's length in bytes; raise F03 if it is missing."""

    def has(self, digest: Digest) -> bool:
        """Say whether a body is here."""

    def delete(self, digest: Digest) -> None:
        """Remove a body durably; its absence is no error, so that a destruction can be resumed."""

    def digests(self) -> Iterator[Digest]:
        """Name every body, in no promised order; what comes or goes meanwhile may or may not be named."""

    def sweep(self, *, older_than_seconds: float, now: float) -> int:
        """Remove what writers abandoned and nobody touched for so long; return how many."""


def check_fixity(objects: Objects, digest: Digest) -> int:
    """Read a whole body, compare it with its name and return its length; raise F03 missing, F04 damaged."""
    state, size_bytes = hashlib.sha256(), 0
    with objects.open(digest) as body:
        while chunk := body.read(_BUFFER_BYTES):
            state.update(chunk)
            size_bytes += len(chunk)
    if state.hexdigest() != digest:
        raise FixityError("F04", "stored body is damaged", expected=digest, found=state.hexdigest())
    return size_bytes


class LocalObjects:
    """Bodies in a local folder: `ab/cd/<digest>`, and `partial/` for those being written."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._partial = root / "partial"
        self._folders = FolderTree(root)
        with writing("the object store"):
            self._folders.ready(self._partial)

    def writer(self) -> "LocalWriter":
        """Begin a body in the `partial` folder."""
        return LocalWriter(self._partial, self._place)

    def open(self, digest: Digest) -> BinaryIO:
        """Open a body for reading."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise _missing(digest) from None

    def size(self, digest: Digest) -> int:
        """Return a body's length in bytes."""
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            raise _missing(digest) from None

    def has(self, digest: Digest) -> bool:
        """Say whether a body is here."""
        return self._path(digest).is_file()

    def delete(self, digest: Digest) -> None:
        """Remove a body durably."""
        remove(self._path(digest))

    def digests(self) -> Iterator[Digest]:
        """Name every body, sorted."""
        return sorted_digests(self._root, depth=2)

    def sweep(self, *, older_than_seconds: float, now: float) -> int:
        """Remove partial files not written to for so long."""
        abandoned = [p for p in self._partial.iterdir() if p.stat().st_mtime < now - older_than_seconds]
        for path in abandoned:
            path.unlink(missing_ok=True)
        return len(abandoned)

    def _path(self, digest: Digest) -> Path:
        return self._root / digest[:2] / digest[2:4] / digest

    def _place(self, partial: Path, digest: Digest) -> None:
        """Move a finished, fsynced file to its name. The same body there already is replaced by itself,
        which also heals a damaged copy."""
        path = self._path(digest)
        self._folders.ready(path.parent)
        partial.replace(path)
        sync_folder(path.parent)


class LocalWriter:
    """The writer of `LocalObjects`."""

    def __init__(self, folder: Path, place: "Place") -> None:
        self._place = place
        self._hash = hashlib.sha256()
        with writing("an object"):
            descriptor, name = tempfile.mkstemp(dir=folder)
        self._partial = Path(name)
        self._file = io.BufferedWriter(io.FileIO(descriptor, "wb"), _BUFFER_BYTES)

    def write(self, data: bytes) -> None:
        """Add bytes, hashing them on the way."""
        with writing("an object"):
            self._file.write(data)
        self._hash.update(data)

    def commit(self) -> Digest:
        """Make the body durable under its digest."""
        digest = Digest(self._hash.hexdigest())
        with writing("an object"):
            # A crash before the rename leaves a partial file, which `sweep` removes.
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            # A crash after it leaves a whole body that nothing refers to yet: the same deposit heals that.
            self._place(self._partial, digest)
        return digest

    def abort(self) -> None:
        """Remove the partial file."""
        # The raw file is closed first: flushing the buffer of an aborted body would only fail again.
        self._file.raw.close()
        self._partial.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()


class Place(Protocol):
    """Move a finished partial file to the place its digest gives."""

    def __call__(self, partial: Path, digest: Digest, /) -> None: ...


def sorted_digests(root: Path, *, depth: int) -> Iterator[Digest]:
    """Name the files that are called by a digest in folders of two characters, `depth` levels deep."""
    for path in sorted(root.iterdir()):
        if depth and path.is_dir() and len(path.name) == 2:
            yield from sorted_digests(path, depth=depth - 1)
        elif not depth:
            try:
                yield Digest(path.name)
            except IntakeError:
                continue


def _missing(digest: Digest) -> FixityError:
    return FixityError("F03", "no such body", expected=digest)
