"""What a reader trusts beforehand: the origin and keys of a log and of those before it, and agents' keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.canonical import format_json, parse_json
from archive.checkpoints import Checkpoint, Mldsa44Verifier, open_checkpoint, parse_checkpoint
from archive.codec import b64, unb64
from archive.errors import CustodyError, IntakeError
from archive.ids import Id
from archive.notes import Check, Ed25519Verifier, Verifier, parse_note
from archive.shapes import Shape, base64_of, check_shape, exactly, identifier, list_of, object_of, text_of
from archive.succession import PREDECESSOR, Predecessor, keys_of, origins
from archive.vkeys import ED25519, MLDSA44, parse_vkey


def _keys_by_agent(value: Any) -> None:
    for agent, keys in value.items():
        identifier(agent)
        list_of(base64_of(32))(keys)


_SHAPE: Shape = {
    "v": exactly(1),
    "origin": text_of(r"[!-~]{1,255}"),
    "log_keys": list_of(text_of(r"[!-~]{1,4500}")),
    "agents": _keys_by_agent,
}
#: Version 2 is written where there are earlier logs, and only there.
_SECOND_SHAPE: Shape = {**_SHAPE, "v": exactly(2), "earlier": list_of(object_of(PREDECESSOR))}


@dataclass(frozen=True, slots=True)
class Trust:
    """A log's origin and keys, keys of agents, and the logs that this one followed, the first one first."""

    origin: str
    log_keys: tuple[str, ...]
    agents: Mapping[Id, tuple[bytes, ...]] = field(default_factory=dict)
    earlier: tuple[Predecessor, ...] = ()


def format_trust(trust: Trust) -> bytes:
    """Write a trust file: keys of logs and of agents, as canonical JSON and a final newline."""
    agents = {agent: [b64(key) for key in keys] for agent, keys in trust.agents.items()}
    value = {"v": 1, "origin": trust.origin, "log_keys": list(trust.log_keys), "agents": agents}
    if trust.earlier:
        value |= {"v": 2, "earlier": [one.as_data() for one in trust.earlier]}
    return format_json(value) + b"\n"


def parse_trust(data: bytes) -> Trust:
    """Read a trust file (C85 when malformed)."""
    try:
        value = parse_json(data.removesuffix(b"\n"))
        later = isinstance(value, dict) and "earlier" in value
        check_shape(value, _SECOND_SHAPE if later else _SHAPE, "trust")
        agents = {Id(agent): tuple(map(unb64, keys)) for agent, keys in value["agents"].items()}
    except (IntakeError, CustodyError):
        raise CustodyError(
            "C85", "not a trust file", expected="origin and log keys as canonical JSON"
        ) from None
    earlier = tuple(map(Predecessor.of, value.get("earlier", ())))
    return Trust(value["origin"], tuple(value["log_keys"]), agents, earlier)


def log_verifiers(
    log_keys: tuple[str, ...], check_ed25519: Check, check_mldsa44: Check | None
) -> list[Verifier]:
    """Return verifiers for a log's keys; its ML-DSA-44 keys only when something can check them."""
    verifiers: list[Verifier] = []
    for text in log_keys:
        vkey = parse_vkey(text)
        if vkey.type == ED25519:
            verifiers.append(Ed25519Verifier(vkey, check_ed25519))
        elif vkey.type == MLDSA44 and check_mldsa44 is not None:
            verifiers.append(Mldsa44Verifier(vkey, check_mldsa44))
    return verifiers


def open_known(note: bytes, trust: Trust, check_ed25519: Check, check_mldsa44: Check | None) -> Checkpoint:
    """Return a checkpoint of the log or of one before it, its signatures checked (C22 to C28)."""
    claimed = parse_checkpoint(parse_note(note).text).origin
    origin = claimed if claimed in origins(trust) else trust.origin
    verifiers = log_verifiers(keys_of(trust, origin), check_ed25519, check_mldsa44)
    return open_checkpoint(note, verifiers, origin)
