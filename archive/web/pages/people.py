"""People and rights: who may do what and since when; enrolling, giving, withdrawing. For custodians."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TypeVar

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access import agents, compartments, factors, grants, suspension
from archive.access.keyring import keyring
from archive.access.overview import rights
from archive.access.proposals import approve, give_or_propose, proposals, refuse
from archive.errors import IntakeError, SviedkaError
from archive.events import format_moment, parse_entry
from archive.ids import Id
from archive.nouns import Action, Agent, Role
from archive.uses import Use
from archive.web.door import archive, sitting
from archive.web.faults import status_of, words_for
from archive.web.gate import signed_in
from archive.web.languages import language
from archive.web.languages import translate as _
from archive.web.words import role_explained, use_words
from keys.passphrases import generate
from storage.catalogue.rows import AgentRow

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Person:
    """An agent as the overview shows her."""

    handle: str
    role: str
    since: str
    issued: bool
    suspended: bool
    factor: bool


class Answer(StrEnum):
    """What can be said to a proposal."""

    APPROVE = "approve"
    REFUSE = "refuse"


@signed_in(Role.CUSTODIAN)
def people() -> str:
    """Show who may do what, since when, and the forms to change it."""
    return _page(done=_done(request.args.get("done", "")))


@signed_in(Role.CUSTODIAN)
def add_agent() -> str | Response:
    """Enrol an agent under a generated passphrase, which is shown once."""
    passphrase = generate(archive().random, language())
    handle = request.form.get("new-handle", "").strip().lower()
    try:
        agents.enrol(archive(), sitting(), handle, _role(request.form.get("role", "")), passphrase)
    except SviedkaError as fault:
        return _refused("agent", fault)
    return render_template(
        "enrolled.html",
        handle=handle,
        passphrase=passphrase,
        back=url_for("people"),
        role=request.form["role"],
    )


@signed_in(Role.CUSTODIAN)
def add_compartment() -> str | AnyResponse:
    """Found a compartment; the recovery shares of a sealed one are shown once."""
    label = request.form.get("label", "").strip()
    try:
        shares = compartments.found(archive(), sitting(), label, sealed=bool(request.form.get("sealed")))
    except SviedkaError as fault:
        return _refused("compartment", fault)
    if shares:
        return render_template("shares.html", label=label, shares=shares, back=url_for("people"))
    return redirect(url_for("people", done="compartment"), 303)


@signed_in(Role.CUSTODIAN)
def give_grant() -> AnyResponse:
    """Give an agent rights in a compartment."""
    form = request.form
    try:
        terms = grants.Terms(
            frozenset(_chosen(Action, form.getlist("actions"))),
            frozenset(_chosen(Use, form.getlist("purposes"))),
            _end_of(form.get("until", "")),
            form.get("reason", "").strip()[:2000],
        )
        _, given = give_or_propose(
            archive(), sitting(), form.get("handle", ""), form.get("compartment", ""), terms
        )
    except SviedkaError as fault:
        return _refused("grant", fault)
    return redirect(url_for("people", done="grant" if given else "proposed"), 303)


@signed_in(Role.CUSTODIAN)
def answer_proposal() -> AnyResponse:
    """Approve or refuse what another proposed, or take back one's own proposal."""
    form = request.form
    try:
        proposal, agreed = Id(form.get("proposal", "")), _chosen(Answer, [form.get("answer", "")])[0]
        if agreed is Answer.APPROVE:
            approve(archive(), sitting(), proposal)
        else:
            refuse(archive(), sitting(), proposal)
    except SviedkaError as fault:
        return _refused("proposals", fault)
    return redirect(url_for("people", done="approved" if agreed is Answer.APPROVE else "refused"), 303)


@signed_in(Role.CUSTODIAN)
def confirm_revoke() -> str:
    """Say honestly what a withdrawal can and cannot do, before it is done."""
    handle, label = request.form.get("handle", ""), request.form.get("compartment", "")
    return render_template("revoke.html", handle=handle, label=label, back=url_for("people"))


