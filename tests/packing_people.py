"""Somebody with a recipient card and a laptop: what she packs for an archive, and packs made by hand."""

import io
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from archive.access.parts import Archive
from archive.cards import Card, fingerprint
from archive.ids import Id
from archive.packs import Head, Manifest, format_manifest, parse_manifest
from archive.proofs import TlogProof
from ingest.pack_files import PackWriter, members
from ingest.packing import Packable, Packed, Terms, pack

CLAIMED = "2026-11-20T08:05:00Z"
SAID = {
    "title": "Сведчанне аднаго чалавека",
    "language": "be",
    "rights_basis": "consent",
    "consent": {"given_by": "self", "uses": ["store", "court"], "given_on": "2026-11-20"},
}
FILES = {"сведчанне.txt": "Мяне білі дубінкамі ў Акрэсціна.".encode(), "photo.bin": bytes(range(256)) * 700}


def compartment_of(archive: Archive, *, companion: bool = False) -> Id:
    """Return the id of `main`, or of its companion."""
    ordinary = [one for one in archive.ledger().compartments.values() if not one.authority]
    return next(one.compartment for one in ordinary if (one.companion_of is not None) == companion)


def card_of(archive: Archive, compartment: Id | None = None, *, epoch: int | None = None) -> Card:
    """Return a card that was verified; what proves it is tested where cards are."""
    found = archive.ledger().compartments[compartment or compartment_of(archive)]
    number = epoch or found.epoch
    recipient = found.recipients[number - 1]
    period = ("2026-11-20T08:00:00Z", "2027-11-20T08:00:00Z")
    origin = archive.ledger().origin
    return Card(
        origin, found.compartment, number, *period, fingerprint(recipient), recipient, TlogProof(0, (), b"")
    )


def packed(
    card: Card, files: Mapping[str, bytes] = FILES, said: Mapping[str, object] = SAID, **terms: object
) -> tuple[bytes, Packed]:
    """Return the bytes of a pack, and what its packer was told."""
    file = io.BytesIO()
    packables = [Packable(name, partial(io.BytesIO, data), said) for name, data in files.items()]
    made = pack(file, card, packables, Terms(CLAIMED, log_n=10, **terms))
    return file.getvalue(), made


def apart(data: bytes) -> dict[str, bytes]:
    """Return the members of a pack."""
    return {
        one.name: b"".join(iter(partial(one.read, 1 << 16), b"")) for one in members(io.BytesIO(data).read)
    }


def together(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Write members as a pack, whatever they are."""
    file = io.BytesIO()
    writer = PackWriter(file)
    for name, data in parts:
        writer.add(name, data)
    writer.finish()
    return file.getvalue()


def altered(data: bytes, change: Callable[[dict[str, bytes], Manifest], Manifest]) -> bytes:
    """Return a pack of which `change` altered members, under the manifest that it returns."""
    parts = apart(data)
    manifest = change(parts, parse_manifest(parts["manifest.json"]))
    parts["manifest.json"] = format_manifest(manifest)
    return together(parts.items())


__all__ = ["CLAIMED", "FILES", "SAID", "Head", "altered", "apart", "card_of", "packed", "together"]
