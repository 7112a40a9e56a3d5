"""Copying sealed bodies from one store to another, each held against its name on the way."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from archive.digests import Digest
from archive.errors import FixityError
from archive.findings import Fault, Progress
from storage.objects import Objects

_BUFFER_BYTES: Final = 1 << 20


@dataclass(slots=True)
class Copied:
    """How many bodies were copied, how many bytes; and those that were missing or damaged."""

    bodies: int = 0
    size_bytes: int = 0
    faults: list[Fault] = field(default_factory=list)


def copy_bodies(source: Objects, target: Objects, wanted: Collection[Digest], progress: Progress) -> Copied:
    """Copy the bodies that the target lacks. What is damaged is not copied, and told as a fault."""
    copied = Copied()
    for done, body in enumerate(sorted(wanted), start=1):
        try:
            if not _is_there(source, target, body):
                copied.size_bytes += _copy(source, target, body)
                copied.bodies += 1
        except FixityError as fault:
            if fault.code not in ("F03", "F04"):
                raise
            code, words = ("F40", "missing") if fault.code == "F03" else ("F41", "damaged")
            copied.faults.append(Fault(code, f"body {body}", f"a body is {words}", found=str(fault.found)))
        progress("bodies", done, len(wanted))
    return copied


def _is_there(source: Objects, target: Objects, body: Digest) -> bool:
    """Say whether a body was copied before: then as a whole, so one of another length was damaged since."""
    return target.has(body) and (not source.has(body) or target.size(body) == source.size(body))


def _copy(source: Objects, target: Objects, body: Digest) -> int:
    state, size_bytes = hashlib.sha256(), 0
    with source.open(body) as file, target.writer() as writer:
        while chunk := file.read(_BUFFER_BYTES):
            state.update(chunk)
            writer.write(chunk)
            size_bytes += len(chunk)
        # Committed under its name only: the same bytes could be another body, put in the place of this.
        if state.hexdigest() != body:
            raise FixityError("F04", "a body is damaged", expected=body, found=state.hexdigest())
        writer.commit()
    return size_bytes
