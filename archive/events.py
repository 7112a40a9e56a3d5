"""Custody events: one thing done, under whose key, when, with what outcome; and their one encoding.

A log entry is the canonical JSON of `{"event": …, "signatures": […]}`. Each signature is Ed25519 over
`SIGNED_PREFIX` and the canonical JSON of the event. An event holds random ids, kinds, digests of sealed
bytes and salted commitments; never a name, a file name, a label, a reason, a size or text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from archive.canonical import format_json, parse_json
from archive.codec import b64, unb64
from archive.errors import CustodyError, IntakeError
from archive.event_shapes import shape_of
from archive.ids import Id
from archive.kinds import Kind
from archive.shapes import (
    Shape,
    base64_of,
    check_shape,
    count,
    identifier,
    moment,
    object_of,
    one_of,
    positive,
    text_of,
)

SIGNED_PREFIX = b"sviedka/event/v1\n"
LARGEST_ENTRY_BYTES = 65_535
SALT_BYTES = 16
MOST_SIGNATURES = 4


def _object(value: Any) -> None:
    if not isinstance(value, dict):
        raise TypeError


_ORIGIN = r"[!-~]{1,255}"
_ENVELOPE: Shape = {
    "v": positive,
    "origin": text_of(_ORIGIN),
    "id": identifier,
    "salt": base64_of(SALT_BYTES),
    "kind": one_of(kind.value for kind in Kind),
    "agent": identifier,
    "at": moment,
    "seen": object_of({"size": count, "root": base64_of(32)}),
    "data": _object,
}
_SIGNATURE: Shape = {"agent": identifier, "key": positive, "signature": base64_of(64)}


@dataclass(frozen=True, slots=True)
class Seen:
    """The checkpoint an agent last verified: the size of the tree and its root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class CustodyEvent:
    """One event, checked against the shape of its kind."""

    origin: str
    id: Id
    salt: bytes
    kind: Kind
    agent: Id
    at: str
    seen: Seen
    data: dict[str, Any]
    v: int = 1


@dataclass(frozen=True, slots=True)
class Signature:
    """An agent's signature over an event: 64 bytes of Ed25519, by her nth key."""

    agent: Id
    key: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Signer:
    """One who signs events: whose signature it is, by which of her keys, and the function that makes it."""

    agent: Id
    key: int
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """A log entry: an event and the signatures it carries, the acting agent's first.

    `written` is the event as it stands in an entry that was read strictly, else empty.
    """

    event: CustodyEvent
    signatures: tuple[Signature, ...]
    written: bytes = field(default=b"", repr=False, compare=False)

    @property
    def message(self) -> bytes:
        """The bytes that every signature covers."""
        return SIGNED_PREFIX + self.written if self.written else signed_message(self.event)


def format_moment(when: datetime) -> str:
    """Write an aware moment as seconds in UTC: `2026-11-20T08:05:00Z`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_event(event: CustodyEvent) -> bytes:
    """Return the canonical bytes of an event; raise C50 when it breaks the shape of its kind."""
    check_shape(event.data, shape_of(event.kind, event.v), event.kind.value)
    value = {
        "v": event.v,
        "origin": event.origin,
        "id": event.id,
        "salt": b64(event.salt),
        "kind": event.kind.value,
        "agent": event.agent,
        "at": event.at,
        "seen": {"size": event.seen.size, "root": b64(event.seen.root)},
        "data": event.data,
    }
    check_shape(value, _ENVELOPE, "event")
    return format_json(value)


def sign_event(event: CustodyEvent, signers: Sequence[Signer]) -> bytes:
    """Return the log entry for `event`, signed by each of `signers`: the acting agent, then any others."""
    body = format_event(event)
    message = SIGNED_PREFIX + body
    signatures = [
        {"agent": one.agent, "key": one.key, "signature": b64(one.sign(message))} for one in signers
    ]
    if not signatures or signatures[0]["agent"] != event.agent:
        raise CustodyError("C51", "an event is signed by the acting agent first")
    entry = format_json({"event": parse_json(body), "signatures": signatures})
    if len(entry) > LARGEST_ENTRY_BYTES:
        raise CustodyError("C52", "log entry is too large", expected=LARGEST_ENTRY_BYTES, found=len(entry))
    return entry


def parse_entry(data: bytes) -> Entry:
    """Read a log entry; raise C53 for anything but the one canonical encoding. Checks no signature."""
    try:
        value = parse_json(data)
    except IntakeError as fault:
        raise CustodyError("C53", f"log entry is malformed: {fault}") from None
    entry = entry_of(value)
    # In canonical form the event stands between these, just as it was signed: there is one way to write it.
    head, tail = b'{"event":', b',"signatures":' + format_json(value["signatures"]) + b"}"
    return replace(entry, written=data[len(head) : -len(tail)])


def entry_of(value: Any) -> Entry:
    """Read an already parsed log entry (its spelling is then the caller's concern)."""
    check_shape(value, {"event": lambda _: None, "signatures": lambda _: None}, "entry")
    event = _event_of(value["event"])
    listed = value["signatures"]
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_SIGNATURES:
        raise CustodyError("C53", "wrong number of signatures", expected=f"1 to {MOST_SIGNATURES}")
    for one in listed:
        check_shape(one, _SIGNATURE, "signature")
    signatures = tuple(Signature(Id(one["agent"]), one["key"], unb64(one["signature"])) for one in listed)
    if signatures[0].agent != event.agent:
        raise CustodyError("C51", "an event is signed by the acting agent first")
    return Entry(event, signatures)


def _event_of(value: Any) -> CustodyEvent:
    check_shape(value, _ENVELOPE, "event")
    kind = Kind(value["kind"])
    check_shape(value["data"], shape_of(kind, value["v"]), kind.value)
    return CustodyEvent(
        origin=value["origin"],
        id=Id(value["id"]),
        salt=unb64(value["salt"]),
        kind=kind,
        agent=Id(value["agent"]),
        at=value["at"],
        seen=Seen(value["seen"]["size"], unb64(value["seen"]["root"])),
        data=value["data"],
        v=value["v"],
    )


def signed_message(event: CustodyEvent) -> bytes:
    """Return the bytes that every signature of the event covers."""
    return SIGNED_PREFIX + format_event(event)
