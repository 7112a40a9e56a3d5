"""The public settings of one archive: `archive.json` in its folder. Nothing in it is secret."""

from dataclasses import dataclass

from archive.canonical import format_json, parse_json
from archive.digests import Digest
from archive.errors import FixityError, SviedkaError
from archive.ids import Id
from archive.shapes import check_shape, digest, identifier, list_of, text_of

FILE_NAME = "archive.json"

_SHAPE = {
    "format": text_of("sviedka/1"),
    "name": text_of(r"(?s).{1,200}"),
    "archive": identifier,
    "origin": text_of(r"[!-~]{1,255}"),
    "log_keys": list_of(text_of(r"[!-~]{1,4500}")),
    "genesis": digest,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """An archive's name and id, its log's origin and public keys, and the digest of the log's first entry."""

    name: str
    archive: Id
    origin: str
    log_keys: tuple[str, ...]
    genesis: Digest


def origin_of(archive: Id) -> str:
    """Return the origin of an archive's log: a schema-less name that nobody else uses."""
    return f"sviedka.invalid/{archive}"


def format_settings(settings: Settings) -> bytes:
    """Write `archive.json`."""
    value = {
        "format": "sviedka/1",
        "name": settings.name,
        "archive": settings.archive,
        "origin": settings.origin,
        "log_keys": list(settings.log_keys),
        "genesis": settings.genesis,
    }
    return format_json(value) + b"\n"


def parse_settings(data: bytes) -> Settings:
    """Read `archive.json` (F32 when it is damaged or of a later format)."""
    try:
        line, end = data[:-1], data[-1:]
        value = parse_json(line)
        check_shape(value, _SHAPE, FILE_NAME)
        if end != b"\n":
            raise FixityError("F32", "archive.json does not end with a newline")
    except SviedkaError:
        raise FixityError(
            "F32", "archive.json is damaged or of another format", expected="sviedka/1"
        ) from None
    return Settings(
        value["name"],
        Id(value["archive"]),
        value["origin"],
        tuple(value["log_keys"]),
        Digest(value["genesis"]),
    )
