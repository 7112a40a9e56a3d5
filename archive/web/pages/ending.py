"""What happens to an item beside reading: withdrawing consent, holds, and its destruction.

Each is asked first on a page of its own that says what it does and what it cannot do; then it is done.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access import preserving, proposals
from archive.access.deeds import Deed, holds, ordered, possible
from archive.access.ending import Ending, ending
from archive.access.knowing import known_original
from archive.errors import AccessError, IntakeError, SviedkaError
from archive.ids import Id
from archive.kinds import Act
from archive.nouns import Role
from archive.web.door import archive, sitting
from archive.web.faults import status_of, words_for
from archive.web.gate import signed_in
from archive.web.languages import translate as _
from ingest.withdrawal import withdraw as withdraw_consent

LONGEST_DELAY_DAYS = 3650
_WORKING = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)


@dataclass(frozen=True, slots=True)
class Asking:
    """How a page asks whether something is to be done: what it says, and the words on its button."""

    title: str
    says: tuple[str, ...]
    button: str
    action: str
    demands_reason: bool = True


@signed_in(*_WORKING)
def confirm_withdrawal(item: str) -> str:
    """Say what a withdrawal of consent does, before it is done."""
    return _ask(Id(item), Deed.WITHDRAW)


@signed_in(*_WORKING)
def withdraw_now(item: str) -> AnyResponse | str:
    """Withdraw every consent to an item."""
    return _do(
        Id(item), Deed.WITHDRAW, lambda reason: withdraw_consent(archive(), sitting(), Id(item), reason)
    )


@signed_in(*_WORKING)
def confirm_hold(item: str) -> str:
    """Ask why an item is to be held."""
    return _ask(Id(item), Deed.HOLD)


@signed_in(*_WORKING)
def hold_now(item: str) -> AnyResponse | str:
    """Put an item under a hold."""
    return _do(Id(item), Deed.HOLD, lambda reason: preserving.hold(archive(), sitting(), Id(item), reason))


@signed_in(*_WORKING)
def confirm_lift(item: str) -> str:
    """Say what lifting the holds on an item means."""
    return _ask(Id(item), Deed.LIFT)


@signed_in(*_WORKING)
def lift_now(item: str) -> AnyResponse | str:
    """Lift every hold on an item."""
    return _do(Id(item), Deed.LIFT, lambda reason: preserving.lift(archive(), sitting(), Id(item), reason))


@signed_in(Role.CUSTODIAN)
def confirm_cancel(item: str) -> str:
    """Say what cancelling a destruction means."""
    return _ask(Id(item), Deed.CANCEL)


@signed_in(Role.CUSTODIAN)
def cancel_now(item: str) -> AnyResponse | str:
    """Cancel a destruction that was ordered."""
    return _do(
        Id(item), Deed.CANCEL, lambda reason: preserving.cancel(archive(), sitting(), Id(item), reason)
    )


@signed_in(Role.CUSTODIAN)
def confirm_destruction(item: str) -> str:
    """Show what a destruction takes with it, what it cannot take, and what stands in its way."""
    return _destruction(ending(archive(), sitting(), Id(item)))


@signed_in(Role.CUSTODIAN)
def destroy_now(item: str) -> AnyResponse | str:
    """Order the destruction of what was shown or, where it takes two persons, propose it."""
    found = ending(archive(), sitting(), Id(item))
    records = sorted(one.record for one in found.records)
    if sorted(request.form.getlist("record")) != records:
        changed = _("What tells of it alone changed meanwhile. Look at the list again.")
        return make_response(_destruction(found, where="records", fault=changed), 409)
    try:
        reason, days = _reason(demanded=True), _days()
        proposal, settled = _approved(found)
        if not settled:
            wish = proposals.wish(Act.DESTROY, reason, item=found.item)
            proposals.propose(archive(), sitting(), found.label, wish)
            return _done(found.item, "proposed")
        preserving.order(
            archive(),
            sitting(),
            found.item,
            reason,
            delay_days=days,
            records=[Id(one) for one in records],
            proposal=proposal,
        )
    except SviedkaError as fault:
        where = "days" if fault.code == "I98" else "reason"
        return make_response(_destruction(found, where=where, fault=words_for(fault)), status_of(fault))
    return _done(found.item, Deed.DESTROY)


def done_words(what: str) -> str:
    """Say what was done with an item."""
    words = {
        Deed.WITHDRAW: _("The consent was withdrawn. From now on it is stored, and nothing else."),
        Deed.HOLD: _("It is held now and cannot be destroyed."),
        Deed.LIFT: _("Nothing holds it any more."),
        Deed.DESTROY: _("Its destruction was ordered. Until that day it can be cancelled."),
        Deed.CANCEL: _("It is not destroyed."),
        "proposed": _("It takes two persons there: this is proposed, and waits for another to approve."),
    }
    return words.get(what, "")


def _asking(item: Id, deed: Deed) -> Asking:
    match deed:
        case Deed.WITHDRAW:
            return Asking(
                _("Withdraw the consent?"),
                (
                    _("At once, in open sessions too: nobody finds, reads or takes it along any more."),
                    _("It stays here, sealed. Only destroying it removes it, which is another act."),
                    _("It cannot recall what was already read or saved."),
                ),
                _("Withdraw the consent"),
                url_for("withdraw_now", item=item),
                demands_reason=False,
            )
        case Deed.HOLD:
            return Asking(
                _("Put it under a hold?"),
                (_("While it is held nobody can destroy it, even if that was ordered before."),),
                _("Put it under a hold"),
                url_for("hold_now", item=item),
            )
        case Deed.LIFT:
            return Asking(
                _("Lift every hold?"),
                (_("It can be destroyed again. If that was ordered and is due, it happens now."),),
                _("Lift every hold"),
                url_for("lift_now", item=item),
            )
        case _:
            return Asking(
                _("Cancel its destruction?"),
                (_("It stays as it is. Whoever may destroy it can order that again."),),
                _("Cancel its destruction"),
                url_for("cancel_now", item=item),
            )


def _ask(item: Id, deed: Deed, *, fault: str = "") -> str:
    known_original(archive(), sitting(), item)
    if not fault and deed not in possible(archive(), sitting(), item):
        raise AccessError("A84", "this cannot be done with the item now, or not by you")
    return render_template(
        "deed.html",
        item=item,
        asking=_asking(item, deed),
        holds=holds(archive(), sitting(), item) if deed is Deed.LIFT else [],
        ordered=ordered(archive(), sitting(), item),
        fault=fault,
        reason=request.form.get("reason", ""),
        back=url_for("item", item=item),
    )


def _do(item: Id, deed: Deed, act: Callable[[str], object]) -> AnyResponse:
    known_original(archive(), sitting(), item)
    try:
        act(_reason(demanded=deed is not Deed.WITHDRAW))
    except SviedkaError as fault:
        return make_response(_ask(item, deed, fault=words_for(fault)), status_of(fault))
    return _done(item, deed)


def _destruction(found: Ending, *, where: str = "", fault: str = "") -> str:
    proposal, settled = _approved(found)
    return render_template(
        "destroy.html",
        found=found,
        proposes=not settled,
        proposal=proposal,
        ordered=ordered(archive(), sitting(), found.item),
        entered=request.form,
        usual_days=preserving.USUAL_DELAY_DAYS,
        where=where,
        fault=fault,
        back=url_for("item", item=found.item),
    )


def _approved(found: Ending) -> tuple[Id | None, bool]:
    """Return the approved proposal, if it takes one, and whether the order can be given now."""
    try:
        return proposals.approved(archive(), sitting(), found.label, Act.DESTROY, item=found.item), True
    except AccessError as fault:
        if fault.code != "A13":
            raise
        return None, False


def _reason(*, demanded: bool) -> str:
    reason = request.form.get("reason", "").strip()[:2000]
    if demanded and not reason:
        raise IntakeError("I75", "no reason was given", expected="a reason")
    return reason


def _days() -> int:
    text = request.form.get("days", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= LONGEST_DELAY_DAYS):
        raise IntakeError("I98", "not a number of days", expected=f"0 to {LONGEST_DELAY_DAYS}")
    return int(text)


def _done(item: Id, what: str) -> AnyResponse:
    return redirect(url_for("item", item=item, done=what), 303)
