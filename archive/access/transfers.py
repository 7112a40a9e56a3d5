"""Offers to hand originals on, as those see them whom they concern; and who holds what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archive.access.deeds import handles_of
from archive.access.handing_on import Details
from archive.access.keyring import keyring
from archive.access.knowing import known_original
from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.codec import unb64
from archive.errors import FixityError, SviedkaError
from archive.ids import Id
from archive.kinds import Outcome
from archive.nouns import Item, SealedRef, Transfer
from archive.rules_of_transfers import may_give
from keys.identities import Identity


@dataclass(frozen=True, slots=True)
class Seen:
    """An offer as somebody sees it. `state` is open, accepted, differing, refused or withdrawn.

    `details` is None where they do not open for her. `answered_at` is when it was accepted or ended.
    """

    transfer: Transfer
    giver: str
    taker: str
    state: str
    answered_at: str | None
    details: Details | None


def transfers(archive: Archive, sitting: Sitting) -> list[Seen]:
    """Return every offer to her, with its details, and every one of hers, newest first."""
    own = [
        one
        for one in reversed(tuple(archive.ledger().transfers.values()))
        if sitting.id in (one.giver, one.taker)
    ]
    return _seen(archive, own, lambda one: _for_taker(archive, sitting, one))


def transfers_of(archive: Archive, sitting: Sitting, item: Id) -> list[Seen]:
    """Return every offer of an item, oldest first, to whoever may know of it where it lies (A20)."""
    known = known_original(archive, sitting, item)
    held = keyring(archive, sitting).get(known.compartment)
    identities = tuple(held.identities.values()) if held else ()
    return _seen(
        archive,
        archive.ledger().transfers_of(item),
        lambda one: _open(archive, one, one.details, identities) or _for_taker(archive, sitting, one),
    )


def holder_of(archive: Archive, item: Item) -> str:
    """Return the handle of who holds the original of an item; empty where that is nobody who can sign."""
    return handles_of(archive).get(archive.ledger().holder(item), "")


def may_offer(archive: Archive, sitting: Sitting, item: Item) -> bool:
    """Say whether she may offer the original of an item to somebody now."""
    ledger, now = archive.ledger(), pen(archive, sitting).now()
    waiting = any(one.open for one in ledger.transfers_of(item.item))
    return not waiting and may_give(ledger, sitting.id, item, now)


def _seen(
    archive: Archive, found: Sequence[Transfer], opened: Callable[[Transfer], Details | None]
) -> list[Seen]:
    handles = handles_of(archive)
    seen = []
    for one in found:
        state, at = _state(archive, one)
        seen.append(Seen(one, handles.get(one.giver, ""), handles.get(one.taker, ""), state, at, opened(one)))
    return seen


def _state(archive: Archive, one: Transfer) -> tuple[str, str | None]:
    """Say where an offer stands, and since when it is answered."""
    index = one.taken if one.taken is not None else one.over
    if index is None:
        return "open", None
    event = archive.custody.checked(index)
    if one.taken is not None:
        return ("accepted" if one.outcome == Outcome.SUCCESS else "differing"), event.at
    return ("refused" if event.agent == one.taker else "withdrawn"), event.at


def _for_taker(archive: Archive, sitting: Sitting, one: Transfer) -> Details | None:
    return _open(archive, one, one.copy, sitting.secret.identities) if one.taker == sitting.id else None


def _open(
    archive: Archive, one: Transfer, sealed: SealedRef, identities: Sequence[Identity]
) -> Details | None:
    """Open the details and hold them against the log's commitments (F37); None where they do not open."""
    kind = "transfer" if sealed is one.details else "transfer-copy"
    compartment = archive.ledger().items[one.item].compartment
    binding = Binding(archive.archive, kind, one.transfer, 1, compartment, sealed.epoch)
    if not identities:
        return None
    try:
        told = open_structure(archive, archive.ledger().present(sealed), binding, identities)
    except SviedkaError:
        return None
    details = Details(told["seal"], told["basis"])
    if details.commitments(unb64(told["salt"])) != {"seal": one.seal, "basis": one.basis}:
        raise FixityError("F37", "what was said of an offer differs from its commitments", found=one.transfer)
    return details
