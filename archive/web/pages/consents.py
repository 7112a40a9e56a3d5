"""What was agreed to for an item; and, for custodians, what a search told somebody to ask about."""

from typing import Any

from flask import Response, make_response, render_template, request, url_for

from archive.access.consents import agreed, told_of
from archive.access.deeds import Deed, possible
from archive.errors import AccessError, IntakeError
from archive.ids import Id
from archive.nouns import Role
from archive.uses import Use
from archive.vocabulary import label
from archive.web.door import archive, sitting
from archive.web.faults import status_of, words_for
from archive.web.gate import signed_in
from archive.web.languages import language


@signed_in()
def consents(item: str) -> str:
    """Show each consent to an item, use by use, and what they add up to."""
    known = Id(item)
    found = agreed(archive(), sitting(), known)
    return render_template(
        "consents.html",
        item=known,
        found=found,
        uses=list(Use),
        giver=_giver,
        basis=label("rights-bases", found.basis.value, language()),
        withdraws=Deed.WITHDRAW in possible(archive(), sitting(), known),
        back=url_for("item", item=known),
    )


@signed_in(Role.CUSTODIAN)
def ask_asked() -> str:
    """Show the form in which to enter the log entry that somebody names who was told to ask."""
    return _asked()


@signed_in(Role.CUSTODIAN)
def asked() -> str | Response:
    """Show of which items a search told that there is something."""
    text = request.form.get("entry", "").strip()
    try:
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise IntakeError("I85", "not a number of a log entry")
        return _asked(entered=text, items=told_of(archive(), sitting(), int(text)))
    except (AccessError, IntakeError) as fault:
        return make_response(_asked(entered=text, fault=words_for(fault)), status_of(fault))


def _asked(**values: Any) -> str:
    return render_template("asked.html", back=url_for("ask_asked"), **values)


def _giver(code: str) -> str:
    return label("consent-givers", code, language())
