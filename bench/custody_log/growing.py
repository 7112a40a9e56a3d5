"""A log of an archive, grown fast to any size: real signatures, real tiles, one event much like another."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.access.parts import Archive
from archive.access.receipts import fetch_receipt
from archive.access.signin import Sitting, pen, sign_in
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.author import system_clock
from archive.codec import b64
from archive.events import SIGNED_PREFIX, CustodyEvent, parse_entry
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.merkle import Frontier, leaf_hash
from archive.records import Description
from archive.uses import Use
from ingest.deposit import Handed, Intake
from ingest.extraction import Extractor, Limits

RAM = Path("/dev/shm")
PASSPHRASE = "a passphrase for measuring only"
AT_ONCE = 4096
#: What each accession has of its own, as long as that is in the entry that the others are made after.
IDS = ("item", "deposit", "rendition")
DIGESTS = ("sha256", "blake3", "name")


@dataclass
class Growing:
    """An archive with one item that may be read, and somebody who signs."""

    archive: Archive
    sitting: Sitting
    item: Id
    receipt: bytes
    frontier: Frontier = field(default_factory=Frontier)

    def __post_init__(self) -> None:
        for entry in self.archive.log.entries(0):
            self.frontier.append(leaf_hash(entry))

    def grow(self, size: int, items_every: int = 0) -> None:
        """Append events until the log holds `size`: readings, and each so many-th an item taken in."""
        readings, accessions = self._like(self.reading()), self._like(self._accession())
        while (first := self.frontier.size) < size:
            numbers = range(first, min(size, first + AT_ONCE))
            self.archive.log.append(
                [next(accessions if items_every and n % items_every == 0 else readings) for n in numbers]
            )

    def reading(self) -> bytes:
        """Return one entry of somebody reading the item."""
        ledger = self.archive.ledger()
        original = next(iter(ledger.items[self.item].renditions.values()))
        grant = ledger.grants_of(self.sitting.id, original.sealed.holder)[0].grant
        said = {"rendition": original.rendition, "grant": grant, "purpose": Use.ANALYSIS.value}
        return pen(self.archive, self.sitting).write(Kind.READING, {"item": self.item, **said}).entry

    def _accession(self) -> bytes:
        return self.archive.log.entry(self.archive.ledger().items[self.item].index)

    def _like(self, entry: bytes) -> Iterator[bytes]:
        """Yield entries like one: each with ids of its own, citing the state just before it, signed."""
        parsed = parse_entry(entry)
        names, body = _varied(parsed.event), parsed.written
        for name, value in names.items():
            body = body.replace(value.encode(), f"%({name})b".encode())
        body = body.replace(b'"size":%d' % parsed.event.seen.size, b'"size":%(size)d')
        head, _, tail = entry.partition(parsed.written)[2].rpartition(
            b64(parsed.signatures[0].value).encode()
        )
        sign = pen(self.archive, self.sitting).sign
        while True:
            own: dict[bytes, Any] = {name.encode(): _fresh(name).encode() for name in names}
            own |= {b"root": b64(self.frontier.root()).encode(), b"size": self.frontier.size}
            written = body % own
            signature = b64(sign(SIGNED_PREFIX + written)).encode()
            made = b'{"event":' + written + head + signature + tail
            self.frontier.append(leaf_hash(made))
            yield made


def _varied(event: CustodyEvent) -> dict[str, str]:
    """Return by name the texts in an event that another event like it would not have."""
    found = {"id": str(event.id), "salt": b64(event.salt), "root": b64(event.seen.root)}
    if event.kind is Kind.ACCESSION:
        found |= {name: event.data[name] for name in (*IDS, *DIGESTS)}
        found["body"] = event.data["sealed"]["body"]
    return found


def _fresh(name: str) -> str:
    if name in ("id", *IDS):
        return new_id()
    return b64(os.urandom(16)) if name == "salt" else os.urandom(32).hex()


@contextmanager
def growing(folder: Path) -> Iterator[Growing]:
    """Found an archive with one deposited text."""
    circumstances = Circumstances(clock=system_clock, log_n=10, runtimes=(RAM,))
    found_archive(folder, Founding("Measured", "anna", PASSPHRASE), circumstances)
    with open_archive(folder, circumstances) as archive:
        anna = sign_in(archive, "anna", PASSPHRASE)
        said = Description({"rights_basis": "public"})
        handed = Handed("one.txt", lambda: io.BytesIO(b"one"), said, "one.txt")
        with Extractor(limits=Limits(), tessdata=None) as extractor:
            [result] = Intake(archive, anna, "main", extractor).deposit([handed])
        assert result.item is not None
        yield Growing(archive, anna, result.item, fetch_receipt(archive, anna, result.item, b""))
