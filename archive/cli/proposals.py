"""`sviedka propose` and `sviedka proposal`: what takes two persons. Grants: `sviedka grant`."""

import click

from archive.access.keyring import keyring
from archive.access.knowing import known_original
from archive.access.proposals import Seen, approve, proposals, propose, refuse, wish
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import entered
from archive.cli.showing import plain, show
from archive.errors import AccessError, IntakeError
from archive.ids import Id
from archive.kinds import Act
from archive.nouns import Role
from archive.policy import agents

propose_command = Group("propose", help="Propose what takes two persons; grants: use `grant`.")
proposal_command = Group("proposal", help="What was proposed in compartments that take two persons.")
_REASON = click.option("--reason", required=True, help="Why; kept sealed in the compartment.")


@command("identity", into=propose_command, rule=agents(Role.CUSTODIAN))
@click.argument("label")
@_REASON
def _identity(asked: Asked, *, label: str, reason: str) -> None:
    """Propose to hand out the identity of LABEL."""
    _propose(asked, label, Act.IDENTITY, reason)


@command("destroy", into=propose_command, rule=agents(Role.CUSTODIAN))
@click.argument("item")
@_REASON
def _destroy(asked: Asked, *, item: str, reason: str) -> None:
    """Propose to destroy ITEM."""
    _propose(asked, None, Act.DESTROY, reason, item=Id(item))


@command("release", into=propose_command, rule=agents(Role.LAWYER, Role.CUSTODIAN))
@click.argument("item")
@_REASON
def _release(asked: Asked, *, item: str, reason: str) -> None:
    """Propose to add a redaction of ITEM that others than before may read."""
    _propose(asked, None, Act.RELEASE, reason, item=Id(item))


def _propose(asked: Asked, label: str | None, act: Act, reason: str, *, item: Id | None = None) -> None:
    if not reason.strip():
        raise IntakeError("I75", "--reason says nothing", expected="a reason")
    with entered(asked) as (archive, sitting):
        if item is not None:
            found, rings = known_original(archive, sitting, item), keyring(archive, sitting)
            if found.compartment not in rings:
                raise AccessError("A20", "there is no such item for you to read")
            label = rings[found.compartment].label
        made = propose(archive, sitting, str(label), wish(act, reason.strip(), item=item))
    lines = [f"proposed: {made}", f"another who manages {label} approves: sviedka proposal approve {made}"]
    show(asked, {"proposal": made, "act": act.value, "label": label, "item": item}, lines)


@command("list", into=proposal_command, rule=agents(Role.CUSTODIAN))
def _list(asked: Asked) -> None:
    """List the proposals of the compartments that you manage, newest first."""
    with entered(asked) as (archive, sitting):
        handles = {row.agent: row.handle for row in archive.catalogue.agents.all()}
        listed = [_value(one, handles) for one in proposals(archive, sitting)]
    lines = (
        f"{one['proposal']} {one['state']:<8} {one['act']:<8} {plain(str(one['label']))} "
        f"by {one['proposer']} until {one['until']}: {plain(str(one['reason'] or '–'))}"
        for one in listed
    )
    show(asked, listed, lines)


def _value(seen: Seen, handles: dict[Id, str]) -> dict[str, object]:
    one = seen.proposal
    return {
        "proposal": one.proposal,
        "state": seen.state,
        "act": one.act,
        "label": seen.label,
        "proposer": handles.get(one.proposer),
        "approver": handles.get(one.approver) if one.approver else None,
        "handle": handles.get(one.agent) if one.agent else None,
        "item": one.item,
        "may": sorted(one.actions),
        "for": sorted(one.purposes),
        "ends": one.ends,
        "until": one.until,
        "reason": seen.reason,
    }


@command("approve", into=proposal_command, rule=agents(Role.CUSTODIAN))
@click.argument("proposal")
def _approve(asked: Asked, *, proposal: str) -> None:
    """Approve what another proposed. A grant is thereby given, by you."""
    with entered(asked) as (archive, sitting):
        one = approve(archive, sitting, Id(proposal))
    done = one.used is not None
    lines = ["approved and carried out" if done else f"approved; one of the two does it until {one.until}"]
    show(asked, {"proposal": proposal, "act": one.act, "done": done}, lines)


@command("refuse", into=proposal_command, rule=agents(Role.CUSTODIAN))
@click.argument("proposal")
def _refuse(asked: Asked, *, proposal: str) -> None:
    """Refuse what another proposed, or take back what you did."""
    with entered(asked) as (archive, sitting):
        refuse(archive, sitting, Id(proposal))
    show(asked, {"proposal": proposal}, ["refused"])
