"""Which copies an archive has, in `copies.json` in its folder, and the mark in a copy that says whose it is.

    copies.json   acknowledge: how many stores, the archive's own among them, are to hold what was handed in
                  copies: the id and the folder of each further one
    copy.json     in the folder of a copy: the ids of the archive and of the copy

Nothing in either is secret.
"""

from dataclasses import dataclass
from typing import Final

from archive.canonical import format_json, parse_json
from archive.errors import FixityError, SviedkaError
from archive.ids import Id
from archive.shapes import check_shape, identifier, list_of, object_of, positive, text_of

LIST_NAME: Final = "copies.json"
MARK_NAME: Final = "copy.json"

_LIST: Final = {
    "format": text_of("sviedka/copies/1"),
    "acknowledge": positive,
    "copies": list_of(object_of({"copy": identifier, "folder": text_of(r"(?s)/.{0,4000}")})),
}
_MARK: Final = {"format": text_of("sviedka/copy/1"), "archive": identifier, "copy": identifier}


@dataclass(frozen=True, slots=True)
class Listed:
    """One copy: its id, which the log names it by, and its folder."""

    copy: Id
    folder: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The copies, and how many stores are to hold what is handed in before that is acknowledged."""

    acknowledge: int = 1
    copies: tuple[Listed, ...] = ()


def format_listing(listing: Listing) -> bytes:
    """Write `copies.json`."""
    value = {
        "format": "sviedka/copies/1",
        "acknowledge": listing.acknowledge,
        "copies": [{"copy": one.copy, "folder": one.folder} for one in listing.copies],
    }
    return format_json(value) + b"\n"


def parse_listing(data: bytes) -> Listing:
    """Read `copies.json` (F65 when it is damaged or of a later format)."""
    try:
        value = parse_json(data.removesuffix(b"\n"))
        check_shape(value, _LIST, LIST_NAME)
        found = Listing(
            value["acknowledge"], tuple(Listed(Id(one["copy"]), one["folder"]) for one in value["copies"])
        )
    except SviedkaError:
        raise FixityError("F65", f"{LIST_NAME} is damaged or of another format") from None
    if not 1 <= found.acknowledge <= 1 + len(found.copies):
        raise FixityError("F65", f"{LIST_NAME} asks for more copies than it lists", found=found.acknowledge)
    return found


def format_mark(archive: Id, copy: Id) -> bytes:
    """Write `copy.json`."""
    return format_json({"format": "sviedka/copy/1", "archive": archive, "copy": copy}) + b"\n"


def parse_mark(data: bytes) -> tuple[Id, Id]:
    """Return the archive and the copy that a mark names (F64 when it is none)."""
    try:
        value = parse_json(data.removesuffix(b"\n"))
        check_shape(value, _MARK, MARK_NAME)
    except SviedkaError:
        raise FixityError("F64", f"{MARK_NAME} is damaged or of another format") from None
    return Id(value["archive"]), Id(value["copy"])
