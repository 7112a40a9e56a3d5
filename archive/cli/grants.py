"""`sviedka grant` and `sviedka revoke`: giving and withdrawing rights."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar

import click

from archive.access.grants import Terms, revoke
from archive.access.proposals import give_or_propose
from archive.cli.asking import Asked, command
from archive.cli.compartments import as_lines, as_value, rewrapped
from archive.cli.entering import confirmed, entered
from archive.cli.showing import note, show
from archive.errors import IntakeError
from archive.events import format_moment
from archive.nouns import Action, Role
from archive.policy import agents
from archive.uses import Use

Word = TypeVar("Word", bound=StrEnum)

LIMIT = (
    "This starts a new epoch: what is deposited from now on stays closed to them. "
    "It cannot recall what was read, nor stop someone who kept an identity and copies of the bytes."
)


@command("grant", rule=agents(Role.CUSTODIAN))
@click.argument("handle")
@click.argument("label")
@click.option("--may", required=True, metavar="ACTION,...", help=", ".join(Action))
@click.option("--for", "purposes", metavar="PURPOSE,...", help="Else for every purpose.")
@click.option("--until", metavar="DATE", help="The last day, such as 2027-06-30 (UTC).")
@click.option("--reason", required=True, help="Why; kept sealed in the compartment.")
def grant_command(
    asked: Asked, *, handle: str, label: str, may: str, purposes: str | None, until: str | None, reason: str
) -> None:
    """Give HANDLE rights in the compartment LABEL."""
    actions = _words(may, Action, "--may")
    known = frozenset(Use) - {Use.STORE}
    uses = _words(purposes, Use, "--for") if purposes is not None else known
    if not uses <= known:
        raise IntakeError("I75", "a purpose that is none", expected=", ".join(sorted(known)))
    purposeful = bool(actions & {Action.READ, Action.RELEASE})
    terms = Terms(actions, uses if purposeful else frozenset(), _last_moment(until), _reason(reason))
    with entered(asked) as (archive, sitting):
        if terms.ends is not None and terms.ends < format_moment(archive.clock()):
            raise IntakeError("I75", "--until lies in the past")
        given, carried_out = give_or_propose(archive, sitting, handle, label, terms)
    value = {
        "grant" if carried_out else "proposal": given,
        "handle": handle,
        "label": label,
        "may": sorted(terms.actions),
        "for": sorted(terms.purposes),
        "until": terms.ends,
    }
    lines = [f"{handle} may {', '.join(sorted(actions))} in {label}: {given}"]
    if not carried_out:
        lines = [
            f"proposed, not given yet: it takes two persons in {label}: {given}",
            f"another who manages {label} gives it with: sviedka proposal approve {given}",
        ]
    show(asked, value, lines)


@command("revoke", rule=agents(Role.CUSTODIAN))
@click.argument("handle")
@click.argument("label")
@click.option("--reason", required=True, help="Why; kept sealed in the compartment.")
@click.option("--rewrap", is_flag=True, help="Seal what is there already to the new epoch too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke_command(asked: Asked, *, handle: str, label: str, reason: str, rewrap: bool, yes: bool) -> None:
    """Withdraw every right of HANDLE in the compartment LABEL."""
    why = _reason(reason)
    note(LIMIT)
    confirmed(f"Withdraw every right of {handle} in {label}?", yes=yes)
    with entered(asked) as (archive, sitting):
        ended = revoke(archive, sitting, handle, label, why)
        done = rewrapped(archive, sitting, label) if rewrap else None
    value = {"handle": handle, "label": label, "grants_ended": ended}
    lines = [f"{handle} has no rights in {label} any more; grants ended: {ended}"]
    if done is not None:
        value, lines = {**value, "rewrapped": as_value(done)}, [*lines, *as_lines(done, label)]
    show(asked, value, lines)


def _words(text: str, kind: type[Word], option: str) -> frozenset[Word]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = {one.value for one in kind}
    if not words or not known.issuperset(words):
        raise IntakeError("I75", f"{option} holds an unknown word or none", expected=_listed(known))
    return frozenset(kind(word) for word in words)


def _listed(words: Iterable[str]) -> str:
    return "some of " + ", ".join(sorted(words))


def _last_moment(text: str | None) -> str | None:
    """Return the last second of a day, in UTC."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise IntakeError("I75", "--until is not a day", expected="such as 2027-06-30") from None
    return format_moment(datetime.combine(day, time(23, 59, 59), UTC))


def _reason(text: str) -> str:
    if not text.strip():
        raise IntakeError("I75", "--reason says nothing", expected="a reason")
    return text.strip()
