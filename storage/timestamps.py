"""Kept timestamps, and the authorities for them: plain files beside the log. Nothing in them is secret.

timestamps/NAME.checkpoint   the note of a checkpoint
timestamps/NAME.tsr          the timestamp over it, as the authority gave it
authorities/NAME.pem         the certificates pinned for an authority
authorities/NAME.url         where it is asked; without this file it is not
"""

import errno
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.errors import FixityError
from archive.timestamps import AUTHORITY, NOTE, STAMPED, Kept, Name
from storage.durable import FolderTree, remove, replace, write_once, writing
from storage.locks import exclusive

FOLDER: Final = "timestamps"
AUTHORITIES: Final = "authorities"

_LARGEST_BYTES: Final = 2_000_000
_PINS, _URL = ".pem", ".url"
_NEW: Final = ".new"
_LOCK: Final = "timestamps.lock"


@dataclass(frozen=True, slots=True)
class Timestamps:
    """The timestamps in the folder of an archive, or copies of them in a folder of any `name`."""

    archive: Path
    name: str = FOLDER

    @property
    def folder(self) -> Path:
        """The folder, which may not be there yet."""
        return self.archive / self.name

    def names(self) -> list[Name]:
        """Return the names of all, sorted. A note alone is what a crash left, and no timestamp."""
        return sorted(name for path in _files(self.folder) if (name := _name(path, STAMPED)) is not None)

    def load(self, name: Name) -> Kept:
        """Return one (F57 when a file of it is missing or cannot be read)."""
        return Kept(
            _load(self.folder / f"{name}{NOTE}", "F57"), _load(self.folder / f"{name}{STAMPED}", "F57")
        )

    def keep(self, name: Name, kept: Kept) -> None:
        """Keep one; it is durable when this returns. What an attempt that was stopped left goes.

        The note comes first: a crash leaves a note alone, and never a timestamp without.
        """
        with writing("the folder of the timestamps"):
            FolderTree(self.folder).ready(self.folder)
        with exclusive(self.archive / _LOCK):
            self._sweep()
            write_once(self.folder / f"{name}{NOTE}", kept.note)
            write_once(self.folder / f"{name}{STAMPED}", kept.token)

    def _sweep(self) -> None:
        for path in (*self.folder.glob(f".*{_NEW}"), *self.folder.glob(f"*{NOTE}")):
            if not path.with_suffix(STAMPED).exists():
                remove(path)

    def strays(self) -> Iterator[str]:
        """Name the files among them that none of ours would be called."""
        for path in _files(self.folder):
            if _name(path, STAMPED) is None and _name(path, NOTE) is None:
                yield f"{FOLDER}/{path.name}"


@dataclass(frozen=True, slots=True)
class Authorities:
    """The authorities that an archive's operator trusts with the time."""

    archive: Path

    @property
    def folder(self) -> Path:
        """The folder, which may not be there yet."""
        return self.archive / AUTHORITIES

    def names(self) -> list[str]:
        """Return the names of all, also of those no longer asked."""
        return sorted(path.stem for path in _files(self.folder) if _is_authority(path))

    def pins(self, name: str) -> bytes:
        """Return the certificates of one as they were pinned (F58 when they are missing)."""
        return _load(self.folder / f"{name}{_PINS}", "F58")

    def url(self, name: str) -> str | None:
        """Return where one is asked, None when it is not."""
        path = self.folder / f"{name}{_URL}"
        return _load(path, "F58").decode("utf-8", "replace").strip() if path.exists() else None

    def put(self, name: str, pins: bytes, url: str | None) -> None:
        """Write what is pinned for one, and where it is asked from now on."""
        with writing("the folder of the authorities"):
            FolderTree(self.folder).ready(self.folder)
        replace(self.folder / f"{name}{_PINS}", pins)
        if url is None:
            remove(self.folder / f"{name}{_URL}")
        else:
            replace(self.folder / f"{name}{_URL}", url.encode() + b"\n")

    def forget(self, name: str) -> None:
        """Remove one. A crash in between leaves its certificates, and it is not asked."""
        remove(self.folder / f"{name}{_URL}")
        remove(self.folder / f"{name}{_PINS}")


def copy_beside_the_log(source: Path, target: Path) -> None:
    """Copy timestamps and authorities of one archive's folder into another, or into a backup.

    Timestamps are added, never replaced; the authorities become those of the source.
    """
    for name in (FOLDER, AUTHORITIES):
        if (source / name).is_dir():
            with writing(f"the folder {name}"):
                FolderTree(target / name).ready(target / name)
    for path in _files(source / FOLDER):
        # Notes sort before their timestamps, so a crash leaves none without.
        if not (target / FOLDER / path.name).exists():
            write_once(target / FOLDER / path.name, _load(path, "F57"))
    for path in _files(source / AUTHORITIES):
        replace(target / AUTHORITIES / path.name, _load(path, "F58"))
    for path in _files(target / AUTHORITIES):
        if not (source / AUTHORITIES / path.name).exists():
            remove(path)


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder, sorted, without what a crash left half-written."""
    with suppress(FileNotFoundError, NotADirectoryError):
        found = [path for path in folder.iterdir() if not _is_leftover(path)]
        return sorted(found)
    return []


def _is_leftover(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(_NEW)


def _is_authority(path: Path) -> bool:
    return path.suffix == _PINS and re.fullmatch(AUTHORITY, path.stem, re.ASCII) is not None


def _name(path: Path, ending: str) -> Name | None:
    if not path.name.endswith(ending):
        return None
    try:
        return Name.parse(path.name.removesuffix(ending))
    except FixityError:
        return None


def _load(path: Path, code: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_BYTES)
    except OSError as fault:
        reason = errno.errorcode.get(fault.errno or 0, "unknown")
        message = f"{path.parent.name}/{path.name} is missing or cannot be read"
        raise FixityError(code, message, found=reason) from None
