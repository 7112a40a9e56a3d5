"""Which cosigners an archive asks: `cosigners.json` beside `archive.json`. Nothing in it is secret.

It says whom the archive asks, not whom anybody trusts: that is a policy's, and each reader's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from archive.canonical import format_json, parse_json
from archive.errors import CustodyError, FixityError, IntakeError, SviedkaError
from archive.shapes import check_shape, list_of, optional, text_of
from archive.vkeys import ED25519_COSIGNATURE, MLDSA44, VKey, format_vkey, parse_vkey

FILE_NAME: Final = "cosigners.json"
LARGEST_PUBLIC_BYTES: Final = 64 * 1024

_TYPES: Final = (ED25519_COSIGNATURE, MLDSA44)
_SHAPE: Final = {
    "name": text_of(r"[!-*,-~]{1,255}"),
    "keys": list_of(text_of(r"[!-~]{1,4500}")),
    "url": optional(text_of(r"[!-~]{1,2000}")),
}


@dataclass(frozen=True, slots=True)
class KnownCosigner:
    """A cosigner: its name, its keys, and where it is asked. Without an address it brings what it signs."""

    name: str
    vkeys: tuple[VKey, ...]
    url: str | None = None


def parse_public(data: bytes, origin: str) -> tuple[str, tuple[VKey, ...]]:
    """Read what a cosigner hands out, one key a line; return its name and keys (I41 for anything else).

    Nobody cosigns under the log's own name: `origin` is refused.
    """
    try:
        lines = data.decode("ascii").split() if len(data) <= LARGEST_PUBLIC_BYTES else []
        vkeys = tuple(map(parse_vkey, lines))
    except (UnicodeDecodeError, CustodyError):
        vkeys = ()
    names, types = {vkey.name for vkey in vkeys}, [vkey.type for vkey in vkeys]
    if len(names) != 1 or not set(types) <= set(_TYPES) or len(set(types)) != len(types):
        raise IntakeError("I41", "not the keys of one cosigner", expected="a line name+id+key for each kind")
    if origin in names:
        raise IntakeError("I41", "a cosigner cannot have the name of the log itself")
    return names.pop(), vkeys


def format_cosigners(cosigners: Iterable[KnownCosigner]) -> bytes:
    """Write `cosigners.json`."""
    value = [
        {"name": one.name, "keys": [format_vkey(vkey) for vkey in one.vkeys], "url": one.url}
        for one in cosigners
    ]
    return format_json({"v": 1, "cosigners": value}) + b"\n"


def parse_cosigners(data: bytes) -> tuple[KnownCosigner, ...]:
    """Read `cosigners.json` (F19 when it is damaged or of a later format)."""
    try:
        value: Any = parse_json(data[:-1])
        if not data.endswith(b"\n") or not isinstance(value, dict) or value.keys() != {"v", "cosigners"}:
            raise FixityError("F19", "damaged")
        if value["v"] != 1 or value["v"] is True or not isinstance(value["cosigners"], list):
            raise FixityError("F19", "another format")
        found = tuple(map(_cosigner, value["cosigners"]))
    except SviedkaError:
        raise FixityError("F19", f"{FILE_NAME} is damaged or of another format") from None
    if len({one.name for one in found}) != len(found):
        raise FixityError("F19", f"{FILE_NAME} names a cosigner twice")
    return found


def _cosigner(value: Any) -> KnownCosigner:
    check_shape(value, _SHAPE, "cosigner")
    vkeys = tuple(map(parse_vkey, value["keys"]))
    if not vkeys or any(vkey.name != value["name"] or vkey.type not in _TYPES for vkey in vkeys):
        raise FixityError("F19", "keys of another name")
    return KnownCosigner(value["name"], vkeys, value["url"])
