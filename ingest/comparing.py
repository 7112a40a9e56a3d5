"""Comparing what came in a pack with what the pack says of it: the claim, the commitments, and the bytes."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from archive.access.claimed import open_claim, open_claimed
from archive.access.keyring import Held
from archive.access.parts import Archive
from archive.access.preserving import remove_bodies
from archive.claims import Claim
from archive.digests import Digest
from archive.errors import CustodyError, IntakeError, KeysError
from archive.events import CustodyEvent
from archive.nouns import Item
from archive.records import Description, load_description
from ingest.accession import Desk
from ingest.extraction import Extractor
from ingest.identify import Identified
from ingest.receive import Received, receive

OnBytes = Callable[[int], None] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What of an item is not as its pack says: the field, what was expected, and what was found."""

    what: str
    expected: str = field(repr=False)
    found: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Compared:
    """An item that is as its pack says."""

    claim: Claim
    received: Received
    kind: Identified
    description: Description
    described: bool


def compare(
    desk: Desk, held: Held, item: Item, event: CustodyEvent, *, extractor: Extractor, on_bytes: OnBytes
) -> Compared | list[Difference]:
    """Open what was claimed and the original; return all that differs, or the original sealed afresh."""
    try:
        claim = open_claim(desk.archive, held, event)
    except (KeysError, IntakeError, CustodyError):
        return [Difference("description", "what the pack was committed to", "something that does not open")]
    differences = _uncommitted(claim, event)
    opened = _Opened(open_claimed(desk.archive, held, item))
    try:
        received = receive(opened, desk.target, on_bytes=on_bytes)
    except KeysError:
        return [*differences, Difference("original", "a sealed file that opens", "one that does not")]
    differences += _unlike(claim, received)
    if differences:
        close(received)
        forget(desk.archive, [received.sealed.body])
        return differences
    kind = extractor.identify(received.head, name=claim.openings.name)
    described = _described(claim)
    return Compared(claim, received, kind, described or Description({}), described is not None)


def _uncommitted(claim: Claim, event: CustodyEvent) -> list[Difference]:
    """Hold what is claimed against the commitments that were logged when the pack came."""
    said = {
        "sha256": claim.openings.sha256,
        "blake3": claim.openings.blake3,
        "name": claim.openings.name,
    }
    return [
        Difference(label, "what was committed to when it was packed", said[label])
        for label, found in claim.openings.commitments().items()
        if event.data[label] != found
    ]


def _unlike(claim: Claim, received: Received) -> list[Difference]:
    """Hold what is claimed against the bytes themselves."""
    pairs = {
        "size_bytes": (claim.size_bytes, received.size_bytes),
        "sha256": (claim.openings.sha256, received.sha256),
        "blake3": (claim.openings.blake3, received.blake3),
    }
    return [Difference(what, str(said), str(is_)) for what, (said, is_) in pairs.items() if said != is_]


def _described(claim: Claim) -> Description | None:
    """Return what is said of the item, or None for what is not written as descriptions are."""
    try:
        [description] = load_description(dict(claim.description), ["claimed"]).values()
    except IntakeError:
        return None
    return description


def forget(archive: Archive, bodies: Sequence[Digest]) -> None:
    """Remove bodies that no entry of the log names."""
    logged = archive.ledger().bodies
    remove_bodies(archive, [body for body in bodies if body not in logged])


def close(received: Received) -> None:
    """Close what was kept of a file in memory."""
    if received.kept is not None:
        os.close(received.kept)


class _Opened:
    """An original that is being opened, as a file to be received."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def read(self, size: int, /) -> bytes:
        """Return some more of it, nothing at its end."""
        if not self._left:
            self._left = next((one for one in self._chunks if one), b"")
        part, self._left = self._left[:size], self._left[size:]
        return part
