"""Redactions: a form of an item that more people may read than its original, added beside it, never over it.

What tells of a redaction, its title, file name, text and index entry, is its own, and sealed where it goes.
Nothing of the original comes along: not even a digest. All of it comes true at once, or nothing does.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.access.grants import demand_release, seal_reason
from archive.access.keyring import Held, keyring
from archive.access.knowing import known_forms, known_item
from archive.access.opening import Binding, SealedStructure, open_structure
from archive.access.parts import Archive
from archive.access.preserving import remove_bodies
from archive.access.signin import Sitting
from archive.author import Author, Signed
from archive.digests import SALT_BYTES, Digest
from archive.errors import AccessError, IntakeError
from archive.ids import Id, new_id
from archive.kinds import Kind, RenditionKind
from archive.nouns import Item
from archive.policy import released_for
from archive.receipts import Openings
from archive.records.indexing import item_entry
from archive.uses import STORE_ONLY, Use
from ingest.accession import Desk, about_file, rendition_row, write_record
from ingest.deposit import Handed
from ingest.describe import describing_desk
from ingest.extraction import Extraction, Extractor
from ingest.files import writable
from ingest.identify import Identified
from ingest.receive import Received, receive
from ingest.texts import seal_batch, segments_of, text_form
from storage.catalogue.rows import BatchRow, RenditionRow, SealedRow


@dataclass(frozen=True, slots=True)
class Terms:
    """Of which item, from which form of it, into which compartment, for which uses, and why.

    Without a `label` it goes where the item is; without `uses` it has those of the item, as they change.
    """

    item: Id
    reason: str = field(repr=False)
    label: str | None = None
    uses: frozenset[Use] | None = None
    source: Id | None = None
    proposal: Id | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A redaction as it was added. `segments` are the text found in it, for its maker to look through."""

    rendition: Id
    label: str
    media_type: str
    mismatch: bool
    size_bytes: int
    log_index: int
    outcome: str
    segments: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(slots=True)
class _Made:
    """What one redaction adds, gathered before any of it is logged."""

    signed: list[Signed] = field(default_factory=list)
    renditions: list[RenditionRow] = field(default_factory=list)
    sealed: list[SealedRow] = field(default_factory=list)
    batches: list[BatchRow] = field(default_factory=list)


def may_redact(archive: Archive, author: Author, item: Item) -> None:
    """Refuse whoever may not release where an item is (A07), what is stored only (A60) or claimed (A63)."""
    if item.claimed:
        raise AccessError("A63", "nobody found it to be what its pack says yet")
    demand_release(archive, author, item.compartment)
    if item.rights.uses == STORE_ONLY:
        raise AccessError("A60", "what is stored only has no redactions: nobody agreed to any other use")


def uses_open_to(archive: Archive, author: Author, item: Item) -> frozenset[Use]:
    """Return the uses that somebody may give a redaction: the item's, and those for which she may release."""
    return item.rights.uses | released_for(archive.ledger(), author.agent, item.compartment, author.now())


def add_redaction(
    archive: Archive, sitting: Sitting, extractor: Extractor, handed: Handed, terms: Terms
) -> Added:
    """Add a redacted form of an item, whose description is all that tells of it.

    Raises A20 for what she may not know of, A07 without the rights it takes, A60 for what is stored only, A63
    for what is claimed, A61 for uses that she may not give it, A02 for a compartment that she does not know,
    A21 for a source that she does not, I96 for the original itself, C59 where it takes two persons.
    """
    item = known_item(archive, sitting, terms.item)
    rings = keyring(archive, sitting)
    if item.compartment not in rings:
        raise AccessError("A20", "there is no such item for you to read")
    home = rings[item.compartment]
    desk = _desk(archive, sitting, item, terms, home.label)
    if terms.source is not None and terms.source not in {
        one.rendition for one in known_forms(archive, sitting, item)
    }:
        raise AccessError("A21", "the item has no such rendition for you to read")
    name = writable(handed.name)
    with archive.custody.writing():
        with handed.open() as source:
            received = receive(source, desk.target)
        try:
            kind = extractor.identify(received.head, name=handed.name)
            _refuse_original(archive, home, item, received.sha256)
            found = _extract(archive, desk, extractor, received, kind)
            return _add(desk, handed, received, kind, found=found, terms=terms, name=name)
        except BaseException:
            _forget(archive, [received.sealed.body])
            raise
        finally:
            if received.kept is not None:
                os.close(received.kept)


def _desk(archive: Archive, sitting: Sitting, item: Item, terms: Terms, home: str) -> Desk:
    """Return the desk of whoever may add this redaction there."""
    desk = describing_desk(archive, sitting, terms.label or home)
    may_redact(archive, desk.author, item)
    if terms.uses is not None and not terms.uses <= uses_open_to(archive, desk.author, item):
        raise AccessError("A61", "you may not release it for all of these uses")
    return desk


