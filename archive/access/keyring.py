"""What was sealed to an agent: the labels and identities of the compartments she was granted."""

from dataclasses import dataclass, field

from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import AccessError, CustodyError
from archive.ids import Id
from archive.nouns import Compartment, Grant
from keys.identities import Identity
from keys.recipients import Recipient


@dataclass(frozen=True, slots=True)
class Held:
    """A compartment an agent knows of: its label, and its identities by epoch if she may open it."""

    compartment: Id
    label: str
    identities: dict[int, Identity] = field(repr=False)


def keyring(archive: Archive, sitting: Sitting) -> dict[Id, Held]:
    """Open every unrevoked grant of the agent; return what she holds, by compartment.

    Checks each identity against the recipient that the log names for its epoch (C73).
    """
    held: dict[Id, Held] = {}
    ledger = archive.ledger()
    for grant in ledger.grants_to(sitting.id):
        label, identities = _open_grant(archive, sitting, grant)
        _check_identities(ledger.compartments[grant.compartment], identities)
        known = held.get(grant.compartment)
        held[grant.compartment] = Held(
            grant.compartment, label, (known.identities if known else {}) | identities
        )
    return held


def _open_grant(archive: Archive, sitting: Sitting, grant: Grant) -> tuple[str, dict[int, Identity]]:
    binding = grant_binding(archive, grant.grant, grant.compartment, "grant")
    own = [sitting.secret.identity]
    data = open_structure(archive, grant.sealed, binding, own)
    identities = {one["epoch"]: Identity.parse(one["identity"]) for one in data["identities"]}
    for ref in grant.keys:
        key = open_structure(
            archive, ref, grant_binding(archive, grant.grant, grant.compartment, "grant-key", ref.epoch), own
        )
        identities[key["epoch"]] = Identity.parse(key["identity"])
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
    """Return the compartment with this label among those the agent knows (A02 when there is none)."""
    for one in held.values():
        if one.label == label:
            return one
    raise AccessError("A02", "no compartment of that label is known to you")


def current_recipient(compartment: Compartment) -> Recipient:
    """Return the recipient of the epoch in force, as the log names it."""
    return Recipient.parse(compartment.recipients[-1])
