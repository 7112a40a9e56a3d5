"""`sviedka agent factor`: a code from one's telephone, demanded at every sign-in."""

import io

import click
import segno

from archive.access import factors
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import confirmed, entered
from archive.cli.showing import note, show
from archive.policy import agents
from keys.otp import Factor

factor_command = Group("factor", help="A second factor: codes of six digits that a telephone shows (TOTP).")


@command("add", into=factor_command, rule=agents())
def _add(asked: Asked) -> None:
    """Demand a code at every sign-in of yours from now on. Asks for the first one."""
    with entered(asked) as (archive, sitting):
        factor = Factor.generate(archive.random)
        picture = io.StringIO()
        segno.make(factor.uri, micro=False).terminal(out=picture, compact=True)
        note(picture.getvalue())
        note(f"the same in letters: {factor.letters}")
        note("recovery codes, each good for one sign-in; shown once, kept nowhere else:")
        for code in factor.codes:
            note(f"  {code}")
        factors.add(archive, sitting, factor, click.prompt("The code it shows now", err=True))
    show(asked, {"agent": sitting.id, "factor": True}, [f"{sitting.handle} signs in with a code from now on"])


@command("remove", into=factor_command, rule=agents())
@click.argument("handle", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
def _remove(asked: Asked, *, handle: str | None, yes: bool) -> None:
    """Remove your second factor; as a custodian, that of HANDLE, who lost it."""
    confirmed(f"Remove the second factor of {handle or asked.handle}?", yes=yes)
    with entered(asked) as (archive, sitting):
        whose = handle or sitting.handle
        factors.remove(archive, sitting, whose)
    show(asked, {"handle": whose, "factor": False}, [f"{whose} signs in without a code from now on"])
