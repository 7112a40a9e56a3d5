"""The boot secret: without it no session opens. It lives in the runtime directory, in RAM, and nowhere else.

All processes of a running server read the one file, at every use; so whoever removes the file has locked the
archive: the next to ask makes another secret, under which no cookie and no copied row opens anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.access.parts import Archive
from archive.ids import Id
from storage.durable import replace, writing
from storage.locks import exclusive
from storage.runtime import existing_shared

SECRET_BYTES: Final = 32
_FILE: Final = "boot"


@dataclass(frozen=True, slots=True)
class BootSecret:
    """The boot secret of one open archive. Holds no copy of it."""

    archive: Archive

    def read(self) -> bytes:
        """Return the secret of this moment; where there is none, make one, which ends every older session."""
        shared = self.archive.runtime.shared
        return _found(shared) or self._make(shared)

    def replace(self) -> None:
        """Throw the secret away, make another one, and end every session of everybody."""
        forget_boot_secret(self.archive.runtime.shared)
        self.archive.catalogue.sessions.delete_all()
        self.read()

    def _make(self, shared: Path) -> bytes:
        with exclusive(shared / f"{_FILE}.lock"):
            if found := _found(shared):
                return found
            # Sealed under an older secret, they open nothing any more. Nobody begins one before this ends.
            self.archive.catalogue.sessions.delete_all()
            made = self.archive.random(SECRET_BYTES)
            replace(shared / _FILE, made)
            return made


def forget_boot_secret(shared: Path) -> None:
    """Remove the boot secret from the folder that a server's processes share; its absence is no error."""
    with writing("the boot secret"):
        (shared / _FILE).unlink(missing_ok=True)


def forget_boot_secrets(candidates: Iterable[Path], archive_id: Id, owner: int) -> bool:
    """Remove the boot secret under every place where a server of `owner` may keep one; say if there was any.

    Needs no key and opens nothing, so that whoever runs the server can do it.
    """
    shared = existing_shared(candidates, archive_id, owner)
    for folder in shared:
        forget_boot_secret(folder)
    return bool(shared)


def _found(shared: Path) -> bytes | None:
    try:
        found = (shared / _FILE).read_bytes()
    except FileNotFoundError:
        return None
    return found if len(found) == SECRET_BYTES else None
