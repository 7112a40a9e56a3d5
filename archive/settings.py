"""The public settings of one archive: `archive.json` in its folder. Nothing in it is secret."""

from dataclasses import dataclass, replace
from typing import Any

from archive.canonical import format_json, parse_json
from archive.digests import Digest
from archive.errors import FixityError, SviedkaError
from archive.ids import Id
from archive.shapes import Shape, check_shape, digest, identifier, list_of, object_of, text_of
from archive.succession import PREDECESSOR, Predecessor, keys_of, origins
from archive.trust import Trust

FILE_NAME = "archive.json"

_SHAPE: Shape = {
    "format": text_of("sviedka/1"),
    "name": text_of(r"(?s).{1,200}"),
    "archive": identifier,
    "origin": text_of(r"[!-~]{1,255}"),
    "log_keys": list_of(text_of(r"[!-~]{1,4500}")),
    "genesis": digest,
}
#: Format 2 is written once the log has been succeeded: each earlier log, and its last checkpoint as a note.
_SECOND_SHAPE: Shape = {
    **_SHAPE,
    "format": text_of("sviedka/2"),
    "earlier": list_of(object_of({**PREDECESSOR, "note": text_of(r"(?s).{1,100000}")})),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """An archive's name and id, its log's origin and public keys, and the digest of the log's first entry.

    `earlier` are the logs that this one followed, `notes` their last checkpoints, under their own keys.
    """

    name: str
    archive: Id
    origin: str
    log_keys: tuple[str, ...]
    genesis: Digest
    earlier: tuple[Predecessor, ...] = ()
    notes: tuple[bytes, ...] = ()

    @property
    def first_origin(self) -> str:
        """The origin of the archive's first log, which its first entries name."""
        return next(origins(self))

    @property
    def trust(self) -> Trust:
        """What these settings say of the log and of those before it."""
        return Trust(self.origin, self.log_keys, earlier=self.earlier)


def origin_of(archive: Id) -> str:
    """Return the origin of an archive's first log: a schema-less name that nobody else uses."""
    return f"sviedka.invalid/{archive}"


def as_of(settings: Settings, origin: str) -> Settings:
    """Return the settings as they were while the log of that origin was the archive's."""
    known = list(origins(settings))
    if origin not in known:
        return settings
    count = known.index(origin)
    earlier, notes = settings.earlier[:count], settings.notes[:count]
    return replace(settings, origin=origin, log_keys=keys_of(settings, origin), earlier=earlier, notes=notes)


def format_settings(settings: Settings) -> bytes:
    """Write `archive.json`."""
    value: dict[str, Any] = {
        "format": "sviedka/1",
        "name": settings.name,
        "archive": settings.archive,
        "origin": settings.origin,
        "log_keys": list(settings.log_keys),
        "genesis": settings.genesis,
    }
    if settings.earlier:
        pairs = zip(settings.earlier, settings.notes, strict=True)
        earlier = [{**one.as_data(), "note": note.decode()} for one, note in pairs]
        value |= {"format": "sviedka/2", "earlier": earlier}
    return format_json(value) + b"\n"


def parse_settings(data: bytes) -> Settings:
    """Read `archive.json` (F32 when it is damaged or of a later format)."""
    try:
        line, end = data[:-1], data[-1:]
        value = parse_json(line)
        later = isinstance(value, dict) and "earlier" in value
        check_shape(value, _SECOND_SHAPE if later else _SHAPE, FILE_NAME)
        if end != b"\n":
            raise FixityError("F32", "archive.json does not end with a newline")
    except SviedkaError:
        raise FixityError(
            "F32", "archive.json is damaged or of another format", expected="sviedka/1 or 2"
        ) from None
    earlier = value.get("earlier", [])
    return Settings(
        value["name"],
        Id(value["archive"]),
        value["origin"],
        tuple(value["log_keys"]),
        Digest(value["genesis"]),
        tuple(map(Predecessor.of, earlier)),
        tuple(one["note"].encode() for one in earlier),
    )
