"""What a certificate of custody says of an item: what the log says of it, as far as somebody may know of it.

The state of the log decides everything in it: until the log grows, the same certificate is made again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.access.anchors import Anchors
from archive.access.history import Happened, history, sees_looks
from archive.access.parts import Archive
from archive.access.receipts import receipt_of, short_keys, trust_of
from archive.access.signin import Sitting
from archive.checkpoints import format_checkpoint
from archive.digests import Digest
from archive.errors import AccessError
from archive.events import CustodyEvent, parse_entry
from archive.ids import Id
from archive.kinds import Kind
from archive.merkle import leaf_hash
from archive.nouns import SealedRef
from archive.receipts import Openings, parse_receipt, verify_receipt
from archive.verifying import fingerprint
from keys.signing import verify_ed25519

_TAKEN_IN = frozenset({Kind.ACCESSION, Kind.SUBMISSION})


@dataclass(frozen=True, slots=True)
class Since:
    """How often one kind of thing happened to an item since it was taken into custody, and last when."""

    kind: Kind
    times: int
    last: str


@dataclass(frozen=True, slots=True)
class Logged:
    """The log when a certificate was made: its name and key, its size and root, and when it last grew.

    `fingerprint` is the SHA-256 of the checkpoint's text, `log_key` the fingerprint of its Ed25519 key.
    """

    origin: str
    log_key: str
    size: int
    root: str
    fingerprint: Digest
    at: str


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate says. `claimed` items came in a pack; `looks` says whether `since` counts readings.

    `existed_by` is a moment by which the entry was there, as an outside authority confirms, if one does.

    `openings` and the `receipt` made with them are there where the digests of the original may be told.
    """

    archive_name: str
    item: Id
    index: int
    event: CustodyEvent
    handle: str
    entry: str
    existed_by: str | None
    log: Logged
    since: tuple[Since, ...]
    looks: bool
    openings: Openings | None = field(default=None, repr=False)
    receipt: bytes | None = field(default=None, repr=False)

    @property
    def sealed(self) -> SealedRef:
        """How the original was sealed when it was taken in."""
        return SealedRef.of(self.event.data["sealed"])

    @property
    def claimed(self) -> bool:
        """Whether it came in a pack, which anyone may hand in, unopened."""
        return self.event.kind is Kind.SUBMISSION


def certify(archive: Archive, sitting: Sitting, item: Id, openings: Openings | None = None) -> Certified:
    """Return what a certificate of an item says to whoever sees its history (else A20).

    `openings` are those of the item's accession, from its receipt or from reading it; with them the digests
    of the original and a fresh receipt are in it. Raises A17 for whoever knows a redaction of it only.
    """
    point = archive.log.checkpoint()
    happened = [one for one in history(archive, sitting, item) if one.index < point.size]
    taken = next((one for one in happened if one.event.kind in _TAKEN_IN), None)
    if taken is None:
        raise AccessError("A17", "you know a redaction of it only; a certificate is about the item itself")
    entry = archive.log.entry(taken.index)
    log = Logged(
        point.origin,
        fingerprint(short_keys(archive.log_keys)[0]),
        point.size,
        point.root.hex(),
        Digest.of(format_checkpoint(point)),
        parse_entry(archive.log.entry(point.size - 1)).event.at,
    )
    return Certified(
        archive.name,
        item,
        taken.index,
        taken.event,
        taken.handle,
        leaf_hash(entry).hex(),
        Anchors(archive).existed_by(taken.index),
        log,
        tuple(_since(one for one in happened if one is not taken)),
        sees_looks(archive, sitting, item),
        openings,
        _receipt(archive, taken.index, openings) if openings else None,
    )


def _receipt(archive: Archive, index: int, openings: Openings) -> bytes:
    """Make a receipt, and verify it as whoever gets it will."""
    made = receipt_of(archive, index, openings)
    verify_receipt(parse_receipt(made), trust=trust_of(archive), check_ed25519=verify_ed25519)
    return made


def _since(happened: Iterable[Happened]) -> Iterable[Since]:
    """Count what happened by kind, in the order in which each first did."""
    found: dict[Kind, Since] = {}
    for one in happened:
        kind = one.event.kind
        times = found[kind].times + 1 if kind in found else 1
        found[kind] = Since(kind, times, one.event.at)
    return found.values()
