"""`sviedka consent`: what people allow, what it adds up to, and taking it back."""

from collections.abc import Iterator
from typing import Any

import click

from archive.access.consents import Agreed, Given, Moment, agreed, told_of
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import confirmed, entered
from archive.cli.reasons import reason_in
from archive.cli.showing import note, plain, show
from archive.ids import Id
from archive.nouns import Role
from archive.policy import agents
from archive.uses import Use
from ingest.withdrawal import withdraw

consent_command = Group("consent", help="What people allow, and no longer allow.")


@command("show", into=consent_command, rule=agents())
@click.argument("item")
def _show(asked: Asked, *, item: str) -> None:
    """Show what was agreed to for ITEM: person by person, use by use, and what it adds up to."""
    with entered(asked) as (archive, sitting):
        found = agreed(archive, sitting, Id(item))
    show(asked, _as_data(found), _lines(found))
    if found.minor_alone:
        note(
            "warning: this concerns minors, and a consent was given by the person alone: ask a parent or "
            "guardian too, and record that consent"
        )


@command("asked", into=consent_command, rule=agents(Role.CUSTODIAN))
@click.argument("entry", type=click.IntRange(min=0))
def _asked(asked: Asked, *, entry: int) -> None:
    """Name the items that the search at log ENTRY told somebody to ask about first."""
    with entered(asked) as (archive, sitting):
        items = told_of(archive, sitting, entry)
    show(asked, {"entry": entry, "items": items}, items)


@command("withdraw", into=consent_command, rule=agents(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN))
@click.argument("subject", metavar="PERSON|ITEM")
@click.option("--reason", help="Why; kept sealed in the compartment.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def _withdraw(asked: Asked, *, subject: str, reason: str | None, yes: bool) -> None:
    """Withdraw every consent to an item, or all consents of a person. The gate shuts at once."""
    note("From now on it is stored, and nothing else. What was read cannot be recalled.")
    confirmed("Withdraw?", yes=yes)
    with entered(asked) as (archive, sitting):
        items = withdraw(archive, sitting, Id(subject), reason_in(reason) if reason is not None else "")
    show(asked, {"items": items}, [f"withdrawn; stored only from now on: {item}" for item in items])


def _as_data(found: Agreed) -> dict[str, Any]:
    return {
        "item": found.item,
        "rights_basis": found.basis.value,
        "uses": sorted(found.uses),
        "may_be_told": found.may_be_told,
        "consents": [_consent_data(one, found) for one in found.consents],
    }


def _consent_data(one: Given, found: Agreed) -> dict[str, Any]:
    terms = one.terms or {}
    return {
        "record": one.record,
        "person": one.person,
        "given_by": terms.get("given_by"),
        "given_on": terms.get("given_on", {}).get("edtf"),
        "uses": {use.value: use in one.state.uses for use in Use},
        "contact_first": one.state.contact_first,
        "conditions": terms.get("conditions"),
        "since": _moment_data(one.since),
        "withdrawn": _moment_data(one.withdrawn) if one.withdrawn else None,
        "minor_alone": one.record in found.minor_alone,
    }


def _moment_data(one: Moment) -> dict[str, Any]:
    return {"at": one.at, "by": one.handle, "reason": one.reason}


def _lines(found: Agreed) -> Iterator[str]:
    for one in found.consents:
        yield from _consent_lines(one, found)
    if not found.consents and found.basis == "consent":
        yield "no consent is recorded: storage only"
    yield f"basis: {found.basis.value}"
    yield f"adds up to: {', '.join(sorted(found.uses))}  (the strictest wins)"
    if found.may_be_told:
        yield "for other uses: may be told that there is something; ask first"


def _consent_lines(one: Given, found: Agreed) -> Iterator[str]:
    terms = one.terms or {}
    yield plain(one.person or ("a person not named" if one.terms else "a person you may not be told of"))
    yield "   " + "  ".join(f"{use.value}: {'yes' if use in one.state.uses else 'no'}" for use in Use)
    if one.terms:
        day = terms.get("given_on", {}).get("edtf")
        alone = "  [a minor, alone]" if one.record in found.minor_alone else ""
        yield f"   given by: {terms['given_by']}{f' on {day}' if day else ''}{alone}"
    if one.state.contact_first:
        yield "   may be told to exist; contact first"
    if terms.get("conditions"):
        yield f"   conditions: {plain(terms['conditions'])}"
    yield f"   recorded {one.since.at} by {one.since.handle}"
    if one.withdrawn:
        why = f": {plain(one.withdrawn.reason)}" if one.withdrawn.reason else ""
        yield f"   withdrawn {one.withdrawn.at} by {one.withdrawn.handle}{why}"
