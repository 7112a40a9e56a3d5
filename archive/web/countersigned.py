"""Who countersigned, as pages say it: by the archive's own list of cosigners, which is no reader's policy."""

from contextlib import suppress
from dataclasses import dataclass

from archive.cosignatures import cosignatures_of
from archive.cosigners.asking import load_cosigners, signed_up_to, verifiers_of
from archive.errors import SviedkaError
from archive.events import format_moment
from archive.web.door import archive
from storage.cosignatures import Cosignatures


@dataclass(frozen=True, slots=True)
class Countersigned:
    """An organisation that signed the log up to an entry, and when it says that was (`…Z` text)."""

    name: str
    size: int
    at: str


def up_to() -> list[Countersigned]:
    """Return who countersigned the log, and up to where; nobody where the list cannot be read."""
    with suppress(SviedkaError):
        signed = signed_up_to(Cosignatures(archive().folder / "log"), load_cosigners(archive().folder))
        return [
            Countersigned(name, one.size, format_moment(one.at)) for name, one in signed.items() if one.at
        ]
    return []


def signers_of(note: bytes) -> list[str]:
    """Return who countersigned a checkpoint; nobody where any of their signatures fails."""
    with suppress(SviedkaError):
        known = load_cosigners(archive().folder)
        return sorted({one.name for one in cosignatures_of(note, verifiers_of(known))})
    return []
