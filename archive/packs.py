"""Packs: what somebody without an account seals offline for one compartment, and what a pack says of it.

A pack is one file of members, in this order: `pack.json` (for whom it is), then for each item `N.age` (the
original) and `N.description.age` (what is claimed of it), `receipts.age` (the openings of the commitments,
under a code of words), `manifest.json`, and `signature.json` where an agent signed. The `.age` members are
age files. What is not sealed names no file, no size, no title and no text: random ids, digests of sealed
bytes and salted commitments, exactly those that are logged when the pack is handed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.canonical import format_json, parse_json
from archive.codec import b64, unb64
from archive.digests import Digest
from archive.errors import CustodyError, IntakeError
from archive.ids import Id
from archive.shapes import (
    Shape,
    base64_of,
    check_shape,
    digest,
    exactly,
    identifier,
    list_of,
    object_of,
    one_of,
    positive,
    text_of,
)

SIGNED_PREFIX: Final = b"sviedka/pack/v1\n"
MOST_ITEMS: Final = 4096
LARGEST_HEAD_BYTES: Final = 4096
LARGEST_MANIFEST_BYTES: Final = 8 << 20
#: All descriptions of a pack together, and the openings of all its items, sealed.
LARGEST_DESCRIPTIONS_BYTES: Final = 32 << 20
LARGEST_RECEIPTS_BYTES: Final = 16 << 20

_KIND: Final = "sviedka-pack"

_HEAD: Shape = {
    "kind": one_of([_KIND]),
    "v": exactly(1),
    "deposit": identifier,
    "origin": text_of(r"[!-~]{1,255}"),
    "compartment": identifier,
    "epoch": positive,
    "fingerprint": text_of(r"[0-9a-f]{4}(?: [0-9a-f]{4}){7}"),
}
_PARTS: Shape = {"body": digest, "header": digest, "file_key": digest}
_ITEM: Shape = {
    "item": identifier,
    "sealed": object_of(_PARTS),
    "description": object_of(_PARTS),
    "sha256": digest,
    "blake3": digest,
    "name": digest,
}
_MANIFEST: Shape = {
    "head": object_of(_HEAD),
    "items": list_of(object_of(_ITEM)),
    "receipts": object_of({"body": digest, "header": digest, "code": digest}),
}
_SIGNATURE: Shape = {"agent": identifier, "signature": base64_of(64)}


@dataclass(frozen=True, slots=True)
class Head:
    """For whom a pack is: the archive's log, the compartment, its epoch and its recipient's fingerprint.

    `deposit` is the random id of the pack, and of the deposit that it becomes.
    """

    deposit: Id
    origin: str
    compartment: Id
    epoch: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Parts:
    """One age file in a pack: the digests of its body and its header, and the commitment to its key."""

    body: Digest
    header: Digest
    file_key: Digest

    @classmethod
    def of(cls, value: dict[str, Any]) -> "Parts":
        """Read the parts from JSON that was checked."""
        return cls(Digest(value["body"]), Digest(value["header"]), Digest(value["file_key"]))

    def as_data(self) -> dict[str, Any]:
        """Write the parts as JSON."""
        return {"body": self.body, "header": self.header, "file_key": self.file_key}


@dataclass(frozen=True, slots=True)
class PackedItem:
    """One item of a pack: its original, its description, and the commitments as an accession logs them."""

    item: Id
    sealed: Parts
    description: Parts
    sha256: Digest
    blake3: Digest
    name: Digest

    @classmethod
    def of(cls, value: dict[str, Any]) -> "PackedItem":
        """Read an item from JSON that was checked."""
        commitments = {name: Digest(value[name]) for name in ("sha256", "blake3", "name")}
        return cls(
            Id(value["item"]), Parts.of(value["sealed"]), Parts.of(value["description"]), **commitments
        )

    def as_data(self) -> dict[str, Any]:
        """Write the item as JSON."""
        return {
            "item": self.item,
            "sealed": self.sealed.as_data(),
            "description": self.description.as_data(),
            "sha256": self.sha256,
            "blake3": self.blake3,
            "name": self.name,
        }


@dataclass(frozen=True, slots=True)
class Receipts:
    """The sealed openings, and under what tag their code of words finds them."""

    body: Digest
    header: Digest
    code: Digest


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack holds, all of it."""

    head: Head
    items: tuple[PackedItem, ...]
    receipts: Receipts


