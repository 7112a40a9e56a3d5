"""The folder of a backup: what is where, whose it is, and who may change it now.

    archive.json log.key archive-agent.key   as in the archive
    log/                                     its tlog-tiles, the checkpoint last; only grows; cosignatures/
    objects/                                 sealed bodies, write-once
    timestamps/ authorities/                 over the log, and who gives them, as in the archive
    generations/<moment>/                    checkpoint, catalogue.sqlite, headers.sqlite: one state each

Only generations hold anything that opens a body, and they are deleted after a time.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from archive.checkpoints import Checkpoint, parse_checkpoint
from archive.errors import FixityError, IntakeError, SviedkaError
from archive.notes import parse_note
from archive.settings import FILE_NAME, Settings, as_of, parse_settings
from storage.durable import FolderTree, replace, sync_folder, writing

_NEW: Final = ".new"
_PATIENCE_SECONDS: Final = 10.0
_STAMP: Final = "%Y%m%dT%H%M%SZ"
#: What file systems put at the top of an empty disk.
OF_DISKS: Final = frozenset({"lost+found", "System Volume Information"})


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of an archive: `stamp` says when, `checkpoint` up to which entry of the log."""

    folder: Path
    checkpoint: Checkpoint

    @property
    def stamp(self) -> str:
        """The moment in UTC: 20261120T080500Z."""
        return self.folder.name

    @property
    def moment(self) -> datetime:
        """The moment of the stamp."""
        return datetime.strptime(self.stamp, _STAMP).replace(tzinfo=UTC)

    @property
    def note(self) -> bytes:
        """The checkpoint as it was signed."""
        return (self.folder / "checkpoint").read_bytes()

    @property
    def catalogue(self) -> Path:
        """The catalogue's file."""
        return self.folder / "catalogue.sqlite"

    @property
    def headers(self) -> Path:
        """The file of the headers."""
        return self.folder / "headers.sqlite"


@dataclass(frozen=True, slots=True)
class Target:
    """A backup of one archive in a folder."""

    folder: Path
    settings: Settings

    @property
    def log(self) -> Path:
        """The folder of the log."""
        return self.folder / "log"

    @property
    def objects(self) -> Path:
        """The folder of the bodies."""
        return self.folder / "objects"

    def generations(self) -> list[Generation]:
        """Return the generations that were finished, the newest last."""
        folders = [path for path in self._root.glob("*Z") if _is_stamp(path.name)]
        found = [Generation(path, _checkpoint_in(path)) for path in folders]
        return sorted(found, key=lambda one: (one.checkpoint.size, one.stamp))

    def begin(self, now: datetime) -> Path:
        """Make the folder of a generation that is to be finished, under the name of its moment.

        What an earlier attempt left goes first.
        """
        self.tidy()
        last = max((one.moment for one in self.generations()), default=None)
        moment = now.astimezone(UTC)
        while (self._root / moment.strftime(_STAMP)).exists():
            moment = datetime.fromtimestamp(int((last or moment).timestamp()) + 1, UTC)
        folder = self._root / f"{moment.strftime(_STAMP)}{_NEW}"
        with writing("a generation of the backup"):
            FolderTree(self.folder).ready(folder)
        return folder

    def finish(self, folder: Path) -> Generation:
        """Give a generation its name, which makes it count; its files are durable already."""
        finished = folder.with_name(folder.name.removesuffix(_NEW))
        with writing("a generation of the backup"):
            sync_folder(folder)
            folder.rename(finished)
            sync_folder(self._root)
        return Generation(finished, _checkpoint_in(finished))

    def tidy(self) -> None:
        """Remove generations that were never finished or not wholly deleted, and half-written files."""
        for folder in self._root.glob(f"*{_NEW}"):
            _delete(folder)
        for file in (*self._root.glob(f"*/.*{_NEW}"), *self.folder.glob(f".*{_NEW}")):
            file.unlink(missing_ok=True)

    def delete(self, generation: Generation) -> None:
        """Delete a generation: first its name, so that it no longer counts, then the headers."""
        with writing("a generation of the backup"):
            gone = generation.folder.rename(generation.folder.with_name(generation.stamp + _NEW))
            sync_folder(self._root)
            _delete(gone)

    @contextmanager
    def locked(self, patience_seconds: float, *, shared: bool = False) -> Iterator[None]:
        """Keep others from changing the backup while inside; raise F72 when they do for too long."""
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        descriptor = os.open(self.folder / FILE_NAME, os.O_RDONLY | os.O_CLOEXEC)
        try:
            deadline = time.monotonic() + patience_seconds
            while not _lock(descriptor, mode):
                if time.monotonic() > deadline:
                    raise FixityError("F72", "somebody else is using the backup")
                time.sleep(0.05)
            yield
        finally:
            os.close(descriptor)

    @property
    def _root(self) -> Path:
        return self.folder / "generations"


def prepare_target(folder: Path, archive: Path, data: bytes) -> Target:
    """Return the backup in `folder`, begun if it is new or empty; `data` is the archive's `archive.json`.

    Raises I88 when it lies in the archive's folder or the other way round, I67 when the folder holds
    something else, F71 when it is another archive's backup.
    """
    one, other = folder.resolve(), archive.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise IntakeError("I88", "a backup does not lie in the archive's folder, nor around it")
    if not (folder / FILE_NAME).exists():
        with writing("the backup"):
            FolderTree(folder).ready(folder)
        if any(path.name not in OF_DISKS for path in folder.iterdir() if not is_leftover(path)):
            raise IntakeError("I67", "the folder is not empty", expected="a new or empty folder, or a backup")
        replace(folder / FILE_NAME, data)
    target, settings = open_target(folder), parse_settings(data)
    if target.settings == settings:
        return target
    # A backup of the archive under an earlier log becomes one of its successor.
    if target.settings != as_of(settings, target.settings.origin):
        raise _another(target.settings)
    with target.locked(_PATIENCE_SECONDS):
        replace(folder / FILE_NAME, data)
    return open_target(folder)


def open_target(folder: Path, archive: str | None = None) -> Target:
    """Return the backup in `folder` (F70 when there is none, F71 when it is not of `archive`)."""
    try:
        settings = parse_settings((folder / FILE_NAME).read_bytes())
    except OSError:
        raise FixityError(
            "F70", "there is no backup here, or it cannot be read", expected=FILE_NAME
        ) from None
    if archive not in (None, settings.archive):
        raise _another(settings)
    return Target(folder, settings)


def is_leftover(path: Path) -> bool:
    """Say whether a path is a half-written file that a crash left."""
    return path.name.startswith(".") and path.name.endswith(_NEW) and path.is_file()


def _another(found: Settings) -> FixityError:
    return FixityError("F71", "this is a backup of another archive", found=found.archive)


def _checkpoint_in(folder: Path) -> Checkpoint:
    try:
        return parse_checkpoint(parse_note((folder / "checkpoint").read_bytes()).text)
    except (OSError, SviedkaError):
        raise FixityError("F73", "a generation of the backup is damaged", found=folder.name) from None


def _is_stamp(name: str) -> bool:
    try:
        return datetime.strptime(name, _STAMP).strftime(_STAMP) == name
    except ValueError:
        return False


def _delete(folder: Path) -> None:
    (folder / "headers.sqlite").unlink(missing_ok=True)
    shutil.rmtree(folder)


def _lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
