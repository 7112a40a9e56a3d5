"""Accession: the act of taking custody, written as events and rows.

One accession writes, in this order and all at once: the accession itself, the sealed description of the item,
the consent given with it, and the rights that follow; and a receipt, sealed to the depositor.
"""

import hmac
from dataclasses import dataclass, field
from typing import Any

from archive.access.opening import Binding, SealedStructure, seal_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.author import Author, Signed
from archive.digests import SALT_BYTES
from archive.ids import Id, new_id
from archive.kinds import Kind, RenditionKind
from archive.nouns import SealedRef
from archive.receipts import Openings
from archive.records import Description, consent_state
from archive.uses import ConsentState, RightsBasis
from ingest.identify import Identified
from ingest.receive import Received, Target
from keys.passphrases import generate, normalise
from keys.recipients import Recipient
from storage.catalogue.rows import ItemRow, RenditionRow, SealedRow


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one depositor hands things in: who she is, with which pen, into which compartment.

    `language` is that of the words of her receipts' codes.
    """

    archive: Archive
    sitting: Sitting
    author: Author
    target: Target
    deposit: Id
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Accession:
    """A prepared accession: what to log and store together, and what to tell the depositor."""

    item: Id
    rendition: Id
    signed: tuple[Signed, ...]
    item_row: ItemRow
    rendition_row: RenditionRow
    sealed_rows: tuple[SealedRow, ...]
    receipt_code: str = field(repr=False)


def prepare(
    desk: Desk, name: str, received: Received, kind: Identified, description: Description
) -> Accession:
    """Write the accession of one received file; nothing is logged or stored yet."""
    random = desk.archive.random
    item, rendition = new_id(random), new_id(random)
    openings = Openings(random(SALT_BYTES), received.sha256, received.blake3, name)
    accession = desk.author.write(
        Kind.ACCESSION,
        {
            "item": item,
            "deposit": desk.deposit,
            "rendition": rendition,
            "sealed": received.sealed.as_data(),
            **openings.commitments(),
        },
    )
    described, row = write_record(
        desk,
        "item",
        dict(description.data),
        record=item,
        item=item,
        extra=about_file(received, kind, openings),
    )
    policy, consent_rows = write_rights(desk, item, description)
    receipt, code = _seal_receipt(desk, item, openings, epoch=received.sealed.epoch)
    item_row = ItemRow(
        item=item,
        compartment=desk.target.compartment,
        deposit=desk.deposit,
        depositor=desk.sitting.id,
        duplicate=duplicate_tags(desk, received)[0],
        receipt_code=code_digest(code),
        event=accession.event,
    )
    return Accession(
        item,
        rendition,
        (accession, described, *policy),
        item_row,
        rendition_row(
            rendition,
            item,
            RenditionKind.ORIGINAL,
            sealed=received.sealed,
            size_bytes=received.size_bytes,
            event=accession.event,
        ),
        (row, *consent_rows, receipt.row(accession.event)),
        code,
    )


def write_record(
    desk: Desk,
    type: str,
    data: dict[str, Any],
    *,
    record: Id,
    item: Id | None,
    extra: dict[str, Any] | None = None,
) -> tuple[Signed, SealedRow]:
    """Seal the next version of a record to the compartment and write its event."""
    head = desk.archive.ledger().records.get(record)
    version, predecessor = (head.version + 1, head.sealed.body) if head else (1, None)
    sealed = seal_structure(
        Binding(desk.archive.archive, "record", record, version, desk.target.compartment, desk.target.epoch),
        {"type": type, "record": data, **(extra or {})},
        desk.target.recipient,
        holder=desk.target.compartment,
        random=desk.archive.random,
        holder_epoch=desk.target.epoch,
    )
    signed = desk.author.write(
        Kind.RECORD,
        {
            "record": record,
            "version": version,
            "predecessor": predecessor,
            "item": item,
            "sealed": sealed.ref.as_data(),
        },
    )
    return signed, sealed.row(signed.event)


def duplicate_tags(desk: Desk, received: Received) -> tuple[bytes, ...]:
    """Return what recognises the same bytes from the same depositor in the same compartment.

    The first is what to file them under now; the others are what her earlier keys made of them.
    """
    subject = desk.target.compartment.encode() + received.sha256.raw
    keys = (
        hmac.digest(pair.signing.seed, b"sviedka/duplicate", "sha256") for pair in desk.sitting.secret.pairs
    )
    return tuple(hmac.digest(key, subject, "sha256") for key in keys)


def code_digest(code: str) -> bytes:
    """Return under what a receipt's code of words is filed."""
    return hmac.digest(b"sviedka/receipt-code", normalise(code).encode(), "sha256")


def rendition_row(
    rendition: Id, item: Id, kind: RenditionKind, *, sealed: SealedRef, size_bytes: int, event: Id
) -> RenditionRow:
    """Return the catalogue row of a rendition."""
    return RenditionRow(
        rendition=rendition,
        item=item,
        kind=kind.value,
        compartment=sealed.holder,
        epoch=sealed.epoch,
        body=sealed.body,
        size_bytes=size_bytes,
        event=event,
    )


def about_file(received: Received, kind: Identified, openings: Openings) -> dict[str, Any]:
    """Describe the file itself, with the openings of the commitments to it."""
    return {
        "file": {
            "media_type": kind.media_type,
            "claimed_media_type": kind.claimed_media_type,
            "mismatch": kind.mismatch,
            "size_bytes": received.size_bytes,
        },
        "openings": openings.as_data(),
    }


def write_rights(desk: Desk, item: Id, description: Description) -> tuple[list[Signed], list[SealedRow]]:
    """Write the consent given with the deposit as a record of its own, and the rights that follow.

    Consents to an item that was here before, as one that came in a pack, stay beside it.
    """
    signed, rows = list[Signed](), list[SealedRow]()
    known = desk.archive.ledger().items.get(item)
    consents = dict(known.rights.consents) if known else {}
    versions = {record: desk.archive.ledger().records[record].version for record in consents}
    if "consent" in description.data:
        record = new_id(desk.archive.random)
        data = {**description.data["consent"], "items": [item]}
        event, row = write_record(desk, "consent", data, record=record, item=item)
        signed.append(event)
        rows.append(row)
        consents[record], versions[record] = consent_state(data), row.version
    basis = description.basis or RightsBasis.CONSENT
    data = {
        "item": item,
        "basis": basis.value,
        "uses": sorted(description.declared),
        "consents": [consent_data(one, versions[one], given) for one, given in consents.items()],
        "reason": None,
    }
    return [*signed, desk.author.write(Kind.POLICY, data)], rows


def consent_data(record: Id, version: int, given: ConsentState) -> dict[str, Any]:
    """Return what the log is to say of a consent."""
    return {
        "record": record,
        "version": version,
        "uses": sorted(given.uses),
        "withdrawn": given.withdrawn,
        "contact_first": given.contact_first,
    }


def _seal_receipt(desk: Desk, item: Id, openings: Openings, *, epoch: int) -> tuple[SealedStructure, str]:
    code = generate(desk.archive.random, desk.language)
    sealed = seal_structure(
        Binding(desk.archive.archive, "receipt", item, 1, desk.target.compartment, epoch),
        {"openings": openings.as_data()},
        Recipient.parse(str(desk.sitting.agent.recipient)),
        holder=desk.sitting.id,
        random=desk.archive.random,
        holder_epoch=desk.sitting.agent.key,
    )
    return sealed, code
