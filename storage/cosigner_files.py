"""What a cosigner remembers: for each log that it follows, one file with the last checkpoint it signed.

A cosigner that forgets would sign a second history. So a file is replaced only under the lock, durably, and
never by an earlier state; a file that is missing or damaged is a log that is not signed for.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from archive.add_checkpoint import Last
from archive.canonical import format_json, parse_json
from archive.codec import b64, unb64
from archive.errors import CustodyError, FixityError, IntakeError, SviedkaError
from archive.merkle import EMPTY_ROOT, HASH_BYTES
from archive.shapes import Shape, base64_of, check_shape, count, list_of, optional, text_of
from storage.durable import FolderTree, write_all, write_once
from storage.locks import exclusive

# One writer at a time, under the lock: the next attempt overwrites what a crash left.
_WRITER: Final = "cosigner"
_SUFFIX: Final = ".log"


def _version(value: Any) -> None:
    if value != 1 or isinstance(value, bool):
        raise ValueError


def _note(value: Any) -> None:
    value.encode()


_SHAPE: Final[Shape] = {
    "v": _version,
    "origin": text_of(r"[!-~]{1,255}"),
    "log_keys": list_of(text_of(r"[!-~]{1,4500}")),
    "size": count,
    "root": base64_of(HASH_BYTES),
    "note": optional(_note),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """A log, by which keys it is known, and what was signed last of it; `note` carries all the signatures."""

    origin: str
    log_keys: tuple[str, ...]
    last: Last = field(default_factory=Last)
    note: bytes | None = None


class CosignerFiles:
    """The folder `logs` of a cosigner. Any number of threads and processes may use it at once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders = FolderTree(root)
        self._lock = root / "lock"

    def follow(self, origin: str, log_keys: tuple[str, ...]) -> None:
        """Begin to follow a log; I39 when it is followed already under other keys."""
        self._folders.ready(self._root)
        with exclusive(self._lock):
            known = self.followed(origin)
            if known is None:
                write_once(self._path(name_of(origin)), _format(Followed(origin, log_keys)))
            elif known.log_keys != log_keys:
                raise IntakeError("I39", "this log is followed already, under other keys")

    def followed(self, origin: str) -> Followed | None:
        """Return a log by its origin, None when it is not followed (F17 when what is known is damaged)."""
        found = self.by_name(name_of(origin))
        if found is not None and found.origin != origin:
            raise FixityError("F17", "what the cosigner remembers is of another log")
        return found

    def by_name(self, name: str) -> Followed | None:
        """Return a log by the SHA-256 of its origin."""
        try:
            return _parse(self._path(name).read_bytes())
        except FileNotFoundError:
            return None

    def logs(self) -> list[Followed]:
        """Return all logs that are followed, in the order of their origins."""
        found = [self.by_name(path.stem) for path in self._root.glob(f"*{_SUFFIX}")]
        return sorted((one for one in found if one is not None), key=lambda one: one.origin)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold off every other signature while inside."""
        self._folders.ready(self._root)
        with exclusive(self._lock):
            yield

    def advance(self, known: Followed, last: Last, note: bytes) -> None:
        """Remember what is about to be signed; it is durable when this returns. Call it inside `changing`."""
        back = last.size < known.last.size or (last.size == known.last.size and last != known.last)
        if back:
            raise CustodyError("C55", "a cosigner never goes back", expected=known.last.size, found=last.size)
        path = self._path(name_of(known.origin))
        write_all({path: _format(replace(known, last=last, note=note))}, token=_WRITER)

    def _path(self, name: str) -> Path:
        return self._root / f"{name}{_SUFFIX}"


def name_of(origin: str) -> str:
    """Return the name under which a log is filed and served: SHA-256 of its origin, in hexadecimal."""
    return hashlib.sha256(origin.encode()).hexdigest()


def _format(followed: Followed) -> bytes:
    value = {
        "v": 1,
        "origin": followed.origin,
        "log_keys": list(followed.log_keys),
        "size": followed.last.size,
        "root": b64(followed.last.root),
        "note": followed.note.decode() if followed.note is not None else None,
    }
    return format_json(value) + b"\n"


def _parse(data: bytes) -> Followed:
    try:
        value = parse_json(data[:-1])
        check_shape(value, _SHAPE, "log")
        if not data.endswith(b"\n") or (value["size"] == 0 and unb64(value["root"]) != EMPTY_ROOT):
            raise FixityError("F17", "damaged")
    except SviedkaError:
        raise FixityError("F17", "what the cosigner remembers of a log is damaged") from None
    note = value["note"].encode() if value["note"] is not None else None
    last = Last(value["size"], unb64(value["root"]))
    return Followed(value["origin"], tuple(value["log_keys"]), last, note)
