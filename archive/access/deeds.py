"""What may be done with an item beside reading it; and what was: holds, and an order to destroy it."""

from dataclasses import dataclass, field
from enum import StrEnum

from archive.access.keyring import keyring
from archive.access.knowing import known_original
from archive.access.parts import Archive
from archive.access.reasons import reason_of
from archive.access.signin import Sitting, check_row
from archive.events import format_moment
from archive.ids import Id
from archive.nouns import Action, Hold
from archive.uses import STORE_ONLY

_WORKING = frozenset({Action.READ, Action.DESCRIBE, Action.RELEASE, Action.MANAGE})


class Deed(StrEnum):
    """What may be done with an item beside reading it."""

    WITHDRAW = "withdraw"
    HOLD = "hold"
    LIFT = "lift"
    DESTROY = "destroy"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Done:
    """A hold, an order, a disclosure: by whom, when, and why if that opens. `due` is an order's day."""

    handle: str
    at: str
    reason: str | None = field(default=None, repr=False)
    due: str | None = None


def holds(archive: Archive, sitting: Sitting, item: Id) -> list[Done]:
    """Return the holds on an item, to whoever may know of it (A20)."""
    known = known_original(archive, sitting, item)
    held, handles = keyring(archive, sitting).get(known.compartment), handles_of(archive)

    def shown(one: Hold) -> Done:
        return Done(handles.get(one.giver, ""), one.at, reason_of(archive, held, one.hold, one.reason))

    return [shown(one) for one in archive.ledger().held(item)]


def ordered(archive: Archive, sitting: Sitting, item: Id) -> Done | None:
    """Return the destruction that was ordered of an item, if one was, to whoever may know of it (A20)."""
    known = known_original(archive, sitting, item)
    one = archive.ledger().orders.get(item)
    if one is None:
        return None
    held = keyring(archive, sitting).get(known.compartment)
    handle = handles_of(archive).get(one.giver, "")
    return Done(handle, one.at, reason_of(archive, held, item, one.reason), one.due)


def possible(archive: Archive, sitting: Sitting, item: Id) -> frozenset[Deed]:
    """Return what the agent may do with an item now. What is not in it would be refused."""
    ledger, now = archive.ledger(), format_moment(archive.clock())
    known = known_original(archive, sitting, item)
    actions = {
        action
        for grant in ledger.grants_in_force(sitting.id, now)
        if grant.compartment == known.compartment
        for action in grant.actions
    }
    kept, due = ledger.held(item), item in ledger.orders
    manages = sitting.id in ledger.managers(known.compartment, now)
    contributes = known.depositor == sitting.id and Action.CONTRIBUTE in actions
    left = known.rights.uses != STORE_ONLY or any(not one.withdrawn for one in known.rights.states())
    found = {
        Deed.WITHDRAW: (contributes or Action.DESCRIBE in actions) and left,
        Deed.HOLD: bool(actions & _WORKING),
        Deed.LIFT: bool(kept) and (manages or all(one.giver == sitting.id for one in kept)),
        Deed.DESTROY: Action.DESTROY in actions and not kept and not due,
        Deed.CANCEL: due and bool(actions & {Action.DESTROY, Action.MANAGE}),
    }
    return frozenset(deed for deed, may in found.items() if may)


def handles_of(archive: Archive) -> dict[Id, str]:
    """Return everybody's handle, as the log has it."""
    ledger = archive.ledger()
    return {row.agent: row.handle for row in archive.catalogue.agents.all() if check_row(ledger, row)}
