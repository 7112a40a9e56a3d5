"""The folder of a log as tlog-tiles lays it out: `checkpoint`, `tile/…`; a mirror, or an archive's `log/`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.errors import FixityError, IntakeError
from archive.notes import LARGEST_NOTE_BYTES
from archive.tiles import LARGEST_ENTRY_BYTES, TILE_WIDTH

_LARGEST_TILE_BYTES = TILE_WIDTH * (2 + LARGEST_ENTRY_BYTES)


@dataclass(frozen=True, slots=True)
class LogFolder:
    """One log, for reading. Raises F50 for a file that is missing, F53 for one that cannot be read."""

    root: Path

    def checkpoint(self) -> bytes:
        """Return the signed note."""
        return self._load("checkpoint", LARGEST_NOTE_BYTES)

    def tile(self, path: str) -> bytes:
        """Return a tile or bundle."""
        return self._load(path, _LARGEST_TILE_BYTES)

    def tiles(self) -> Iterator[str]:
        """Name the files below `tile/`, without what a writer that was stopped left half-written."""
        for folder, folders, names in os.walk(self.root / "tile"):
            folders.sort()
            for name in sorted(names):
                if not (name.startswith(".") and name.endswith(".new")):
                    yield Path(folder, name).relative_to(self.root).as_posix()

    def _load(self, path: str, limit: int) -> bytes:
        try:
            with (self.root / path).open("rb") as file:
                data = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError):
            raise FixityError("F50", f"{path} is missing") from None
        except OSError as fault:
            raise FixityError("F53", f"{path} cannot be read", found=os.strerror(fault.errno or 0)) from None
        if len(data) > limit:
            raise FixityError("F53", f"{path} is too long", expected=f"at most {limit} bytes")
        return data


def log_folder(folder: Path) -> LogFolder:
    """Return the log in a folder, which may be that of a whole archive; raise I55 where there is none."""
    for root in (folder, folder / "log"):
        if (root / "checkpoint").exists() or (root / "tile").is_dir():
            return LogFolder(root)
    raise IntakeError("I55", "there is no log in the folder", expected="a file checkpoint and a folder tile")
