"""`sviedka compartment`: founding compartments, their recipient cards and identities."""

from pathlib import Path
from typing import Any

import click

from archive.access.compartments import disclose, found
from archive.access.keyring import find_label, keyring
from archive.access.parts import Archive
from archive.access.proposals import approved, propose, set_two_person, wish
from archive.access.rewrapping import Rewrapped
from archive.access.signin import Sitting
from archive.cards import format_card
from archive.cli.asking import Asked, Group, command
from archive.cli.card_page import card_page
from archive.cli.cards import make_card
from archive.cli.entering import entered
from archive.cli.saving import new_file, save
from archive.cli.sheets import hand_out, prepare_folder
from archive.cli.showing import note, plain, show, steps
from archive.errors import IntakeError
from archive.events import format_moment
from archive.kinds import Act
from archive.nouns import Role
from archive.policy import agents
from search.resealing import reseal

compartment_command = Group("compartment", help="The boundaries of access.")


@command("add", into=compartment_command, rule=agents(Role.CUSTODIAN))
@click.argument("label")
@click.option("--sealed", is_flag=True, help="Nobody reads it until two of its own three trustees open it.")
@click.option(
    "--sheets", type=click.Path(path_type=Path), metavar="DIR", help="Where its trustees' sheets go."
)
def _add(asked: Asked, *, label: str, sealed: bool, sheets: Path | None) -> None:
    """Found the compartment LABEL and its stricter companion LABEL.identities."""
    if sealed:
        prepare_folder(sheets, beside=asked.folder)
    with entered(asked) as (archive, sitting):
        shares = found(archive, sitting, label, sealed=sealed)
        made = [find_label(keyring(archive, sitting), one) for one in (label, f"{label}.identities")]
    value: dict[str, Any] = {
        "label": label,
        "compartment": made[0].compartment,
        "companion": made[1].compartment,
        "sealed": sealed,
    }
    if shares:
        value |= hand_out(shares, sheets, needed=2, of="sealed compartment")
        for number, share in enumerate(value.get("sheets", ()) if not asked.json else (), 1):
            note(f"sheet {number} of 3: {share}")
        note("Give each sheet to another trustee: any 2 of 3 open the compartment, nobody else can.")
    show(asked, value, [f"{one.label}: {one.compartment}" for one in made])


@command("list", into=compartment_command, rule=agents())
def _list(asked: Asked) -> None:
    """List the compartments you have rights in."""
    with entered(asked) as (archive, sitting):
        listed = _listed(archive, sitting)
    lines = (
        f"{plain(one['label']):<32} {one['compartment']} epoch {one['epoch']}"
        f"{'  sealed' * one['sealed']}  {','.join(one['may'])}"
        for one in listed
    )
    show(asked, listed, lines)


def _listed(archive: Archive, sitting: Sitting) -> list[dict[str, Any]]:
    ledger, now = archive.ledger(), format_moment(archive.clock())
    listed = []
    for held in sorted(keyring(archive, sitting).values(), key=lambda one: one.label):
        compartment = ledger.compartments[held.compartment]
        grants = [g for g in ledger.grants_of(sitting.id, held.compartment) if g.revoked is None]
        now_in_force = [g for g in grants if g.starts <= now and (g.ends is None or now <= g.ends)]
        listed.append(
            {
                "label": held.label,
                "compartment": held.compartment,
                "companion_of": compartment.companion_of,
                "authority": compartment.authority,
                "sealed": compartment.sealed,
                "epoch": compartment.epoch,
                "may": sorted({action.value for g in now_in_force for action in g.actions}),
            }
        )
    return listed


@command("rewrap", into=compartment_command, rule=agents(Role.CUSTODIAN))
@click.argument("label")
def _rewrap(asked: Asked, *, label: str) -> None:
    """Seal what LABEL holds from earlier epochs to the one in force; it may be interrupted and repeated."""
    with entered(asked) as (archive, sitting):
        done = rewrapped(archive, sitting, label)
    show(asked, {"label": label, **as_value(done)}, as_lines(done, label))


