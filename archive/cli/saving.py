"""Saving what leaves the archive: new files of the owner alone, never over another."""

from pathlib import Path

from archive.cli.failing import reason_of
from archive.errors import IntakeError
from storage.new_files import new_file

__all__ = ["new_file", "new_folder", "save"]


def save(path: Path, data: bytes) -> None:
    """Write a new file."""
    with new_file(path) as file:
        file.write(data)


def new_folder(path: Path) -> Path:
    """Make a folder of the owner's alone, or take the one that is there (I76 when neither works)."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise IntakeError("I76", "the folder cannot be made", found=reason_of(fault)) from None
    return path
