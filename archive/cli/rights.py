"""`sviedka grants`: who may do what in the compartments you know, for what, since when and why."""

import click

from archive.access.overview import Right, rights
from archive.cli.asking import Asked, command
from archive.cli.entering import entered
from archive.cli.showing import plain, show
from archive.policy import agents
from archive.uses import Use


@command("grants", rule=agents())
@click.argument("label", required=False)
def grants_command(asked: Asked, *, label: str | None) -> None:
    """List who may do what in LABEL, or in all compartments you know, since when and why."""
    with entered(asked) as (archive, sitting):
        found = rights(archive, sitting, label)
    show(asked, [as_value(one) for one in found], (as_line(one) for one in found))


def as_value(one: Right) -> dict[str, object]:
    """Say what a right is, for programs."""
    return {
        "grant": one.grant.grant,
        "label": one.label,
        "handle": one.handle,
        "may": sorted(one.grant.actions),
        "for": sorted(one.grant.purposes),
        "since": one.grant.starts,
        "until": one.grant.ends,
        "by": one.giver,
        "state": one.state,
        "reason": one.reason,
    }


def as_line(one: Right) -> str:
    """Say what a right is, for people."""
    mark = "" if one.state == "in force" else f"  [{one.state}]"
    every = one.grant.purposes == set(Use) - {Use.STORE}
    named = "every purpose" if every else ",".join(sorted(one.grant.purposes))
    purposes = f" for {named}" if named else ""
    return (
        f"{plain(one.label):<24} {one.handle:<16} {','.join(sorted(one.grant.actions))}{purposes}, "
        f"{one.grant.starts[:10]} to {(one.grant.ends or 'no end')[:10]}, by {one.giver or 'the trustees'}: "
        f"{plain(one.reason or '–')}{mark}"
    )
