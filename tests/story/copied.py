"""An archive with copies in tests: where a body or header is in each store, and breaking it there."""

from pathlib import Path

from archive.access.copying import add_copy
from archive.access.fixity import check_stores
from archive.access.parts import Archive
from archive.digests import Digest
from storage.fixity.pace import Pace


def quiet(_what, _done, _total):
    """Tell nobody."""


def add(archive: Archive, folder: Path, acknowledge: int | None = None):
    return add_copy(archive, folder, acknowledge, quiet)


def check(archive: Archive, *, repair: bool = False, **chosen):
    return check_stores(archive, repair=repair, pace=chosen.pop("pace", Pace()), progress=quiet, **chosen)


def body_in(folder: Path, body: Digest) -> Path:
    return folder / "objects" / body[:2] / body[2:4] / body


def header_in(folder: Path, body: Digest) -> Path:
    return folder / "headers" / body[:2] / body


def flip(path: Path) -> None:
    """Change one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


BREAKING = (flip, truncate, Path.unlink)


def bodies_of(archive: Archive, item: str) -> list[Digest]:
    return [one.sealed.body for one in archive.ledger().items[item].renditions.values()]


def state_of(folder: Path) -> dict[str, bytes]:
    """Return every body and header in a store, by its path."""
    stores = [folder / "objects", folder / "headers"]
    files = [path for store in stores for path in store.rglob("*") if path.is_file() and path.name != "lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
