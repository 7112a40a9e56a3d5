"""Opening renditions and records: from what the log says to plaintext. Used by `search.disclosure` alone.

Nothing here decides or logs; nothing outside `search` imports it (a test holds that).
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from archive.access.keyring import Held
from archive.access.opening import Binding, header_in_force, open_row, row_in_force
from archive.access.parts import Archive
from archive.codec import unb64
from archive.digests import Digest, commit
from archive.errors import FixityError
from archive.ids import Id
from archive.ledger import Ledger
from archive.nouns import RecordHead, Rendition
from keys.identities import Identity
from keys.sealing import open_stream
from storage.catalogue.rows import SealedRow


def open_body(archive: Archive, held: Held, rendition: Rendition) -> Iterator[bytes]:
    """Yield a rendition's plaintext in chunks: digests, key commitment and signature held against the log.

    Raises F10..F36 when bytes are missing or changed and C62 when the log entry is not signed as it should.
    """
    archive.custody.checked(rendition.index)
    ref = rendition.sealed
    sealed, header = header_in_force(archive, ref, lambda: archive.headers.get(ref.body))
    if Digest.of(header) != sealed.header:
        raise FixityError("F36", "a header differs from the log", expected=sealed.header)
    with archive.objects.open(sealed.body) as body:
        running = hashlib.sha256()
        while chunk := body.read(1 << 20):
            running.update(chunk)
        if running.hexdigest() != sealed.body:
            raise FixityError("F36", "a body differs from the log", expected=sealed.body)
        body.seek(0)
        yield from open_stream(header, body, identity_of(held, sealed.epoch), commitment=sealed.file_key)


def open_text(archive: Archive, held: Held, rendition: Rendition) -> dict[str, Any]:
    """Open a text rendition and check that it is the one asked for, and its plaintext commitment."""
    plain = b"".join(open_body(archive, held, rendition))
    value = json.loads(plain)
    named = (value["v"], value["kind"], value["archive"], value["item"], value["rendition"])
    if named != (1, "text", archive.archive, rendition.item, rendition.rendition):
        raise FixityError("F31", "a text rendition is not the one asked for", found=rendition.rendition)
    event = archive.custody.checked(rendition.index)
    if commit(unb64(value["salt"]), "sha256", Digest.of(plain).raw) != event.data["sha256"]:
        raise FixityError("F37", "a plaintext differs from its commitment", found=rendition.rendition)
    return dict(value)


def open_record(archive: Archive, held: Held, head: RecordHead) -> dict[str, Any]:
    """Open the newest version of a record: `{"type", "record", …}`."""
    return open_record_row(archive, held, head, None)


def open_record_row(archive: Archive, held: Held, head: RecordHead, row: SealedRow | None) -> dict[str, Any]:
    """Open a record whose catalogue row may have been fetched already, with others of a page."""
    archive.custody.checked(head.index)
    binding = Binding(
        archive.archive, "record", head.record, head.version, head.sealed.holder, head.sealed.epoch
    )
    sealed = archive.ledger().present(head.sealed)
    row = row or archive.catalogue.sealed.named(head.sealed.body)
    if row is not None:
        sealed, row = row_in_force(archive, head.sealed, row)
    return open_row(row, sealed, binding, [identity_of(held, sealed.epoch)])


def identity_of(held: Held, epoch: int) -> Identity:
    """Return the identity of an epoch; K50 when the agent was not given it."""
    try:
        return held.identities[epoch]
    except KeyError:
        raise FixityError(
            "F38", "no identity for this epoch was given to you", found=f"epoch {epoch}"
        ) from None


def item_record(ledger: Ledger, item: Id) -> RecordHead:
    """Return the description of an item or of a redaction, which has its id (F30 when there is none)."""
    head = ledger.records.get(item)
    if head is None:
        raise FixityError("F30", "an item has no description", found=item)
    return head
