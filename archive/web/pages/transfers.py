"""The original itself goes from hand to hand: offering it, and answering what was offered."""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access import handing_on
from archive.access.handing_on import LONGEST_BASIS, LONGEST_SEAL, Details
from archive.access.transfers import may_offer, transfers
from archive.errors import AccessError, IntakeError, SviedkaError
from archive.ids import Id
from archive.kinds import Medium
from archive.nouns import Role
from archive.vocabulary import label
from archive.web.door import archive, sitting
from archive.web.faults import status_of, words_for
from archive.web.gate import signed_in
from archive.web.languages import language
from archive.web.languages import translate as _

_WORKING = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)
#: Where on the form a fault belongs.
_PLACES = {"A23": "handle", "I47": "basis", "I48": "seal", "I49": "medium"}


@signed_in(*_WORKING)
def my_transfers() -> str:
    """Show what was offered to her and by her."""
    return _page(done=_done_words(request.args.get("done", "")))


@signed_in(*_WORKING)
def answer_transfer() -> AnyResponse:
    """Take over what was offered, refuse it, or withdraw it."""
    offer, answer = Id(request.form.get("transfer", "")), request.form.get("answer", "")
    if answer in ("accept", "differs"):
        handing_on.accept(archive(), sitting(), offer, differs=answer == "differs")
    elif answer == "refuse":
        handing_on.retract(archive(), sitting(), offer)
    else:
        raise IntakeError("I82", "an offer is accepted or refused")
    return redirect(url_for("my_transfers", done=answer), 303)


@signed_in(*_WORKING)
def ask_transfer(item: str) -> str:
    """Ask to whom an original is to be handed, on what it is, and on which basis."""
    return _form(Id(item))


@signed_in(*_WORKING)
def transfer_now(item: str) -> AnyResponse | str:
    """Offer an original to somebody."""
    typed = request.form
    try:
        details = Details.of(typed.get("seal", ""), typed.get("basis", ""))
        medium, handle = _medium(typed.get("medium", "")), typed.get("handle", "").strip()
        handing_on.offer(archive(), sitting(), [Id(item)], handle, medium=medium, details=details)
    except SviedkaError as fault:
        if fault.code not in _PLACES:
            raise
        page = _form(Id(item), [(_PLACES[fault.code], words_for(fault))])
        return make_response(page, status_of(fault))
    return redirect(url_for("my_transfers", done="offer"), 303)


def _form(item: Id, faults: list[tuple[str, str]] | None = None) -> str:
    known = archive().ledger().items.get(item)
    if known is None or not may_offer(archive(), sitting(), known):
        raise AccessError("A20", "there is no such item for you to read")
    return render_template(
        "transfer.html",
        item=item,
        back=url_for("item", item=item),
        faults=faults or [],
        typed=request.form,
        media=[(one.value, label("media", one.value, language())) for one in Medium],
        longest={"seal": LONGEST_SEAL, "basis": LONGEST_BASIS},
    )


def _page(done: str) -> str:
    found = transfers(archive(), sitting())
    mine = [one for one in found if one.state == "open" and one.transfer.taker == sitting().id]
    return render_template(
        "transfers.html", done=done, waiting=mine, others=[one for one in found if one not in mine]
    )


def _medium(text: str) -> Medium:
    try:
        return Medium(text)
    except ValueError:
        raise IntakeError("I49", "no such medium") from None


def _done_words(what: str) -> str:
    words = {
        "offer": _("Offered. You hold it until it is taken over."),
        "accept": _("You hold the original now, and signed for it."),
        "differs": _("You hold the original now. That it is not as it was offered is recorded."),
        "refuse": _("It is not handed on."),
    }
    return words.get(what, "")
