"""Confirming what came in packs: opened by somebody who may read there, compared, and sealed afresh.

Until then an item is a claim: whoever made the pack chose its keys, and nobody looked. What is as its pack
says gets a new original under a key that the packer never held, a description, and a place in the index. What
is not stays as it came, marked for good. All of it comes true at once, or nothing does.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from archive.access.claimed import may_confirm
from archive.access.keyring import current_recipient, keyring
from archive.access.knowing import known_original
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.author import Signed
from archive.errors import AccessError
from archive.ids import Id, new_id
from archive.kinds import Kind, Outcome, RenditionKind
from archive.nouns import Item
from archive.records import Description
from ingest.accession import Desk, about_file, rendition_row, write_record, write_rights
from ingest.comparing import Compared, Difference, OnBytes, close, compare, forget
from ingest.extraction import Extraction, Extractor
from ingest.receive import Target
from ingest.texts import derive, seal_batch
from storage.catalogue.rows import BatchRow, RenditionRow, SealedRow


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of one claimed item; where there are `differences`, it is none of what it was said to be.

    `claimed_at` is when it was, as the packer says. `described` is False where what she says of it is not as
    descriptions are written: it is then stored only.
    """

    item: Id
    log_index: int
    differences: tuple[Difference, ...] = ()
    name: str = field(default="", repr=False)
    media_type: str = ""
    type_mismatch: bool = False
    size_bytes: int = 0
    claimed_at: str = ""
    described: bool = True
    stored_only: bool = False


def confirm(
    archive: Archive, sitting: Sitting, extractor: Extractor, item: Id, *, on_bytes: OnBytes = None
) -> Confirmed:
    """Compare a claimed item with its pack, and log what came of it.

    Raises A20 for what she may not know of, A07 where she may not confirm, A64 for what is not, or no longer,
    waiting to be confirmed, FixityError where the archive's own bytes are damaged, which says nothing of the
    pack.
    """
    found = known_original(archive, sitting, item)
    if not may_confirm(archive, sitting, found.compartment):
        raise AccessError("A07", "you may not confirm here", expected="read and describe")
    if not found.claimed or found.mismatched is not None:
        raise AccessError("A64", "there is nothing to confirm here", found=item)
    held = keyring(archive, sitting)[found.compartment]
    desk = _desk(archive, sitting, found)
    event = archive.custody.checked(found.index)
    with archive.custody.writing():
        compared = compare(desk, held, found, event, extractor=extractor, on_bytes=on_bytes)
        if not isinstance(compared, Compared):
            return _mismatch(desk, found, compared)
        try:
            return _confirm(desk, found, compared, _extract(extractor, compared))
        except BaseException:
            forget(archive, [compared.received.sealed.body])
            raise
        finally:
            close(compared.received)


def _desk(archive: Archive, sitting: Sitting, item: Item) -> Desk:
    compartment = archive.ledger().compartments[item.compartment]
    target = Target(
        archive.objects,
        archive.headers,
        compartment.compartment,
        compartment.epoch,
        current_recipient(compartment),
        archive.random,
    )
    return Desk(archive, sitting, pen(archive, sitting), target, new_id(archive.random))


def _extract(extractor: Extractor, compared: Compared) -> Extraction:
    kept = compared.received.kept
    if kept is None:
        return Extraction("too-large", "input")
    os.lseek(kept, 0, os.SEEK_SET)
    return extractor.extract(kept, media_type=compared.kind.media_type)


def _mismatch(desk: Desk, item: Item, differences: list[Difference]) -> Confirmed:
    signed = desk.author.write(
        Kind.CONFIRMATION,
        {
            "item": item.item,
            "outcome": Outcome.FAIL.value,
            "rendition": None,
            "sealed": None,
            "sha256": None,
        },
    )
    done = desk.archive.custody.record([signed])
    return Confirmed(item.item, done.first_index, tuple(differences))


@dataclass(slots=True)
class _Made:
    """What a confirmation adds, gathered before any of it is logged."""

    signed: list[Signed] = field(default_factory=list)
    renditions: list[RenditionRow] = field(default_factory=list)
    sealed: list[SealedRow] = field(default_factory=list)
    batches: list[BatchRow] = field(default_factory=list)


def _confirm(desk: Desk, item: Item, compared: Compared, extraction: Extraction) -> Confirmed:
    """Write the new original, its description, its rights and its text, and commit them together."""
    claim, received, kind = compared.claim, compared.received, compared.kind
    made = _Made()
    _original(desk, made, item, compared)
    about = about_file(received, kind, claim.openings)
    about["file"]["claimed_at"] = claim.claimed_at
    data = dict(compared.description.data)
    described, row = write_record(desk, "item", data, record=item.item, item=item.item, extra=about)
    policy, rows = write_rights(desk, item.item, compared.description)
    made.signed += [described, *policy]
    made.sealed += [row, *rows]
    _text(desk, made, item, extraction, described=compared.description)
    index = _commit(desk, made)
    return Confirmed(
        item.item,
        index,
        (),
        claim.openings.name,
        kind.media_type,
        kind.mismatch,
        received.size_bytes,
        claim.claimed_at,
        compared.described,
        desk.archive.ledger().items[item.item].rights.uses == {"store"},
    )


def _original(desk: Desk, made: _Made, item: Item, compared: Compared) -> None:
    received, rendition = compared.received, new_id(desk.archive.random)
    data: dict[str, Any] = {
        "item": item.item,
        "outcome": Outcome.SUCCESS.value,
        "rendition": rendition,
        "sealed": received.sealed.as_data(),
        "sha256": compared.claim.openings.commitments()["sha256"],
    }
    event = desk.author.write(Kind.CONFIRMATION, data)
    made.signed.append(event)
    made.renditions.append(
        rendition_row(
            rendition,
            item.item,
            RenditionKind.ORIGINAL,
            sealed=received.sealed,
            size_bytes=received.size_bytes,
            event=event.event,
        )
    )


def _text(desk: Desk, made: _Made, item: Item, extraction: Extraction, *, described: Description) -> None:
    derived = derive(desk.archive, desk.target, item.item, extraction, described)
    queued, batch = seal_batch(desk.archive, desk.target, [derived.entry])
    made.signed += [*derived.signed, queued]
    made.renditions += derived.renditions
    made.batches.append(batch)


def _commit(desk: Desk, made: _Made) -> int:
    """Commit it all, or remove what was sealed for it; return the index of the confirmation's entry."""
    try:
        done = desk.archive.custody.record(
            made.signed, renditions=made.renditions, sealed=made.sealed, batches=made.batches
        )
    except BaseException:
        forget(desk.archive, [row.body for row in made.renditions])
        raise
    return done.first_index
