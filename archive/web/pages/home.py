"""Home: what can I do here, and the next steps."""

from dataclasses import dataclass

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from archive.access.claimed import waiting
from archive.access.keyring import keyring
from archive.events import format_moment
from archive.nouns import Action, Grant, Role
from archive.uses import Use
from archive.web.door import archive, guest, sitting
from archive.web.gate import public, signed_in
from archive.web.languages import translate as _
from archive.web.pages.signing import purposes_of


@dataclass(frozen=True, slots=True)
class Right:
    """One grant as its holder sees it."""

    label: str
    actions: list[Action]
    purposes: list[Use]
    ends: str | None
    over: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next."""

    page: str
    title: str
    words: str


@public
def front() -> Response:
    """Lead to the right first page."""
    return redirect(url_for("home" if guest() else "ask_sign_in"), 303)


@signed_in()
def home() -> str:
    """Show what one may do here, and three steps to go on with."""
    return render_template(
        "home.html",
        rights=my_rights(),
        purposes=purposes_of(archive(), sitting()),
        steps=_steps(sitting().agent.role),
        offered=sum(one.open and one.taker == sitting().id for one in archive().ledger().transfers.values()),
        claimed=sum(one.confirmable for one in waiting(archive(), sitting())),
    )


def my_rights() -> list[Right]:
    """Return one's own grants, by compartment."""
    held = keyring(archive(), sitting())
    now = format_moment(archive().clock())
    grants = archive().ledger().grants_to(sitting().id)
    rights = (_right(held[grant.compartment].label, grant, now) for grant in grants)
    return sorted(rights, key=lambda right: right.label)


def _right(label: str, grant: Grant, now: str) -> Right:
    over = grant.ends is not None and grant.ends < now
    actions = [action for action in Action if action in grant.actions]
    return Right(label, actions, [use for use in Use if use in grant.purposes], grant.ends, over)


def _steps(role: Role | None) -> list[Step]:
    deposit = Step(
        "ask_deposit",
        _("Hand something in"),
        _("Statements, photos, scans, chats, video. Sealed as it arrives; you get a receipt."),
    )
    mine = Step("my_deposits", _("My deposits"), _("What you handed in and when, without its contents."))
    verify = Step(
        "ask_verify", _("Check a receipt"), _("See what a receipt proves, and whether a file is the same.")
    )
    search = Step(
        "ask_search",
        _("Search"),
        _("By name, institution, place, date: in any spelling, in Belarusian, Russian and more."),
    )
    log = Step("log", _("The custody log"), _("How long it is, and its fingerprint to compare with others."))
    audit = Step(
        "ask_audit",
        _("Audit the archive"),
        _("Check every hash, signature and event, without reading anything."),
    )
    people = Step(
        "people", _("People and rights"), _("Who may read what, since when. Enrol, give, withdraw.")
    )
    steps = {
        Role.DOCUMENTER: [deposit, mine, verify],
        Role.LAWYER: [search, verify, log],
        Role.AUDITOR: [audit, log, verify],
        Role.CUSTODIAN: [people, search, log],
    }
    return steps[role] if role else []
