"""`sviedka transfer`: the original itself goes from hand to hand, each signing for it."""

from typing import Any

import click

from archive.access import handing_on
from archive.access.handing_on import Details
from archive.access.transfers import Seen, transfers
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import entered
from archive.cli.showing import plain, show
from archive.ids import Id
from archive.kinds import Medium
from archive.nouns import Role
from archive.policy import agents
from archive.vocabulary import label

transfer_command = Group("transfer", help="Handing the original itself on: offered by one, taken by another.")
_WORKING = agents(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)


@command("offer", into=transfer_command, rule=_WORKING)
@click.argument("items", metavar="ITEM...", nargs=-1, required=True)
@click.option("--to", "handle", required=True, metavar="HANDLE", help="Who is to take it over.")
@click.option("--medium", required=True, type=click.Choice([one.value for one in Medium]), help="What it is.")
@click.option("--seal", metavar="NUMBER", help="The number of the seal on it; kept sealed.")
@click.option("--basis", required=True, help="On which legal basis; kept sealed.")
def _offer(
    asked: Asked, *, items: tuple[str, ...], handle: str, medium: str, seal: str | None, basis: str
) -> None:
    """Offer the original of each ITEM, which you hold, to somebody."""
    details = Details.of(seal or "", basis)
    known = [Id(one) for one in items]
    with entered(asked) as (archive, sitting):
        made = handing_on.offer(archive, sitting, known, handle, medium=Medium(medium), details=details)
    value = [{"transfer": one, "item": item} for one, item in zip(made, dict.fromkeys(items), strict=True)]
    show(asked, value, [f"offered to {handle}: {one['item']} by {one['transfer']}" for one in value])


@command("accept", into=transfer_command, rule=_WORKING)
@click.argument("offers", metavar="ID...", nargs=-1, required=True)
@click.option("--differs", is_flag=True, help="The seal or the thing is not as it was offered.")
def _accept(asked: Asked, *, offers: tuple[str, ...], differs: bool) -> None:
    """Take over what was offered to you. Look at the seal first: you sign for it."""
    with entered(asked) as (archive, sitting):
        taken = [handing_on.accept(archive, sitting, Id(one), differs=differs) for one in offers]
    value = [{"transfer": one.transfer, "item": one.item} for one in taken]
    show(asked, value, [f"you hold the original of {one.item} now" for one in taken])


@command("refuse", into=transfer_command, rule=_WORKING)
@click.argument("offer", metavar="ID")
def _refuse(asked: Asked, *, offer: str) -> None:
    """Refuse what was offered to you, or withdraw what you offered."""
    with entered(asked) as (archive, sitting):
        known = handing_on.retract(archive, sitting, Id(offer))
    show(asked, {"transfer": known.transfer, "item": known.item}, [f"not handed on: {known.item}"])


@command("list", into=transfer_command, rule=_WORKING)
def _list(asked: Asked) -> None:
    """List what was offered to you and by you, newest first."""
    with entered(asked) as (archive, sitting):
        listed = [_value(one) for one in transfers(archive, sitting)]
    lines = (
        f"{one['transfer']} {one['state']:<9} {one['item']} {one['from']} → {one['to']}, "
        f"{label('media', one['medium'], 'en').lower()}, {one['at']}"
        + (f": {plain(one['basis'])}; seal {plain(one['seal'] or '–')}" if one["basis"] else "")
        for one in listed
    )
    show(asked, listed, lines)


def _value(seen: Seen) -> dict[str, Any]:
    one = seen.transfer
    return {
        "transfer": one.transfer,
        "item": one.item,
        "state": seen.state,
        "from": seen.giver,
        "to": seen.taker,
        "medium": one.medium,
        "at": one.at,
        "answered_at": seen.answered_at,
        "seal": seen.details.seal if seen.details else None,
        "basis": seen.details.basis if seen.details else None,
    }
