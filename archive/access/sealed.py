"""Handing out an original as it is stored: sealed, for its depositor and whoever has rights where it is."""

import hashlib
from collections.abc import Iterator

from archive.access.opening import header_in_force
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.digests import Digest
from archive.errors import AccessError, FixityError
from archive.events import format_moment
from archive.ids import Id
from archive.nouns import OPENING


def sealed_original(archive: Archive, sitting: Sitting, item: Id) -> Iterator[bytes]:
    """Yield the original as one age file, held against the log (F36, at the end for the body).

    For everyone else than its depositor and those whom a grant lets open it, the item does not exist (A20).
    """
    ledger = archive.ledger()
    found = ledger.items.get(item)
    if found is None or not (
        found.depositor == sitting.id
        or any(
            grant.compartment == found.compartment and grant.actions & OPENING
            for grant in ledger.grants_in_force(sitting.id, format_moment(archive.clock()))
        )
    ):
        raise AccessError("A20", "there is no such item for you to read")
    ref = found.original.sealed
    sealed, header = header_in_force(archive, ref, lambda: archive.headers.get(ref.body))
    if Digest.of(header) != sealed.header:
        raise FixityError("F36", "a header differs from the log", expected=sealed.header)
    yield header
    running = hashlib.sha256()
    with archive.objects.open(sealed.body) as body:
        while chunk := body.read(1 << 20):
            running.update(chunk)
            yield chunk
    if running.hexdigest() != sealed.body:
        raise FixityError("F36", "a body differs from the log", expected=sealed.body)
