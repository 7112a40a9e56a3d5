"""Signing in and out, the purpose of a sitting, and the language of the pages."""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import AccessError, KeysError, SviedkaError
from archive.nouns import Action
from archive.policy import default_purpose
from archive.uses import Use
from archive.vocabulary import LANGUAGES
from archive.web.door import archive, door, guest, sitting
from archive.web.faults import status_of, words_for
from archive.web.gate import (
    KNOWN,
    LANGUAGE,
    forget_everything,
    give_session,
    known_cookie,
    public,
    session_cookie,
    set_cookie,
    signed_in,
)
from archive.web.languages import translate as _

_YEAR_SECONDS = 365 * 24 * 3600
_RETRY_SECONDS = 10


@public
def ask_sign_in() -> str | Response:
    """Show the form for handle and passphrase."""
    if guest() is not None:
        return redirect(url_for("home"), 303)
    over = _("Your session is over. Sign in again to go on.") if "over" in request.args else ""
    if "locked" in request.args:
        over = _("The archive is locked: everybody was signed out. Signing in opens it again.")
    return render_template("sign_in.html", over=over, fault="", handle="")


@public
def open_session() -> Response:
    """Open the key file that the handle and passphrase name; begin a session."""
    handle = request.form.get("handle", "").strip().lower()
    try:
        form = request.form
        opened = door().entrance.sign_in(
            handle, form.get("passphrase", ""), known_cookie(), code=form.get("code", "")
        )
    except KeysError as fault:
        return _turned_away(_same(fault), handle)
    except AccessError as fault:
        return _turned_away(fault, handle)
    response = make_response(redirect(url_for("home"), 303))
    _acquaint(response, handle)
    return give_session(response, door().sessions.begin(_for_usual_purpose(opened)))


@signed_in(own_keys=False)
def sign_out() -> Response:
    """End the session and ask the browser to forget everything but, if she wished so, that it is known."""
    door().sessions.end(session_cookie())
    browser = door().entrance.acquaintances.recognise(known_cookie(), sitting().handle)
    kept = KNOWN if browser is not None and browser.lasting else ""
    return forget_everything(redirect(url_for("ask_sign_in"), 303), but=kept)


@signed_in()
def choose_purpose() -> Response:
    """Go on for another purpose among those that one was granted."""
    wanted = request.form.get("purpose", "")
    if wanted not in purposes_of(archive(), sitting()):
        raise AccessError("A07", "no grant of yours is for this purpose")
    response = make_response(redirect(url_for("home"), 303))
    return give_session(response, door().sessions.restate(session_cookie(), sitting(), Use(wanted)))


@public
def choose_language() -> Response:
    """Remember the language chosen, and go back."""
    back, wanted = request.form.get("back", ""), request.form.get("language", "")
    # Only a path of our own: a second slash or a backslash would lead elsewhere.
    safe = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    response = make_response(redirect(back if safe else url_for("home"), 303))
    if wanted in LANGUAGES:
        set_cookie(response, LANGUAGE, wanted, seconds=_YEAR_SECONDS)
    return response


def purposes_of(archive: Archive, sitting: Sitting) -> list[Use]:
    """Return the purposes for which anything was granted to read, in the order of the vocabulary."""
    granted = {
        purpose
        for grant in archive.ledger().grants_to(sitting.id)
        if Action.READ in grant.actions
        for purpose in grant.purposes
    }
    return [use for use in Use if use in granted]


def _turned_away(fault: SviedkaError, handle: str) -> Response:
    page = render_template("sign_in.html", over="", fault=words_for(fault), handle=handle)
    response = make_response(page, status_of(fault))
    if response.status_code == 503:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def _acquaint(response: Response, handle: str) -> None:
    """Make the browser known for this handle: while it is open, or for a year if that was wished."""
    acquaintances = door().entrance.acquaintances
    before = acquaintances.recognise(known_cookie(), handle)
    lasting = "remember" in request.form or (before is not None and before.lasting)
    kept = acquaintances.introduce(handle, archive().random, lasting=lasting)
    set_cookie(response, KNOWN, kept, seconds=_YEAR_SECONDS if lasting else None)


def _for_usual_purpose(opened: Sitting) -> Sitting:
    """Begin with the role's usual purpose, or with one that was granted where that one was not."""
    possible = purposes_of(archive(), opened)
    usual = default_purpose(opened.agent.role)
    if possible and usual not in possible:
        return Sitting(opened.agent, opened.handle, opened.secret, possible[0])
    return opened


def _same(fault: KeysError) -> SviedkaError:
    """Give one answer to every passphrase that opens nothing, whatever it is made of."""
    return KeysError("K10", "not opened") if fault.code in ("K10", "K29", "K30") else fault
