"""What was sealed to an agent: the labels and identities of the compartments she was granted."""

from dataclasses import dataclass, field, replace

from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import AccessError, CustodyError, SviedkaError
from archive.ids import Id
from archive.nouns import Compartment, Grant
from keys.identities import Identity
from keys.recipients import Recipient


@dataclass(frozen=True, slots=True)
class Held:
    """A compartment an agent knows of: its label, and its identities by epoch if she may open it.

    `fault` is why one of her grants there does not open; others are not held up by it.
    """

    compartment: Id
    label: str
    identities: dict[int, Identity] = field(repr=False)
    fault: SviedkaError | None = None


def keyring(archive: Archive, sitting: Sitting) -> dict[Id, Held]:
    """Open every unrevoked grant of the agent; return what she holds, by compartment.

    Checks each identity against the recipient that the log names for its epoch (C73). A grant that does not
    open is a fault of its compartment only, raised by `find_label` and `intact`.
    """
    held: dict[Id, Held] = {}
    for grant in archive.ledger().grants_to(sitting.id):
        known = held.get(grant.compartment) or Held(grant.compartment, "", {})
        held[grant.compartment] = _with_grant(archive, sitting, grant, known)
    return held


def intact(held: Held) -> Held:
    """Return what is held, or raise why one of the grants there does not open."""
    if held.fault is not None:
        raise held.fault
    return held


def _with_grant(archive: Archive, sitting: Sitting, grant: Grant, known: Held) -> Held:
    try:
        label, identities = open_grant(archive, sitting, grant)
        _check_identities(archive.ledger().compartments[grant.compartment], identities)
    except SviedkaError as fault:
        return replace(known, fault=fault)
    return replace(known, label=label, identities=known.identities | identities)


def open_grant(archive: Archive, sitting: Sitting, grant: Grant) -> tuple[str, dict[int, Identity]]:
    """Open a grant of the agent's: its compartment's label, and its identities by epoch.

    Raises as `open_structure` does. A grant logged just before its agent's keys were replaced is still
    sealed to the earlier one.
    """
    binding = grant_binding(archive, grant.grant, grant.compartment, "grant", grant.sealed.epoch)
    own = sitting.secret.identities
    data = open_structure(archive, grant.sealed, binding, own)
    identities = {one["epoch"]: Identity.parse(one["identity"]) for one in data["identities"]}
    for epoch, ref in grant.keys:
        binding = grant_binding(archive, grant.grant, grant.compartment, "grant-key", epoch)
        identities[epoch] = Identity.parse(open_structure(archive, ref, binding, own)["identity"])
    return data["label"], identities


def grant_binding(archive: Archive, grant: Id, compartment: Id, kind: str, epoch: int = 1) -> Binding:
    """Return what a grant's sealed structures say of themselves."""
    return Binding(archive.archive, kind, grant, 1, compartment, epoch)


def _check_identities(compartment: Compartment, identities: dict[int, Identity]) -> None:
    for epoch, identity in identities.items():
        if epoch > compartment.epoch or identity.recipient.text != compartment.recipients[epoch - 1]:
            raise CustodyError(
                "C73", "a grant holds an identity that the log does not know", found=f"epoch {epoch}"
            )


def find_label(held: dict[Id, Held], label: str) -> Held:
    """Return the one compartment with this label that the agent knows (A02 when none or several have it)."""
    found = [one for one in held.values() if one.label == label]
    if len(found) > 1:
        raise AccessError("A02", "several compartments known to you have that label", found=len(found))
    for one in found:
        return intact(one)
    for one in held.values():
        if not one.label:
            intact(one)
    raise AccessError("A02", "no compartment of that label is known to you")


def current_recipient(compartment: Compartment) -> Recipient:
    """Return the recipient of the epoch in force, as the log names it."""
    return Recipient.parse(compartment.recipients[-1])
