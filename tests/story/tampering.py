"""A small real archive to be tampered with, and the ways to do it: in place, each undone afterwards."""

import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from founded import RAM, founded_house

from archive.access import compartments
from archive.access.receipts import fetch_receipt
from archive.audit import AuditReport, audit
from archive.nouns import Action, Role
from archive.tiles import parse_tile_path
from keys.signing import verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings

#: The tables that hold what the log tells of; the others are disposable or belong to a sitting.
LOGGED = ("agents", "compartments", "items", "renditions", "sealed", "item_events")
KEYS = {"agents": "agent", "compartments": "compartment", "items": "item", "renditions": "rendition"}


@dataclass
class Scene:
    """An archive that nobody has open, and what was handed out while it was."""

    folder: Path
    kept: Path
    receipts: dict[str, bytes] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    checkpoint: bytes = b""
    earlier: Path | None = None

    def audit(self, **options) -> AuditReport:
        with local_holdings(self.folder) as holdings:
            return audit(holdings, verify_ed25519=verify_ed25519, verify_mldsa44=verify_mldsa44, **options)

    @contextmanager
    def restored(self, *names: str):
        """Put files of the archive back as they were, whatever happens inside."""
        try:
            yield
        finally:
            for name in names:
                (self.folder / name).parent.mkdir(exist_ok=True, parents=True)
                shutil.copyfile(self.kept / name, self.folder / name)

    @contextmanager
    def opened(self):
        """Put the whole archive back after people were at work in it."""
        try:
            yield
        finally:
            shutil.rmtree(self.folder)
            shutil.copytree(self.kept, self.folder)

    @contextmanager
    def with_file(self, name: str, data: bytes | None):
        """Give a file other bytes, or none."""
        with self.restored(name):
            if data is None:
                (self.folder / name).unlink()
            else:
                (self.folder / name).write_bytes(data)
            yield

    @contextmanager
    def with_rows(self, *changes: tuple[str, tuple[object, ...]]):
        """Change the catalogue by SQL, as whoever holds the server's disk can."""
        with self.restored("catalogue.sqlite"):
            with closing(sqlite3.connect(self.folder / "catalogue.sqlite", isolation_level=None)) as database:
                database.execute("PRAGMA journal_mode = DELETE")
                for statement, values in changes:
                    assert database.execute(statement, values).rowcount == 1, statement
            yield

    def files(self, *folders: str) -> list[str]:
        """Name the files below some folders of the archive, locks and the catalogue left out."""
        found = [path for folder in folders for path in sorted((self.folder / folder).rglob("*"))]
        return [
            str(path.relative_to(self.folder)) for path in found if path.is_file() and path.name != "lock"
        ]

    def table(self, name: str) -> list[dict[str, object]]:
        """Return the rows of a table, each with its row id under the name `rowid`."""
        with closing(sqlite3.connect(f"file:{self.kept}/catalogue.sqlite?immutable=1", uri=True)) as database:
            found = database.execute(f"SELECT rowid AS rowid, * FROM {name}")
            columns = [column[0] for column in found.description]
            return [dict(zip(columns, row, strict=True)) for row in found]

    def is_superseded(self, file: str) -> bool:
        """Say whether this is a partial tile that a wider one took the place of: nothing reads it any more."""
        path = file.removeprefix("log/")
        if not path.startswith("tile/"):
            return False
        ref = parse_tile_path(path)
        level = "entries" if ref.level is None else str(ref.level)
        return any(
            (other := parse_tile_path(name.removeprefix("log/"))).index == ref.index
            and other.width > ref.width
            for name in self.files(f"log/tile/{level}")
        )


def build(place: Path) -> Scene:
    """Found an archive with four people, two pairs of compartments, six items, readings and a revocation."""
    folder = place / "archive"
    scene = Scene(folder, place / "kept")
    with founded_house(folder) as house:
        compartments.found(house.archive, house.anna, "minsk")
        vera, lena = house.documenter(), house.lawyer()
        house.grant("vera", Action.CONTRIBUTE, label="minsk", purposes=())
        house.enrol("ivan", Role.LAWYER)
        house.grant("ivan", Action.READ)
        for number in range(3):
            keep(scene, house, vera, house.deposit_one(vera, f"account number {number} of the first days"))
        scene.earlier = place / "earlier"
        shutil.copytree(folder, scene.earlier)
        house.revoke("ivan")
        for number, label in enumerate(("main", "main", "minsk"), start=3):
            result = house.deposit_one(vera, f"account number {number} of the last days", label)
            keep(scene, house, vera, result)
        house.read_original(lena, next(iter(scene.receipts)))
        scene.checkpoint = house.archive.log.note()
    shutil.copytree(folder, scene.kept)
    return scene


def keep(scene: Scene, house, sitting, result) -> None:
    scene.receipts[result.item] = fetch_receipt(house.archive, sitting, result.item, b"")
    scene.codes[result.item] = result.receipt_code


@contextmanager
def scene_in_memory():
    """Build the scene where files cost least."""
    place = RAM / f"tampering-{id(object())}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        yield build(place)
    finally:
        shutil.rmtree(place)


def flipped(value):
    """Change a value of the catalogue: one byte in the middle of texts and blobs."""
    if isinstance(value, bytes):
        return flip(value)
    if isinstance(value, int):
        return value + 4096
    middle = len(value) // 2
    return value[:middle] + ("b" if value[middle] == "a" else "a") + value[middle + 1 :]


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def named(report: AuditReport, *names: str) -> bool:
    """Say whether the audit failed and put a fault on one of these objects."""
    return report.outcome == "failed" and any(
        name in fault.object for fault in report.faults for name in names
    )


def object_of(file: str) -> str:
    """Return how a report names a file of the archive."""
    store, _, rest = file.partition("/")
    plain = {"objects": "body ", "headers": "header "}
    return plain[store] + rest.rsplit("/", maxsplit=1)[-1] if store in plain else file
