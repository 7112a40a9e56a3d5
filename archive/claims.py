"""What a pack claims of each of its items, as it stands inside the sealed parts.

A claim names the archive's log, the compartment, the deposit, its item and the sealed original, so that it
cannot be taken for the claim of another; whoever opens it holds its openings against the commitments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from archive.canonical import format_json, parse_json
from archive.errors import CustodyError, IntakeError
from archive.ids import Id
from archive.packs import Head, Parts
from archive.receipts import Openings
from archive.shapes import Shape, check_shape, count, moment

LARGEST_CLAIM_BYTES: Final = 256 << 10

#: What a claim says of its place is compared as a whole; the rest has shapes of its own.
_BOUND: Final = ("kind", "v", "origin", "compartment", "epoch", "deposit", "item", "original")
_SHAPE: Final[Shape] = {
    **dict.fromkeys(_BOUND, lambda _: None),
    "openings": lambda _: None,
    "size_bytes": count,
    "claimed_at": moment,
    "description": lambda _: None,
}


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """One item as its packer describes it: what opens the commitments, when she says it was, in her words.

    `description` is as `deposit --describe` takes it, checked by nobody yet.
    """

    openings: Openings
    size_bytes: int
    claimed_at: str
    description: Mapping[str, Any]


def format_claim(claim: Claim, head: Head, item: Id, original: Parts) -> bytes:
    """Write the claim about one item (I93 when it is too long)."""
    data = format_json(
        {
            **_bound(head, item, original),
            "openings": claim.openings.as_data(),
            "size_bytes": claim.size_bytes,
            "claimed_at": claim.claimed_at,
            "description": dict(claim.description),
        }
    )
    if len(data) > LARGEST_CLAIM_BYTES:
        raise IntakeError("I93", "a description is too long", expected=LARGEST_CLAIM_BYTES, found=len(data))
    return data


def parse_claim(data: bytes, head: Head, item: Id, original: Parts) -> Claim:
    """Read an opened claim: I94 when malformed, C46 when it is about something else than asked for."""
    try:
        value = parse_json(data)
        check_shape(value, _SHAPE, "claim")
        if not isinstance(value["description"], dict):
            raise TypeError
        openings = Openings.of(value["openings"])
    except (CustodyError, IntakeError, TypeError, ValueError):
        raise IntakeError("I94", "malformed description in a pack") from None
    bound = _bound(head, item, original)
    if {name: value[name] for name in bound} != bound:
        raise CustodyError("C46", "a description in a pack is about something else")
    return Claim(openings, value["size_bytes"], value["claimed_at"], value["description"])


def format_openings(head: Head, openings: Mapping[Id, Openings]) -> bytes:
    """Write what `receipts.age` holds: the openings of every item."""
    value = {"kind": "sviedka-pack-receipts", "v": 1, "origin": head.origin, "deposit": head.deposit}
    return format_json({**value, "openings": {item: one.as_data() for item, one in openings.items()}})


def parse_openings(data: bytes, head: Head) -> dict[Id, Openings]:
    """Read what `receipts.age` holds: I94 when malformed, C46 when it is another pack's."""
    shape = {name: lambda _: None for name in ("kind", "v", "origin", "deposit")}
    try:
        value = parse_json(data)
        check_shape(value, {**shape, "openings": lambda _: None}, "receipts")
        openings = {Id(item): Openings.of(one) for item, one in value["openings"].items()}
    except (CustodyError, IntakeError, AttributeError):
        raise IntakeError("I94", "malformed receipts in a pack") from None
    found = (value["kind"], value["v"], value["origin"], value["deposit"])
    if found != ("sviedka-pack-receipts", 1, head.origin, head.deposit):
        raise CustodyError("C46", "the receipts in a pack are another pack's")
    return openings


def _bound(head: Head, item: Id, original: Parts) -> dict[str, Any]:
    return {
        "kind": "sviedka-pack-claim",
        "v": 1,
        "origin": head.origin,
        "compartment": head.compartment,
        "epoch": head.epoch,
        "deposit": head.deposit,
        "item": item,
        "original": original.as_data(),
    }
