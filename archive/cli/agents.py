"""`sviedka agent`: enrolling agents, listing and suspending them."""

from pathlib import Path
from typing import Any

import click

from archive.access.agents import enrol
from archive.access.overview import own_rights
from archive.access.suspension import suspend
from archive.cli import factor, own_keys
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import confirmed, entered, new_passphrase
from archive.cli.rights import as_line, as_value
from archive.cli.showing import note, show
from archive.nouns import Role
from archive.policy import agents

agent_command = Group("agent", help="The people and programs that act.")
agent_command.add_command(own_keys.rotate_command)
agent_command.add_command(own_keys.passphrase_command)
agent_command.add_command(own_keys.export_command)
agent_command.add_command(factor.factor_command)

SUSPENDING = (
    "All their rights end at once, in running sessions too. "
    "It cannot recall what was read, nor stop someone who kept keys and copies of the bytes."
)


@command("add", into=agent_command, rule=agents(Role.CUSTODIAN))
@click.argument("handle")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path), metavar="F", help="Else one is generated."
)
def _add(asked: Asked, *, handle: str, role: str, new_passphrase_file: Path | None) -> None:
    """Enrol an agent under the pseudonym HANDLE, with keys issued by you."""
    with entered(asked) as (archive, sitting):
        passphrase, generated = new_passphrase(new_passphrase_file, archive.random)
        agent = enrol(archive, sitting, handle, Role(role), passphrase)
    value = {"agent": agent, "handle": handle, "role": role}
    lines = [f"enrolled {handle} as {role}: {agent}"]
    if generated:
        value["passphrase"] = passphrase
        lines.append(f"passphrase of {handle}: {passphrase}")
        note("This passphrase is shown once and kept nowhere.")
    show(asked, value, lines)


@command("list", into=agent_command, rule=agents(Role.CUSTODIAN, Role.AUDITOR))
def _list(asked: Asked) -> None:
    """List all agents. For custodians and auditors."""
    with entered(asked) as (archive, _sitting):
        ledger = archive.ledger()
        enrolled = [
            {
                "agent": row.agent,
                "handle": row.handle,
                "role": row.role,
                "issued": ledger.agents[row.agent].issued,
                "factor": ledger.agents[row.agent].factor is not None,
                "suspended": ledger.agents[row.agent].suspended is not None,
            }
            for row in archive.catalogue.agents.all()
        ]
    show(asked, enrolled, (_line(one) for one in enrolled))


_MARKS = {"issued": "issued keys", "factor": "second factor", "suspended": "suspended"}


def _line(agent: dict[str, Any]) -> str:
    marks = [words for key, words in _MARKS.items() if agent[key]]
    return "  ".join([f"{agent['handle']:<32} {agent['role']:<10} {agent['agent']}", *marks])


@command("suspend", into=agent_command, rule=agents(Role.CUSTODIAN))
@click.argument("handle")
@click.option("--yes", is_flag=True, help="Do not ask.")
def _suspend(asked: Asked, *, handle: str, yes: bool) -> None:
    """End all rights of HANDLE, everywhere and at once."""
    note(SUSPENDING)
    confirmed(f"Suspend {handle}?", yes=yes)
    with entered(asked) as (archive, sitting):
        done = suspend(archive, sitting, handle)
    lines = [f"{handle} is suspended; compartments with a new key: {', '.join(done.renewed) or 'none'}"]
    lines += [f"this compartment still needs one, by whoever manages it: {one}" for one in done.left]
    value = {"agent": done.agent, "handle": handle, "renewed": list(done.renewed), "left": list(done.left)}
    show(asked, value, lines)


@command("me", into=agent_command, rule=agents())
def _me(asked: Asked) -> None:
    """Say who you are here and what you may do."""
    with entered(asked) as (archive, sitting):
        found = own_rights(archive, sitting)
    value = {
        "agent": sitting.id,
        "handle": sitting.handle,
        "role": str(sitting.agent.role),
        "issued": sitting.agent.issued,
        "purpose": sitting.purpose.value,
        "rights": [as_value(one) for one in found],
    }
    lines = [f"{sitting.handle}, {sitting.agent.role}, here for {sitting.purpose.value}: {sitting.id}"]
    show(asked, value, [*lines, *(as_line(one) for one in found)])
