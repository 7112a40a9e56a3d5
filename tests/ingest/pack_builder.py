"""A recipient card and packs for it, made without an archive: real keys, and files in memory."""

import io
from functools import partial

from archive.cards import Card, fingerprint
from archive.ids import Id
from archive.proofs import TlogProof
from ingest.pack_files import members
from ingest.packing import Packable, Terms, pack
from keys.identities import Identity

ORIGIN = "sviedka.invalid/tests"
COMPARTMENT = Id("c" * 25 + "a")
CLAIMED = "2026-11-20T08:05:00Z"
FILES = {"сведчанне.txt": "Мяне білі ў Акрэсціна.".encode(), "photo.jpg": bytes(range(256)) * 700}
SAID = {"title": "Сведчанне аднаго чалавека", "language": "be", "rights_basis": "public"}


def card_for(identity: Identity) -> Card:
    """Return a card whose recipient is the identity's; packing takes verified ones, so it proves nothing."""
    recipient = identity.recipient.text
    period = ("2026-11-20T08:00:00Z", "2027-11-20T08:00:00Z")
    proof = TlogProof(0, (), b"")
    return Card(ORIGIN, COMPARTMENT, 1, *period, fingerprint(recipient), recipient, proof)


def packed_for(identity: Identity, files=FILES, said=SAID, **terms):
    """Return the bytes of a pack, and what its packer was told."""
    file = io.BytesIO()
    packables = [Packable(name, partial(io.BytesIO, data), said) for name, data in files.items()]
    packed = pack(file, card_for(identity), packables, Terms(CLAIMED, log_n=10, **terms))
    return file.getvalue(), packed


def taken_apart(data: bytes) -> dict[str, bytes]:
    """Return the members of a pack as our reader gives them."""
    return {one.name: b"".join(iter(partial(one.read, 1000), b"")) for one in members(io.BytesIO(data).read)}