def _refuse_original(archive: Archive, home: Held, item: Item, sha256: Digest) -> None:
    """Refuse (I96) the very file from which something was to be left out: it is chosen easily by mistake."""
    ledger = archive.ledger()
    head = ledger.records.get(item.item)
    if head is None:
        return
    binding = Binding(
        archive.archive, "record", head.record, head.version, item.compartment, head.sealed.epoch
    )
    data = open_structure(archive, ledger.present(head.sealed), binding, [*home.identities.values()])
    if Openings.of(data["openings"]).sha256 == sha256:
        raise IntakeError("I96", "this is the original itself, and nothing is left out of it")


def _extract(
    archive: Archive, desk: Desk, extractor: Extractor, received: Received, kind: Identified
) -> Extraction:
    if archive.ledger().compartments[desk.target.compartment].sealed:
        return Extraction("not-text", "sealed")
    if received.kept is None:
        return Extraction("too-large", "input")
    os.lseek(received.kept, 0, os.SEEK_SET)
    return extractor.extract(received.kept, media_type=kind.media_type)


def _add(
    desk: Desk,
    handed: Handed,
    received: Received,
    kind: Identified,
    *,
    found: Extraction,
    terms: Terms,
    name: str,
) -> Added:
    """Write everything that a redaction adds, and commit it together."""
    archive, form = desk.archive, new_id(desk.archive.random)
    openings = Openings(archive.random(SALT_BYTES), received.sha256, received.blake3, name)
    made, data = _Made(), dict(handed.description.data)
    _form(desk, made, form, received, terms=terms, sha256=openings.commitments()["sha256"])
    extra = about_file(received, kind, openings)
    event, row = write_record(desk, "item", data, record=form, item=terms.item, extra=extra)
    made.signed.append(event)
    made.sealed.append(row)
    subject = _text(desk, made, form, found, item=terms.item, language=data.get("language"))
    if not archive.ledger().compartments[desk.target.compartment].sealed:
        # In the index a redaction stands for itself: neither its words nor its rights are the original's.
        queued, batch = seal_batch(
            archive, desk.target, [item_entry(form, subject, data, segments_of(found))]
        )
        made.signed.append(queued)
        made.batches.append(batch)
    index = _commit(archive, made)
    return Added(
        form,
        keyring(archive, desk.sitting)[desk.target.compartment].label,
        kind.media_type,
        kind.mismatch,
        received.size_bytes,
        index,
        found.outcome,
        tuple(segments_of(found)),
    )


def _form(desk: Desk, made: _Made, form: Id, received: Received, *, terms: Terms, sha256: Digest) -> None:
    """Write the form itself, and why it was made, sealed where the item is."""
    archive = desk.archive
    item = archive.ledger().items[terms.item]
    reason = _reason(desk, item, form, terms.reason)
    data: dict[str, Any] = {
        "item": item.item,
        "rendition": form,
        "kind": RenditionKind.REDACTION.value,
        "sealed": received.sealed.as_data(),
        "sha256": sha256,
        "uses": sorted(terms.uses | STORE_ONLY) if terms.uses is not None else None,
        "source": terms.source or item.original.rendition,
        "reason": reason.ref.as_data(),
        "proposal": terms.proposal,
    }
    event = desk.author.write(Kind.RENDITION, data)
    made.signed.append(event)
    made.sealed.append(reason.row(event.event))
    made.renditions.append(
        rendition_row(
            form,
            item.item,
            RenditionKind.REDACTION,
            sealed=received.sealed,
            size_bytes=received.size_bytes,
            event=event.event,
        )
    )


def _reason(desk: Desk, item: Item, form: Id, text: str) -> SealedStructure:
    compartment = desk.archive.ledger().compartments[item.compartment]
    return seal_reason(desk.archive.archive, desk.author, compartment, form, text)


def _text(desk: Desk, made: _Made, form: Id, found: Extraction, *, item: Id, language: str | None) -> Id:
    """Seal the text of a redaction, if it has one; return what the index is to name."""
    if not found.segments:
        return form
    event, row = text_form(desk.archive, desk.target, item, found, language=language, source=form)
    made.signed.append(event)
    made.renditions.append(row)
    return row.rendition


def _commit(archive: Archive, made: _Made) -> int:
    """Commit it all, or remove what was sealed for it; return the index of the redaction's entry."""
    try:
        done = archive.custody.record(
            made.signed, renditions=made.renditions, sealed=made.sealed, batches=made.batches
        )
    except BaseException:
        if made.signed[0].event not in archive.ledger().events:
            _forget(archive, [row.body for row in made.renditions])
        raise
    return done.first_index


def _forget(archive: Archive, bodies: Sequence[Digest]) -> None:
    """Remove bodies that no entry of the log names."""
    logged = {one.sealed.body for one in archive.ledger().renditions.values()}
    remove_bodies(archive, [body for body in bodies if body not in logged])
