"""Packing: sealing files offline to a recipient card, on a laptop without an account or an archive.

Each file is hashed and sealed in one pass, straight into the pack. The laptop keeps nothing that opens the
pack: the file keys are gone when this returns, and the recipient's identity was never here. What remains is
the originals themselves, and the code of words in somebody's head.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from archive.cards import Card
from archive.claims import Claim, format_claim, format_openings
from archive.digests import SALT_BYTES, Digest
from archive.errors import IntakeError
from archive.ids import Id, Random, new_id
from archive.packs import (
    LARGEST_DESCRIPTIONS_BYTES,
    LARGEST_RECEIPTS_BYTES,
    MOST_ITEMS,
    Head,
    Manifest,
    PackedItem,
    PackSignature,
    Parts,
    Receipts,
    format_head,
    format_manifest,
    format_signature,
    signed_manifest,
)
from archive.receipts import Openings
from ingest.files import writable
from ingest.onepass import OnePass
from ingest.pack_files import PackWriter
from keys.keyfile import LOG_N, AgentSecret
from keys.passphrases import generate, normalise
from keys.receipt_codes import code_tag
from keys.recipients import PassphraseRecipient, Recipient
from keys.sealing import Sealed, seal


@dataclass(frozen=True, slots=True)
class Packable:
    """One file to be packed: what to call it, how to open it, and what is said about it."""

    name: str = field(repr=False)
    open: Callable[[], Any] = field(repr=False)
    description: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """How to pack: when it was, in which language the code's words are, and who signs, if anyone does."""

    claimed_at: str
    language: str = "en"
    signer: AgentSecret | None = None
    random: Random = os.urandom
    log_n: int = LOG_N


@dataclass(frozen=True, slots=True)
class Packed:
    """What became of it: the pack's id, the items in order, and the code of words, which is kept nowhere."""

    head: Head
    items: tuple[Id, ...]
    code: str = field(repr=False)
    signed: bool


def pack(
    file: BinaryIO,
    card: Card,
    files: Iterable[Packable],
    terms: Terms,
    *,
    on_bytes: Callable[[int], None] | None = None,
) -> Packed:
    """Write a pack of `files` for the recipient of a card that was verified.

    Raises I62 for an empty file and I93 beyond a pack's limits; whatever is then in `file` is no pack.
    """
    recipient = Recipient.parse(card.recipient)
    head = Head(new_id(terms.random), card.origin, card.compartment, card.epoch, card.fingerprint)
    writer = PackWriter(file)
    writer.add("pack.json", format_head(head))
    items, openings, left = [], {}, LARGEST_DESCRIPTIONS_BYTES
    for number, one in enumerate(files, 1):
        if number > MOST_ITEMS:
            raise IntakeError("I93", "too many files for one pack", expected=f"at most {MOST_ITEMS}")
        item, opened, described = _add(_Place(writer, recipient, head, number), one, terms, on_bytes)
        left -= described
        if left < 0:
            raise IntakeError("I93", "the descriptions are too long for one pack")
        items.append(item)
        openings[item.item] = opened
    code, receipts = _add_receipts(writer, head, openings, terms)
    manifest = format_manifest(Manifest(head, tuple(items), receipts))
    writer.add("manifest.json", manifest)
    if terms.signer is not None:
        signature = terms.signer.signing.sign(signed_manifest(manifest))
        writer.add("signature.json", format_signature(PackSignature(terms.signer.agent, signature)))
    writer.finish()
    return Packed(head, tuple(one.item for one in items), code, terms.signer is not None)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next item goes."""

    writer: PackWriter
    recipient: Recipient
    head: Head
    number: int


def _add(
    place: _Place, one: Packable, terms: Terms, on_bytes: Callable[[int], None] | None
) -> tuple[PackedItem, Openings, int]:
    """Seal one file and what is said of it; tell also how long that is, sealed."""
    item, name = new_id(terms.random), writable(one.name)
    passing, running = OnePass(place.recipient, terms.random), hashlib.sha256()
    with one.open() as source, place.writer.member(f"{place.number}.age") as write:
        write(passing.header)
        for part in passing.through(source, lambda chunk: on_bytes(len(chunk)) if on_bytes else None):
            running.update(part)
            write(part)
    sealed = Parts(Digest(running.hexdigest()), Digest.of(passing.header), passing.commitment)
    openings = Openings(terms.random(SALT_BYTES), passing.sha256, passing.blake3, name)
    claim = Claim(openings, passing.size_bytes, terms.claimed_at, one.description)
    described = seal(format_claim(claim, place.head, item, sealed), [place.recipient], random=terms.random)
    place.writer.add(f"{place.number}.description.age", described.header + described.body)
    packed = PackedItem(item, sealed, _parts(described), **openings.commitments())
    return packed, openings, len(described.body)


def _add_receipts(
    writer: PackWriter, head: Head, openings: Mapping[Id, Openings], terms: Terms
) -> tuple[str, Receipts]:
    """Seal the openings under a new code of words."""
    code = generate(terms.random, terms.language)
    key = PassphraseRecipient(normalise(code), terms.log_n)
    plain = format_openings(head, openings)
    if len(plain) > LARGEST_RECEIPTS_BYTES:
        raise IntakeError("I93", "the names of the files are too long for one pack")
    sealed = seal(plain, [key], random=terms.random)
    writer.add("receipts.age", sealed.header + sealed.body)
    parts = _parts(sealed)
    return code, Receipts(parts.body, parts.header, code_tag(code, head.origin, log_n=terms.log_n))


def _parts(sealed: Sealed) -> Parts:
    return Parts(Digest.of(sealed.body), Digest.of(sealed.header), sealed.commitment)
