"""Stores with two copies, for the contracts that every store keeps and for tests of what copies add."""

from pathlib import Path

from archive.ids import new_id
from storage.copies.headers import CopiedHeaders
from storage.copies.listed import LIST_NAME, MARK_NAME, Listed, Listing, format_listing, format_mark
from storage.copies.objects import CopiedObjects
from storage.copies.stores import Stores

COPIES = ("one", "two")


def stores_in(folder: Path, acknowledge: int = 1) -> Stores:
    """An archive's own store in a folder, and two copies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    archive, listed = new_id(), []
    for name in COPIES:
        place = folder.parent / f"{folder.name}-{name}"
        place.mkdir()
        one = Listed(new_id(), str(place))
        (place / MARK_NAME).write_bytes(format_mark(archive, one.copy))
        listed.append(one)
    (folder / LIST_NAME).write_bytes(format_listing(Listing(acknowledge, tuple(listed))))
    return Stores(folder, archive)


def copied_objects(folder: Path) -> CopiedObjects:
    return CopiedObjects(stores_in(folder))


def copied_headers(folder: Path) -> CopiedHeaders:
    return CopiedHeaders(stores_in(folder))
