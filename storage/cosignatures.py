"""The cosignatures given to a log: `cosignatures/<size>` beside its tiles, each a whole checkpoint.

A file holds the checkpoint of that size, signed by the log and by whoever cosigned it, so that it is a proof
of its own. They are never needed to go on: without them the log is covered by nobody, and no less whole.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from archive.codec import undecimal
from archive.cosignatures import with_cosignatures
from archive.cosigner_settings import FILE_NAME as COSIGNERS
from archive.errors import CustodyError, FixityError, IntakeError
from archive.notes import Signature, parse_note
from storage.durable import FolderTree, replace, write_all
from storage.locks import exclusive

FOLDER: Final = "cosignatures"
# One writer at a time, under the lock: the next attempt overwrites what a crash left.
_WRITER: Final = "cosigned"


def copy_cosigned(source: Path, target: Path, size: int) -> None:
    """Copy what was cosigned of one archive's log, up to a size, into another folder of it, or a backup.

    `source` and `target` are archive folders. The list of cosigners goes along. Repeating it is harmless.
    """
    kept, copied = Cosignatures(source / "log"), Cosignatures(target / "log")
    for one in kept.sizes():
        if one <= size:
            copied.take(one, kept.note(one))
    with suppress(FileNotFoundError):
        replace(target / COSIGNERS, (source / COSIGNERS).read_bytes())


class Cosignatures:
    """The cosigned checkpoints of the log in the folder `log`. Any number of processes may use it at once."""

    def __init__(self, log: Path) -> None:
        self._root = log / FOLDER
        self._folders = FolderTree(log)
        self._lock = self._root / "lock"

    def sizes(self) -> list[int]:
        """Return the sizes of which there is a cosigned checkpoint, in order."""
        found = []
        with suppress(FileNotFoundError):
            for path in self._root.iterdir():
                with suppress(IntakeError):
                    found.append(undecimal(path.name))
        return sorted(found)

    def note(self, size: int) -> bytes:
        """Return the cosigned checkpoint of a size (F50 if there is none)."""
        try:
            return (self._root / str(size)).read_bytes()
        except FileNotFoundError:
            raise FixityError("F50", "a cosigned checkpoint is missing", expected=size) from None

    def newest(self, since: int, most: int) -> Iterator[tuple[int, bytes]]:
        """Yield the newest cosigned checkpoints of at least `since` entries, newest first, `most` of them."""
        for size in self.sizes()[::-1][:most]:
            if size < since:
                return
            yield size, self.note(size)

    def tidy(self) -> None:
        """Remove what a crash left half-written."""
        leftovers = [*self._root.glob(".*.new")] if self._root.is_dir() else []
        if leftovers:
            with exclusive(self._lock):
                for path in leftovers:
                    path.unlink(missing_ok=True)

    def take(self, size: int, note: bytes) -> None:
        """Put a cosigned checkpoint of another folder of this log here, as it is there; durable then."""
        self._folders.ready(self._root)
        with exclusive(self._lock):
            path = self._root / str(size)
            if not path.exists() or path.read_bytes() != note:
                write_all({path: note}, token=_WRITER)

    def keep(self, size: int, note: bytes, lines: Sequence[Signature]) -> None:
        """Keep cosignatures of the checkpoint `note` of that size, beside those that are there; durable then.

        The caller has verified both. Raises C39 when another checkpoint of that size is kept already.
        """
        self._folders.ready(self._root)
        with exclusive(self._lock):
            path = self._root / str(size)
            known = path.read_bytes() if path.exists() else note
            if parse_note(known).text != parse_note(note).text:
                raise CustodyError("C39", "two checkpoints of one size were cosigned", found=size)
            write_all({path: with_cosignatures(known, lines)}, token=_WRITER)