@signed_in(Role.CUSTODIAN)
def revoke() -> AnyResponse:
    """Withdraw every right of an agent in a compartment."""
    form = request.form
    reason = form.get("reason", "").strip()[:2000]
    try:
        grants.revoke(archive(), sitting(), form.get("handle", ""), form.get("compartment", ""), reason)
    except SviedkaError as fault:
        return _refused("given", fault)
    return redirect(url_for("people", done="revoke"), 303)


@signed_in(Role.CUSTODIAN)
def confirm_suspend() -> str:
    """Say honestly what a suspension can and cannot do, before it is done."""
    return render_template("suspend.html", handle=request.form.get("handle", ""), back=url_for("people"))


@signed_in(Role.CUSTODIAN)
def suspend() -> str | AnyResponse:
    """End all rights of an agent; name the compartments that still need a new key."""
    handle = request.form.get("handle", "")
    try:
        done = suspension.suspend(archive(), sitting(), handle)
    except SviedkaError as fault:
        return _refused("all", fault)
    if done.left:
        return render_template("suspended.html", handle=handle, done=done, back=url_for("people"))
    return redirect(url_for("people", done="suspend"), 303)


@signed_in(Role.CUSTODIAN)
def remove_lost_factor() -> AnyResponse:
    """Take away the second factor of somebody who lost it."""
    try:
        factors.remove(archive(), sitting(), request.form.get("handle", ""))
    except SviedkaError as fault:
        return _refused("all", fault)
    return redirect(url_for("people", done="factor"), 303)


def _page(*, done: str = "", where: str = "", fault: str = "") -> str:
    rows = archive().catalogue.agents.all()
    handles = {row.agent: row.handle for row in rows}
    return render_template(
        "people.html",
        people=[_person(row) for row in rows if row.agent in archive().ledger().agents],
        given=rights(archive(), sitting()),
        open_proposals=[one for one in proposals(archive(), sitting()) if one.state in ("open", "approved")],
        handles=handles,
        labels=sorted(one.label for one in keyring(archive(), sitting()).values()),
        roles=[(role, role_explained(role)) for role in Role],
        actions=[one for one in Action if one is not Action.DESTROY],
        all_actions=list(Action),
        uses=[(one, use_words(one)) for one in Use if one is not Use.STORE],
        entered=request.form,
        chosen={*request.form.getlist("actions"), *request.form.getlist("purposes")},
        done=done,
        where=where,
        fault=fault,
        me=sitting().handle,
    )


def _person(row: AgentRow) -> Person:
    agent: Agent = archive().ledger().agents[row.agent]
    since = parse_entry(archive().log.entry(agent.index)).event.at
    return Person(
        row.handle, row.role, since, agent.issued, agent.suspended is not None, agent.factor is not None
    )


def _refused(where: str, fault: SviedkaError) -> Response:
    return make_response(_page(where=where, fault=words_for(fault)), status_of(fault))


def _done(what: str) -> str:
    words = {
        "compartment": _("The compartment was founded, with its stricter companion."),
        "grant": _("The right was given and logged."),
        "factor": _("This person signs in without a code now. It was logged."),
        "suspend": _("All rights of this person ended, and what she could open has new keys."),
        "proposed": _("It takes two persons there: this is proposed, and waits for another to approve."),
        "approved": _("Approved and logged."),
        "refused": _("Refused and logged."),
        "revoke": _("All rights there were withdrawn, and the compartment has a new key."),
    }
    return words.get(what, "")


def _role(text: str) -> Role:
    return _chosen(Role, [text])[0]


def _chosen(kind: Callable[[str], Choice], texts: Iterable[str]) -> list[Choice]:
    try:
        return [kind(text) for text in texts]
    except ValueError:
        raise IntakeError("I82", "not one of the answers offered") from None


def _end_of(day: str) -> str | None:
    """Return the last moment of a day, or None where there is no end."""
    if not day.strip():
        return None
    try:
        last = datetime.combine(datetime.fromisoformat(day.strip()).date(), time(23, 59, 59), UTC)
    except ValueError:
        raise IntakeError("I83", "not a day", expected="2027-12-31") from None
    return format_moment(last)