@dataclass(frozen=True, slots=True)
class PackSignature:
    """An agent's signature over a manifest, unverified."""

    agent: Id
    signature: bytes


def format_head(head: Head) -> bytes:
    """Write `pack.json`."""
    return format_json(_head_data(head))


def parse_head(data: bytes) -> Head:
    """Read `pack.json`; raise I94 for anything but its one spelling."""
    return _head_of(_parse(data, _HEAD, "pack.json", LARGEST_HEAD_BYTES))


def format_manifest(manifest: Manifest) -> bytes:
    """Write `manifest.json`."""
    receipts = manifest.receipts
    return format_json(
        {
            "head": _head_data(manifest.head),
            "items": [one.as_data() for one in manifest.items],
            "receipts": {"body": receipts.body, "header": receipts.header, "code": receipts.code},
        }
    )


def parse_manifest(data: bytes) -> Manifest:
    """Read `manifest.json`; raise I94 for anything but its one spelling, and for things named twice."""
    value = _parse(data, _MANIFEST, "manifest.json", LARGEST_MANIFEST_BYTES)
    items = tuple(map(PackedItem.of, value["items"]))
    receipts = Receipts(**{name: Digest(text) for name, text in value["receipts"].items()})
    _check_distinct(items, receipts)
    return Manifest(_head_of(value["head"]), items, receipts)


def signed_manifest(manifest: bytes) -> bytes:
    """Return the bytes that an agent's signature over a manifest covers."""
    return SIGNED_PREFIX + manifest


def format_signature(signature: PackSignature) -> bytes:
    """Write `signature.json`."""
    return format_json({"agent": signature.agent, "signature": b64(signature.signature)})


def parse_signature(data: bytes) -> PackSignature:
    """Read `signature.json`; raise I94 for anything but its one spelling."""
    value = _parse(data, _SIGNATURE, "signature.json", LARGEST_HEAD_BYTES)
    return PackSignature(Id(value["agent"]), unb64(value["signature"]))


def _head_data(head: Head) -> dict[str, Any]:
    return {
        "kind": _KIND,
        "v": 1,
        "deposit": head.deposit,
        "origin": head.origin,
        "compartment": head.compartment,
        "epoch": head.epoch,
        "fingerprint": head.fingerprint,
    }


def _head_of(value: dict[str, Any]) -> Head:
    return Head(
        Id(value["deposit"]), value["origin"], Id(value["compartment"]), value["epoch"], value["fingerprint"]
    )


def _parse(data: bytes, shape: Shape, name: str, most: int) -> dict[str, Any]:
    if len(data) > most:
        raise IntakeError("I93", f"{name} is too long", expected=f"at most {most} bytes", found=len(data))
    try:
        value = parse_json(data)
        check_shape(value, shape, name)
    except (CustodyError, IntakeError) as fault:
        raise IntakeError("I94", f"malformed pack: {name}: {fault}") from None
    assert isinstance(value, dict)
    return value


def _check_distinct(items: Sequence[PackedItem], receipts: Receipts) -> None:
    if not 1 <= len(items) <= MOST_ITEMS:
        raise IntakeError("I93", "number of items", expected=f"1 to {MOST_ITEMS}", found=len(items))
    bodies = [part.body for one in items for part in (one.sealed, one.description)] + [receipts.body]
    if len({one.item for one in items}) != len(items) or len(set(bodies)) != len(bodies):
        raise IntakeError("I94", "malformed pack: its manifest names something twice")
