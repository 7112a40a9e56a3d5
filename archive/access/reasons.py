"""Reasons that were given for an act: sealed to a compartment, opened for whoever holds its identity."""

from archive.access.keyring import Held
from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.errors import SviedkaError
from archive.ids import Id
from archive.nouns import SealedRef


def reason_of(archive: Archive, held: Held | None, subject: Id, reason: SealedRef) -> str | None:
    """Return the reason of what `subject` names, as it was logged; None where it does not open."""
    if held is None or held.compartment != reason.holder:
        return None
    binding = Binding(archive.archive, "reason", subject, 1, reason.holder, reason.epoch)
    ref = archive.ledger().present(reason)
    try:
        return str(open_structure(archive, ref, binding, [*held.identities.values()])["text"])
    except SviedkaError:
        return None
