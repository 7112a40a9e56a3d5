"""Somebody with a recipient card and a laptop: what she packs for an archive, and packs made by hand."""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from archive.access.keyring import keyring
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.cards import Card, fingerprint
from archive.claims import Claim, format_claim, parse_claim
from archive.digests import Digest
from archive.ids import Id
from archive.packs import Head, Manifest, Parts, format_manifest, parse_manifest
from archive.proofs import TlogProof
from archive.receipts import Openings
from ingest.pack_files import PackWriter, members
from ingest.packing import Packable, Packed, Terms, pack
from keys.recipients import Recipient
from keys.sealing import open_, seal, split

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


def opened_claim(archive: Archive, reader: Sitting, parts: Mapping[str, bytes], manifest: Manifest) -> Claim:
    """Return what the packer of a pack of one file said, as whoever holds the compartment's key opens it."""
    [one] = manifest.items
    held = keyring(archive, reader)[manifest.head.compartment]
    header, body = split(parts["1.description.age"])
    plain = open_(header, body, held.identities[manifest.head.epoch], commitment=one.description.file_key)
    return parse_claim(plain, manifest.head, one.item, one.sealed)


def resealed(
    archive: Archive, parts: dict[str, bytes], manifest: Manifest, plain: bytes, openings: Openings | None
) -> Manifest:
    """Put another description into a pack of one file, and commit to it."""
    [one] = manifest.items
    sealed = seal(plain, [Recipient.parse(card_of(archive).recipient)])
    parts["1.description.age"] = sealed.header + sealed.body
    described = Parts(Digest.of(sealed.body), Digest.of(sealed.header), sealed.commitment)
    commitments = openings.commitments() if openings else {}
    return replace(manifest, items=(replace(one, description=described, **commitments),))


def lying(archive: Archive, reader: Sitting, data: bytes, lie: Callable[[Claim], Claim]) -> bytes:
    """Return a pack of one file whose packer claims something else, and commits to it as if it were true."""

    def change(parts: dict[str, bytes], manifest: Manifest) -> Manifest:
        said = lie(opened_claim(archive, reader, parts, manifest))
        [one] = manifest.items
        plain = format_claim(said, manifest.head, one.item, one.sealed)
        return resealed(archive, parts, manifest, plain, said.openings)

    return altered(data, change)


__all__ = [
    "CLAIMED",
    "FILES",
    "SAID",
    "Head",
    "altered",
    "apart",
    "card_of",
    "lying",
    "opened_claim",
    "packed",
    "resealed",
    "together",
]
