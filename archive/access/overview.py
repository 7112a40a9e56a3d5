"""Who may do what, for what, since when and why: every right not withdrawn, with the reason opened."""

from collections.abc import Iterator
from dataclasses import dataclass

from archive.access.keyring import Held, find_label, keyring
from archive.access.opening import Binding, open_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import SviedkaError
from archive.events import format_moment
from archive.ids import Id
from archive.ledger import Ledger
from archive.nouns import Action, Grant


@dataclass(frozen=True, slots=True)
class Right:
    """One grant: `state` as `state_of` says; `reason` is None where it does not open."""

    grant: Grant
    label: str
    handle: str
    giver: str
    state: str
    reason: str | None


def rights(archive: Archive, sitting: Sitting, label: str | None = None) -> list[Right]:
    """Return the rights in the compartments that the agent knows, or in one, by label and handle.

    Whoever manages or audits a compartment sees those of all in it, everybody else just her own: who else has
    rights there would tell an infiltrator whom to go for. Reasons open only with the compartment's identity.
    """
    rings = keyring(archive, sitting)
    chosen = [find_label(rings, label)] if label else list(rings.values())
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all()}
    all_seen = _overseen(archive, sitting)
    found = [
        one
        for held in chosen
        for one in _of(archive, held, handles)
        if one.grant.agent == sitting.id or held.compartment in all_seen
    ]
    return sorted(found, key=lambda one: (one.label, one.handle, one.grant.index))


def _overseen(archive: Archive, sitting: Sitting) -> set[Id]:
    grants = archive.ledger().grants_in_force(sitting.id, format_moment(archive.clock()))
    return {one.compartment for one in grants if one.actions & {Action.MANAGE, Action.AUDIT}}


def own_rights(archive: Archive, sitting: Sitting) -> list[Right]:
    """Return the agent's own rights, in every compartment."""
    return [one for one in rights(archive, sitting) if one.grant.agent == sitting.id]


def _of(archive: Archive, held: Held, handles: dict[Id, str]) -> Iterator[Right]:
    ledger, now = archive.ledger(), format_moment(archive.clock())
    for grant in tuple(ledger.grants.values()):
        if grant.compartment == held.compartment and grant.revoked is None:
            who, giver = handles.get(grant.agent, ""), handles.get(grant.giver, "")
            reason = _reason(archive, held, grant)
            yield Right(grant, held.label, who, giver, state_of(ledger, grant, now), reason)


def state_of(ledger: Ledger, grant: Grant, now: str) -> str:
    """Say how a grant that was not withdrawn stands at a moment."""
    if ledger.agents[grant.agent].suspended is not None:
        return "suspended"
    if now < grant.starts:
        return "not yet"
    return "expired" if grant.ends is not None and now > grant.ends else "in force"


def _reason(archive: Archive, held: Held, grant: Grant) -> str | None:
    binding = Binding(archive.archive, "reason", grant.grant, 1, grant.compartment, grant.reason.epoch)
    ref = archive.ledger().present(grant.reason)
    try:
        return str(open_structure(archive, ref, binding, [*held.identities.values()])["text"])
    except SviedkaError:
        return None
