"""What came in packs and nobody confirmed yet: where it waits, for whom, and opening it to be compared.

What is opened here goes to `ingest.confirmation` and to nobody else: it is compared, and sealed afresh.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from archive.access.deeds import handles_of
from archive.access.keyring import Held, keyring
from archive.access.opening import check_sealed_bytes, header_in_force, row_in_force
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.cards import fingerprint
from archive.claims import Claim, parse_claim
from archive.digests import Digest
from archive.errors import CustodyError, FixityError
from archive.events import CustodyEvent, format_moment
from archive.ids import Id
from archive.ledger import Ledger
from archive.nouns import OPENING, Action, Item, SealedRef
from archive.packs import Head, Parts
from archive.succession import origins
from keys.identities import Identity
from keys.sealing import open_, open_stream

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """One claimed item: the pack it came in, where it is, when it was handed in, and who signed, if anyone.

    `mismatched_at` is when it was found not to be what its pack says. `confirmable` says that the one who
    asks may confirm it now.
    """

    item: Id
    deposit: Id
    label: str
    at: str
    index: int
    signer: str | None
    mismatched_at: str | None
    confirmable: bool


def waiting(archive: Archive, sitting: Sitting) -> list[Waiting]:
    """Return what was claimed and never confirmed where the agent holds the key, oldest first."""
    ledger, held, handles = archive.ledger(), keyring(archive, sitting), handles_of(archive)
    opens = {place for place in held if may_open(archive, sitting, place)}

    def shown(item: Item) -> Waiting:
        event = archive.custody.checked(item.index)
        signer = event.data["signer"]
        missed = None if item.mismatched is None else archive.custody.checked(item.mismatched).at
        confirmable = missed is None and may_confirm(archive, sitting, item.compartment)
        return Waiting(
            item.item,
            Id(event.data["deposit"]),
            held[item.compartment].label,
            event.at,
            item.index,
            handles.get(Id(signer), "") if signer else None,
            missed,
            confirmable,
        )

    return [shown(one) for one in list(ledger.items.values()) if one.claimed and one.compartment in opens]


def may_open(archive: Archive, sitting: Sitting, compartment: Id) -> bool:
    """Say whether a grant in force gives the agent the key of a compartment."""
    return bool(_actions(archive, sitting, compartment) & OPENING)


def may_confirm(archive: Archive, sitting: Sitting, compartment: Id) -> bool:
    """Say whether the agent may confirm what was claimed there: it takes the key, and `describe`."""
    actions = _actions(archive, sitting, compartment)
    return bool(actions & OPENING) and Action.DESCRIBE in actions


def _actions(archive: Archive, sitting: Sitting, compartment: Id) -> frozenset[Action]:
    ledger, now = archive.ledger(), format_moment(archive.clock())
    grants = (one for one in ledger.grants_in_force(sitting.id, now) if one.compartment == compartment)
    return frozenset(action for grant in grants for action in grant.actions)


def open_claim(archive: Archive, held: Held, event: CustodyEvent) -> Claim:
    """Open what the pack of an item says of it, by the event that took the item in.

    Raises FixityError for what is missing, or not as the log says; KeysError, I94 and C46 where the packer
    sealed something else than she committed to.
    """
    described = SealedRef.of(event.data["description"])
    row = archive.catalogue.sealed.named(described.body)
    if row is None:
        raise FixityError("F30", "a sealed claim is missing", found=described.body)
    present, row = row_in_force(archive, described, row)
    check_sealed_bytes(present, row.header, row.content)
    identity = _identity(held, present.epoch)
    plain = open_(row.header, row.content, identity, commitment=described.file_key)
    original = SealedRef.of(event.data["sealed"])
    parts = Parts(original.body, original.header, original.file_key)
    *others, newest = _heads(archive.ledger(), event, described)
    for head in others:
        # A card of an earlier log is as good as one of its successor.
        with suppress(CustodyError):
            return parse_claim(plain, head, Id(event.data["item"]), parts)
    return parse_claim(plain, newest, Id(event.data["item"]), parts)


def open_claimed(archive: Archive, held: Held, item: Item) -> Iterator[bytes]:
    """Yield the plaintext of a claimed original in chunks.

    Raises FixityError, before the first of them, for bytes that are not those of the log; KeysError, at any
    point, for what was sealed otherwise than the pack says.
    """
    ref = item.original.sealed
    sealed, header = header_in_force(archive, ref, lambda: archive.headers.get(ref.body))
    if Digest.of(header) != sealed.header:
        raise FixityError("F36", "a header differs from the log", expected=sealed.header)
    identity = _identity(held, sealed.epoch)
    with archive.objects.open(sealed.body) as body:
        running = hashlib.sha256()
        while chunk := body.read(_CHUNK_BYTES):
            running.update(chunk)
        if running.hexdigest() != sealed.body:
            raise FixityError("F36", "a body differs from the log", expected=sealed.body)
        body.seek(0)
        yield from open_stream(header, body, identity, commitment=ref.file_key)


def _identity(held: Held, epoch: int) -> Identity:
    try:
        return held.identities[epoch]
    except KeyError:
        raise FixityError(
            "F38", "no identity for this epoch was given to you", found=f"epoch {epoch}"
        ) from None


def _heads(ledger: Ledger, event: CustodyEvent, described: SealedRef) -> list[Head]:
    """Return what the pack of an item may say it is for: one head for each log of the archive."""
    recipient = ledger.compartments[described.holder].recipients[described.epoch - 1]
    deposit = Id(event.data["deposit"])
    place = (described.holder, described.epoch, fingerprint(recipient))
    return [Head(deposit, origin, *place) for origin in origins(ledger)]