def rewrapped(archive: Archive, sitting: Sitting, label: str) -> Rewrapped:
    """Rewrap a compartment, with a progress bar on a terminal."""
    with steps() as step:
        return reseal(archive, sitting, label, lambda done, of: step("sealing again", done, of))


def as_value(done: Rewrapped) -> dict[str, Any]:
    """Say what a rewrapping did, for programs."""
    return {"epoch": done.epoch, "headers": done.headers, "left": list(done.left)}


def as_lines(done: Rewrapped, label: str) -> list[str]:
    """Say what a rewrapping did, for people."""
    lines = [f"{label}: sealed again to epoch {done.epoch}: {done.headers}"]
    if done.left:
        lines.append(
            f"left as they are, because they do not open: {len(done.left)}; `sviedka audit` names them"
        )
    return lines


@command("set", into=compartment_command, rule=agents(Role.CUSTODIAN))
@click.argument("label")
@click.option("--two-person", required=True, type=click.Choice(["on", "off"]))
@click.option("--reason", help="Why it is to end; for the other who has to approve.")
def _set(asked: Asked, *, label: str, two_person: str, reason: str | None) -> None:
    """Say whether opening and destroying take two who manage LABEL; for its companion too, if they are to.

    Ending that takes two as well, in each.
    """
    proposal = None
    with entered(asked) as (archive, sitting):
        if two_person == "on":
            set_two_person(archive, sitting, label)
        else:
            if not (reason or "").strip():
                raise IntakeError("I75", "--reason says nothing", expected="a reason")
            proposal = propose(archive, sitting, label, wish(Act.SETTING, str(reason).strip()))
    value = {"label": label, "two_person": proposal is not None or two_person == "on", "proposal": proposal}
    lines = [f"{label}: opening and destroying take two persons from now on"]
    if proposal is not None:
        lines = [
            f"proposed; it takes two in {label} until another approves: {proposal}",
            f"another who manages {label} ends it with: sviedka proposal approve {proposal}",
        ]
    show(asked, value, lines)


@command("card", into=compartment_command, rule=agents())
@click.argument("label")
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE")
def _card(asked: Asked, *, label: str, output: Path) -> None:
    """Write a recipient card: whoever has it can seal files to LABEL, and read nothing.

    A FILE that ends in .html is a page to be printed, without the proof; any other is the card itself.
    """
    with entered(asked) as (archive, sitting):
        held = find_label(keyring(archive, sitting), label)
        card = make_card(archive, held.compartment)
    is_page = output.suffix.casefold() in (".html", ".htm")
    save(output, card_page(card).encode() if is_page else format_card(card))
    value = {"compartment": held.compartment, "fingerprint": card.fingerprint, "expires": card.expires}
    note("Compare the fingerprint with the person who gets the card, by voice or face to face.")
    show(asked, value, [f"fingerprint {card.fingerprint}", f"expires {card.expires}"])


@command("identity", into=compartment_command, rule=agents(Role.CUSTODIAN))
@click.argument("label")
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE")
def _identity(asked: Asked, *, label: str, output: Path) -> None:
    """Write the age identity of LABEL itself, to open the archive without us. This is logged."""
    with entered(asked) as (archive, sitting), new_file(output) as file:
        proposal = approved(archive, sitting, label, Act.IDENTITY)
        text = disclose(archive, sitting, label, proposal=proposal)
        compartment = find_label(keyring(archive, sitting), label).compartment
        head = f"# compartment {compartment}\n# of {archive.ledger().origin}\n# newest epoch first\n"
        file.write(f"{head}{text}\n".encode())
    note("Whoever has this file can read the whole compartment. Keep it off every disk that may be taken.")
    show(asked, {"compartment": compartment, "epochs": text.count("\n") + 1}, [f"written: {output}"])
