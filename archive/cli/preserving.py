"""`sviedka hold` and `sviedka destroy`: what keeps an item, and its end."""

from collections.abc import Iterator

import click

from archive.access import preserving
from archive.access.ending import Ending, ending
from archive.assemble import load_settings, open_archive
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import confirmed, entered, prepared
from archive.cli.reasons import reason_in
from archive.cli.showing import note, show
from archive.errors import IntakeError
from archive.ids import Id
from archive.nouns import Role
from archive.policy import ANYONE, agents

LIMIT = (
    "Destroying takes an item, its texts and its description from this archive and its backups for good. "
    "It cannot take back what was read, saved or printed before, nor reach copies that others made."
)
_WORKING = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)
hold_command = Group("hold", help="Preservation orders: what is held cannot be destroyed.")


@command("add", into=hold_command, rule=agents(*_WORKING))
@click.argument("item")
@click.option("--reason", required=True, help="Why; kept sealed in the compartment.")
def _add(asked: Asked, *, item: str, reason: str) -> None:
    """Put ITEM under a hold."""
    with entered(asked) as (archive, sitting):
        given = preserving.hold(archive, sitting, Id(item), reason_in(reason))
    show(asked, {"hold": given, "item": item}, [f"{item} is held: {given}"])


@command("lift", into=hold_command, rule=agents(*_WORKING))
@click.argument("item")
@click.option("--reason", required=True, help="Why; kept sealed in the compartment.")
def _lift(asked: Asked, *, item: str, reason: str) -> None:
    """Lift every hold on ITEM."""
    with entered(asked) as (archive, sitting):
        lifted = preserving.lift(archive, sitting, Id(item), reason_in(reason))
    show(asked, {"item": item, "lifted": lifted}, [f"holds lifted: {lifted}"])


@command("destroy", rule=ANYONE)
@click.argument("item", required=False)
@click.option("--reason", help="Why; kept sealed in the compartment.")
@click.option("--delay-days", type=click.IntRange(0, 3650), default=preserving.USUAL_DELAY_DAYS, help="[30]")
@click.option("--proposal", metavar="ID", help="The approved proposal, where it takes two persons.")
@click.option("--cancel", is_flag=True, help="Cancel the destruction that was ordered.")
@click.option("--due", is_flag=True, help="Carry out all that is due. Needs no passphrase.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy_command(
    asked: Asked,
    *,
    item: str | None,
    reason: str | None,
    delay_days: int,
    proposal: str | None,
    cancel: bool,
    due: bool,
    yes: bool,
) -> None:
    """Order the destruction of ITEM, cancel it, or carry out what is due."""
    if due:
        _carry_out(asked)
    elif item is None or reason is None:
        raise IntakeError("I79", "what is to be destroyed, and why? Give ITEM and --reason, or --due")
    elif cancel:
        with entered(asked) as (archive, sitting):
            preserving.cancel(archive, sitting, Id(item), reason_in(reason))
        show(asked, {"item": item, "cancelled": True}, [f"{item} is not destroyed"])
    else:
        chosen = Id(proposal) if proposal else None
        _order(asked, Id(item), reason_in(reason), delay_days=delay_days, proposal=chosen, yes=yes)


def _order(asked: Asked, item: Id, reason: str, *, delay_days: int, proposal: Id | None, yes: bool) -> None:
    note(LIMIT)
    with entered(asked) as (archive, sitting):
        found = ending(archive, sitting, item)
        for line in _told(found):
            note(line)
        confirmed(f"Destroy {item} in {delay_days} days?", yes=yes)
        records = [one.record for one in found.records]
        due = preserving.order(
            archive, sitting, item, reason, delay_days=delay_days, records=records, proposal=proposal
        )
    value = {"item": item, "due": due, "readings": len(found.taken), "records": records}
    show(asked, value, [f"{item} is destroyed after {due}, by `sviedka destroy --due` or the running server"])


def _told(found: Ending) -> Iterator[str]:
    """Say what will be gone, what stays with others, and what stands in the way."""
    yield f"will be gone: {', '.join(found.forms)}, the description, the consents and the receipt"
    if found.packed:
        yield "will be gone: the receipts of all that came in the same pack, for its code of words"
    for one in found.records:
        yield f"will be gone, for it tells of this item alone: {one.type} {one.record}"
    if not found.looked:
        yield "records that tell of it alone were not looked for: you do not hold the key there"
    for taken in found.taken:
        yield f"already read by {taken.handle} on {taken.at}"
    for known in found.unmasked:
        yield f"{known.handle} learned whose it is on {known.at}, for {known.purpose}"
    for handed in found.disclosed:
        yield f"the key of its compartment was handed to {handed.handle} on {handed.at}: copies may be opened"
    for held in found.holds:
        yield f"a hold by {held.handle} of {held.at} stands in the way"
    if found.backup_until is not None:
        yield f"a backup that cannot be reached on that day could open it until {found.backup_until[:10]}"


def _carry_out(asked: Asked) -> None:
    load_settings(asked.folder)
    with open_archive(asked.folder, prepared()) as archive:
        done = preserving.carry_out(archive)
    for moment in done.unreached:
        note(f"a backup could not be reached: it could open them until {moment[:10]}")
    for folder in done.behind:
        note(f"a copy still holds what was destroyed: {folder}; connect it and run this again")
    value = {
        "destroyed": list(done.items),
        "backups_unreached_until": list(done.unreached),
        "copies_behind": [str(one) for one in done.behind],
    }
    show(asked, value, [f"destroyed: {one}" for one in done.items] or ["nothing is due"])
