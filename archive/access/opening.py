"""Sealing and opening small structures, each bound to what the log says of it.

A structure names inside itself the archive, its kind, id, version, compartment and epoch; opening checks the
digests and the key commitment against the log and those names against what was asked for, so that nothing can
be swapped, rolled back or moved unnoticed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any

from archive.access.parts import Archive
from archive.canonical import format_json, parse_json
from archive.digests import Digest
from archive.errors import FixityError
from archive.ids import Id, Random
from archive.nouns import SealedRef
from keys.identities import Identity
from keys.recipients import Recipient
from keys.sealing import open_, seal
from storage.catalogue.rows import SealedRow

# Between a look at the log and one at the store, something can be sealed again.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Binding:
    """What a sealed structure says of itself."""

    archive: Id
    kind: str
    id: Id
    version: int
    compartment: Id
    epoch: int

    def as_data(self) -> dict[str, Any]:
        """Write the binding as the fields of the structure."""
        return {
            "archive": self.archive,
            "kind": self.kind,
            "id": self.id,
            "version": self.version,
            "compartment": self.compartment,
            "epoch": self.epoch,
        }


@dataclass(frozen=True, slots=True)
class SealedStructure:
    """A structure just sealed: what the log is to say of it, and its bytes."""

    ref: SealedRef
    binding: Binding
    header: bytes
    content: bytes

    def row(self, event: Id) -> SealedRow:
        """Return the catalogue row, staged under the event that will log it."""
        return SealedRow(
            body=self.ref.body,
            kind=self.binding.kind,
            subject=self.binding.id,
            version=self.binding.version,
            holder=self.ref.holder,
            epoch=self.ref.epoch,
            header=self.header,
            content=self.content,
            event=event,
        )


def seal_structure(
    binding: Binding,
    data: dict[str, Any],
    recipient: Recipient,
    *,
    holder: Id,
    random: Random,
    holder_epoch: int = 1,
) -> SealedStructure:
    """Seal `data` with its binding to `recipient`, the key of `holder` in `holder_epoch`."""
    sealed = seal(
        format_json({"v": 1, "binding": binding.as_data(), "data": data}), [recipient], random=random
    )
    ref = SealedRef(holder, holder_epoch, Digest.of(sealed.body), Digest.of(sealed.header), sealed.commitment)
    return SealedStructure(ref, binding, sealed.header, sealed.body)


def header_in_force(archive: Archive, ref: SealedRef, stored: Callable[[], bytes]) -> tuple[SealedRef, bytes]:
    """Return how something is sealed now and the header of that, while it may be sealed again meanwhile.

    `stored` fetches the header from where it belongs; a new one may wait elsewhere to be put there. Where
    none fits, the stored one comes back: the caller holds it against the log.
    """
    for _ in range(_TRIES):
        present, header = archive.ledger().present(ref), stored()
        if Digest.of(header) == present.header:
            break
        waiting = archive.catalogue.pending.get(present.body, present.header)
        if waiting is not None:
            return present, waiting
    return present, header


def row_in_force(archive: Archive, ref: SealedRef, row: SealedRow) -> tuple[SealedRef, SealedRow]:
    """Return how something is sealed now, and its row with the header of that."""
    rows = chain([row], (archive.catalogue.sealed.named(ref.body) or row for _ in count()))
    present, header = header_in_force(archive, ref, lambda: next(rows).header)
    return present, replace(row, header=header)


def open_structure(
    archive: Archive, ref: SealedRef, binding: Binding, identities: Sequence[Identity]
) -> dict[str, Any]:
    """Fetch, check and open the structure that the log names `ref`; return its data.

    Raises F30 when it is missing or its bytes differ from the log, F31 when it is not what was asked for, and
    KeysError when it does not open.
    """
    return open_row(archive.catalogue.sealed.named(ref.body), ref, binding, identities)


def open_row(
    row: SealedRow | None, ref: SealedRef, binding: Binding, identities: Sequence[Identity]
) -> dict[str, Any]:
    """Check and open a fetched structure (`row` None: it is missing) as `open_structure` does."""
    if row is None:
        raise FixityError("F30", f"a sealed {binding.kind} is missing", found=ref.body)
    check_sealed_bytes(ref, row.header, row.content)
    plain = open_(row.header, row.content, identities, commitment=ref.file_key)
    return unwrap_structure(plain, binding)


def check_sealed_bytes(ref: SealedRef, header: bytes, content: bytes) -> None:
    """Hold a header and a body against what the log says of them (raises F30, naming the digest)."""
    for part, expected, data in (("body", ref.body, content), ("header", ref.header, header)):
        found = Digest.of(data)
        if found != expected:
            raise FixityError("F30", f"a sealed {part} differs from the log", expected=expected, found=found)


def unwrap_structure(plain: bytes, binding: Binding) -> dict[str, Any]:
    """Check the binding inside opened bytes and return the data."""
    value = parse_json(plain)
    if not isinstance(value, dict) or value.get("v") != 1 or value.get("binding") != binding.as_data():
        raise FixityError("F31", f"a sealed {binding.kind} is not the one asked for", found=binding.id)
    data = value["data"]
    if not isinstance(data, dict):
        raise FixityError("F31", f"a sealed {binding.kind} is malformed", found=binding.id)
    return data
