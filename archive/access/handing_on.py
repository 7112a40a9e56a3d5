"""Handing the original of an item on: offered by who holds it, taken over by whom it was offered to.

The log says who, when and on what medium; the number of a seal and the legal basis stand in it as
commitments. What opens them is sealed twice: to the item's compartment, and to whom the item is offered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.access.grants import Prepared, record
from archive.access.keyring import current_recipient
from archive.access.knowing import known_original
from archive.access.opening import Binding, seal_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row, pen
from archive.author import Author
from archive.codec import b64
from archive.digests import SALT_BYTES, Digest, commit, field_salt
from archive.errors import AccessError, IntakeError
from archive.ids import Id, new_id
from archive.kinds import Kind, Medium, Outcome
from archive.ledger import Ledger
from archive.nouns import Agent, Item, Transfer
from archive.rules_of_transfers import may_give, may_take
from keys.recipients import Recipient

LONGEST_BASIS = 2000
LONGEST_SEAL = 200


@dataclass(frozen=True, slots=True)
class Details:
    """What the log only commits to: the number of the seal, if there is one, and the legal basis."""

    seal: str | None = field(repr=False)
    basis: str = field(repr=False)

    @classmethod
    def of(cls, seal: str, basis: str) -> "Details":
        """Read what somebody typed; raise I47 for the basis, I48 for the seal."""
        if not basis.strip() or len(basis) > LONGEST_BASIS:
            raise IntakeError(
                "I47", "no legal basis, or too long a one", expected=f"1 to {LONGEST_BASIS} signs"
            )
        if len(seal) > LONGEST_SEAL:
            raise IntakeError("I48", "too long a number of a seal", expected=f"at most {LONGEST_SEAL} signs")
        return cls(seal.strip() or None, basis.strip())

    def commitments(self, salt: bytes) -> dict[str, Digest | None]:
        """Return the commitments that an offer logs; `salt` is 32 bytes."""
        values = {"seal": self.seal, "basis": self.basis}
        return {
            label: None if value is None else commit(field_salt(salt, label), label, value.encode())
            for label, value in values.items()
        }


def offer(
    archive: Archive, sitting: Sitting, items: Sequence[Id], handle: str, *, medium: Medium, details: Details
) -> list[Id]:
    """Offer the originals of items to an agent, all or none; return the id of each offer.

    Raises A20 for an item that she may not know of, A18 for one that she does not hold, A23 where nobody of
    that handle can take them, A24 for one that is offered already.
    """
    ledger, author = archive.ledger(), pen(archive, sitting)
    found = [_given(archive, sitting, author, item) for item in dict.fromkeys(items)]
    taker = _taker(archive, ledger, sitting, handle)
    prepared = [_offered(archive, author, item, taker, (medium, details)) for item in found]
    record(archive, prepared)
    return [Id(one.rows[0].subject) for one in prepared]


def accept(archive: Archive, sitting: Sitting, transfer: Id, *, differs: bool = False) -> Transfer:
    """Take over what was offered; `differs` says that seal or thing are not as they were offered.

    Raises A19 where there is no such offer to her, or it was answered.
    """
    known = archive.ledger().transfers.get(transfer)
    if known is None or known.taker != sitting.id or not known.open:
        raise AccessError("A19", "there is no such offer for you to answer")
    outcome = Outcome.WARNING if differs else Outcome.SUCCESS
    _answer(archive, sitting, Kind.ACCEPTANCE, known, {"outcome": outcome.value})
    return known


def retract(archive: Archive, sitting: Sitting, transfer: Id) -> Transfer:
    """Refuse an offer that was made to her, or withdraw one of hers (A19 for any other)."""
    ledger, author = archive.ledger(), pen(archive, sitting)
    known = ledger.transfers.get(transfer)
    hers = known is not None and (
        sitting.id in (known.giver, known.taker)
        or may_give(ledger, sitting.id, ledger.items[known.item], author.now())
    )
    if known is None or not hers or not known.open:
        raise AccessError("A19", "there is no such offer for you to answer")
    _answer(archive, sitting, Kind.RETRACTION, known, {})
    return known


def _given(archive: Archive, sitting: Sitting, author: Author, item: Id) -> Item:
    ledger = archive.ledger()
    known = ledger.items.get(item)
    if known is None or ledger.holder(known) != sitting.id:
        known = known_original(archive, sitting, item)
    if not may_give(ledger, sitting.id, known, author.now()):
        raise AccessError("A18", "you do not hold the original of this item", found=item)
    if any(one.open for one in ledger.transfers_of(item)):
        raise AccessError("A24", "the item is offered to somebody already", found=item)
    return known


def _taker(archive: Archive, ledger: Ledger, sitting: Sitting, handle: str) -> Agent:
    row = archive.catalogue.agents.by_handle(handle)
    agent = check_row(ledger, row) if row is not None else None
    if agent is None or not may_take(agent, sitting.id):
        raise AccessError("A23", "nobody of that handle can take it over")
    return agent


def _offered(
    archive: Archive, author: Author, item: Item, taker: Agent, said: tuple[Medium, Details]
) -> Prepared:
    """Write the offer of one item and seal its details, to the compartment and to the taker."""
    (medium, details), transfer = said, new_id(author.random)
    compartment, salt = archive.ledger().compartments[item.compartment], author.random(SALT_BYTES)
    told = {"salt": b64(salt), "seal": details.seal, "basis": details.basis}
    kept = seal_structure(
        Binding(archive.archive, "transfer", transfer, 1, item.compartment, compartment.epoch),
        told,
        current_recipient(compartment),
        holder=item.compartment,
        random=author.random,
        holder_epoch=compartment.epoch,
    )
    copy = seal_structure(
        Binding(archive.archive, "transfer-copy", transfer, 1, item.compartment, taker.key),
        told,
        Recipient.parse(str(taker.recipient)),
        holder=taker.agent,
        random=author.random,
        holder_epoch=taker.key,
    )
    data = {
        "transfer": transfer,
        "item": item.item,
        "to": taker.agent,
        "medium": medium.value,
        **details.commitments(salt),
        "details": kept.ref.as_data(),
        "copy": copy.ref.as_data(),
    }
    signed = author.write(Kind.TRANSFER, data)
    return Prepared(signed, (kept.row(signed.event), copy.row(signed.event)))


def _answer(archive: Archive, sitting: Sitting, kind: Kind, known: Transfer, more: Mapping[str, Any]) -> None:
    data = {"transfer": known.transfer, "item": known.item, **more}
    archive.custody.record([pen(archive, sitting).write(kind, data)])
