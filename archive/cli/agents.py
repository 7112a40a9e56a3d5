"""`sviedka agent`: enrolling agents and listing them."""

from pathlib import Path

import click

from archive.access.agents import enrol
from archive.access.signin import demand_role
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import entered, new_passphrase
from archive.cli.showing import note, show
from archive.nouns import Role
from archive.policy import may_audit

agent_command = Group("agent", help="The people and programs that act.")


@command("add", into=agent_command)
@click.argument("handle")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path), metavar="F", help="Else one is generated."
)
def _add(asked: Asked, *, handle: str, role: str, new_passphrase_file: Path | None) -> None:
    """Enrol an agent under the pseudonym HANDLE, with keys issued by you."""
    with entered(asked) as (archive, sitting):
        demand_role(sitting, Role.CUSTODIAN)
        passphrase, generated = new_passphrase(new_passphrase_file, archive.random)
        agent = enrol(archive, sitting, handle, Role(role), passphrase)
    value = {"agent": agent, "handle": handle, "role": role}
    lines = [f"enrolled {handle} as {role}: {agent}"]
    if generated:
        value["passphrase"] = passphrase
        lines.append(f"passphrase of {handle}: {passphrase}")
        note("This passphrase is shown once and kept nowhere.")
    show(asked, value, lines)


@command("list", into=agent_command)
def _list(asked: Asked) -> None:
    """List all agents. For custodians and auditors."""
    with entered(asked) as (archive, sitting):
        ledger = archive.ledger()
        if not may_audit(ledger, sitting.id):
            demand_role(sitting, Role.CUSTODIAN)
        agents = [
            {
                "agent": row.agent,
                "handle": row.handle,
                "role": row.role,
                "issued": ledger.agents[row.agent].issued,
            }
            for row in archive.catalogue.agents.all()
        ]
    lines = (
        f"{a['handle']:<32} {a['role']:<10} {a['agent']}{'  issued keys' if a['issued'] else ''}"
        for a in agents
    )
    show(asked, agents, lines)
