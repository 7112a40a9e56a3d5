"""Adding a second factor to how one signs in, and taking it away."""

from archive.access.parts import Archive
from archive.access.rotation import keys_at_rest
from archive.access.second_factor import record_factor, remember_step, seal_factor
from archive.access.signin import Sitting, check_row, demand_role, pen
from archive.errors import AccessError
from archive.kinds import Credential, Kind
from archive.nouns import Role
from keys.otp import Factor


def add(archive: Archive, sitting: Sitting, factor: Factor, first_code: str) -> None:
    """Demand this factor at every sign-in from now on, once its first code was typed (K33).

    Raises A43 where there is one already.
    """
    with keys_at_rest(archive, sitting):
        if sitting.agent.factor is not None:
            raise AccessError("A43", "there is a second factor already")
        step = factor.confirm(first_code, int(archive.clock().timestamp()))
        sealed = seal_factor(archive, sitting.agent, factor)
        record_factor(archive, pen(archive, sitting), Credential.FACTOR_ADDED, sealed)
        # The code that confirmed it signs nobody in.
        remember_step(archive, factor, step)


def remove(archive: Archive, sitting: Sitting, handle: str) -> None:
    """Take the second factor away: one's own or, as a custodian, that of somebody who lost it.

    Raises A01, A04, and A44 where there is none.
    """
    row = archive.catalogue.agents.by_handle(handle)
    if handle != sitting.handle:
        demand_role(sitting, Role.CUSTODIAN)
    if row is None:
        raise AccessError("A04", "no agent has this handle")
    agent = check_row(archive.ledger(), row)
    if agent.factor is None:
        raise AccessError("A44", "there is no second factor")
    data = {"agent": agent.agent, "change": Credential.FACTOR_REMOVED.value, "sealed": None}
    archive.custody.record([pen(archive, sitting).write(Kind.CREDENTIAL, data)])
