"""Copies as an audit looks at them: by name, and nothing changed."""

from collections.abc import Iterator
from pathlib import Path

from archive.errors import FixityError
from archive.holdings import CopyHeld
from archive.ids import Id
from archive.settings import FILE_NAME, parse_settings
from storage.copies.listed import LIST_NAME, MARK_NAME, Listed, format_mark, parse_listing
from storage.objects import sorted_digests


def copies_of(folder: Path) -> Iterator[CopyHeld]:
    """Name what each copy of the archive in a folder holds (F65 when its list is damaged)."""
    try:
        listing = parse_listing((folder / LIST_NAME).read_bytes())
        archive = parse_settings((folder / FILE_NAME).read_bytes()).archive
    except FileNotFoundError:
        return
    except OSError:
        raise FixityError("F53", f"{LIST_NAME} cannot be read") from None
    for one in listing.copies:
        yield _held(archive, one)


def _held(archive: Id, listed: Listed) -> CopyHeld:
    folder = Path(listed.folder)
    try:
        if (folder / MARK_NAME).read_bytes() == format_mark(archive, listed.copy):
            bodies = frozenset(sorted_digests(folder / "objects", depth=2))
            return CopyHeld(listed.folder, bodies, frozenset(sorted_digests(folder / "headers", depth=1)))
    except OSError:
        pass
    return CopyHeld(listed.folder)
