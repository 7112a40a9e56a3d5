"""The headers of sealed bodies: small, rewritable, each keyed by its body's digest.

Replacing a header rotates the key of its body; deleting it destroys the body for everybody. So no copy may
stay behind: this store keeps no versions, and deleting removes what a crash left half-written too.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from archive.digests import Digest
from archive.errors import FixityError
from storage.durable import FolderTree, overwrite_all, remove, replace, write_all, write_once, writing
from storage.locks import exclusive
from storage.objects import sorted_digests

# One writer under the lock: the same token each time overwrites what a crash left.
_WRITER = "0"

#: Called with the new headers by body.
ReplaceAll = Callable[[Mapping[Digest, bytes]], None]


class Headers(Protocol):
    """A store of headers. Any number of threads and processes may call at once.

    Every change is durable when its method returns, and atomic, but for those of many at once: a reader sees
    the old header or the new.
    """

    def put(self, body: Digest, header: bytes) -> None:
        """Create the header of `body`; the same bytes again are fine, other bytes raise F01."""

    def replace(self, body: Digest, header: bytes) -> None:
        """Replace the header of `body`; raise F03 if it has none, so that nothing destroyed comes back."""

    def changing(self) -> AbstractContextManager[ReplaceAll]:
        """Let nobody else replace or delete headers while inside.

        Yields what replaces many at once, and only those that are there. Whoever reads one of them before
        that returns may find the old header, the new one, or a mix that is neither, as after a crash: so the
        new ones must be where they are found by their digest until then, as pending headers are.
        """

    def get(self, body: Digest) -> bytes:
        """Return the header of `body`; raise F03 if it has none."""

    def delete(self, body: Digest) -> None:
        """Remove the header of `body`; its absence is no error."""

    def bodies(self) -> Iterator[Digest]:
        """Name every body that has a header."""

    def sweep(self) -> None:
        """Remove what a crash left half-written. Only while nobody else writes."""


class LocalHeaders:
    """Headers in a local folder: `ab/<digest of the body>`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders = FolderTree(root)
        with writing("the header store"):
            self._folders.ready(root)

    def put(self, body: Digest, header: bytes) -> None:
        """Create the header of `body`."""
        path = self._path(body)
        with writing("a header"):
            self._folders.ready(path.parent)
        write_once(path, header)

    def fill(self, headers: Mapping[Digest, bytes]) -> None:
        """Create many headers at once, in a store that nobody else uses yet."""
        files = {self._path(body): header for body, header in headers.items()}
        with writing("headers"):
            for folder in {path.parent for path in files}:
                self._folders.ready(folder)
        write_all(files, token="restored")  # noqa: S106  tells writers apart, opens nothing

    def replace(self, body: Digest, header: bytes) -> None:
        """Replace the header of `body`, unless it is destroyed meanwhile."""
        path = self._path(body)
        # Without the lock, a header deleted between the look and the rename would be resurrected.
        with exclusive(self._root / "lock"):
            if not path.is_file():
                raise _missing(body)
            replace(path, header)

    def mend(self, body: Digest, header: bytes) -> None:
        """Put a header where a damaged one is or none, atomically; only while nobody else may change it."""
        path = self._path(body)
        with writing("a header"):
            self._folders.ready(path.parent)
        replace(path, header)

    @contextmanager
    def changing(self) -> Iterator[ReplaceAll]:
        """Let nobody else replace or delete headers while inside; yields what replaces many at once."""
        with exclusive(self._root / "lock"):
            yield self._replace_all

    def _replace_all(self, headers: Mapping[Digest, bytes]) -> None:
        overwrite_all({self._path(body): header for body, header in headers.items()}, token=_WRITER)

    def get(self, body: Digest) -> bytes:
        """Return the header of `body`."""
        try:
            return self._path(body).read_bytes()
        except FileNotFoundError:
            raise _missing(body) from None

    def delete(self, body: Digest) -> None:
        """Remove the header of `body`."""
        with exclusive(self._root / "lock"):
            remove(self._path(body))

    def bodies(self) -> Iterator[Digest]:
        """Name every body that has a header, sorted."""
        return sorted_digests(self._root, depth=1)

    def sweep(self) -> None:
        """Remove temporary files."""
        for leftover in self._root.glob("??/.*.new"):
            leftover.unlink(missing_ok=True)

    def _path(self, body: Digest) -> Path:
        return self._root / body[:2] / body


def _missing(body: Digest) -> FixityError:
    return FixityError("F03", "no such header", expected=body)
