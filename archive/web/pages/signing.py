"""Signing in and out, the purpose of a sitting, and the language of the pages."""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.access.parts import Archive
from archive.access.signin import Sitting, sign_in
from archive.errors import AccessError, KeysError, SviedkaError
from archive.nouns import Action
from archive.policy import default_purpose
from archive.uses import Use
from archive.vocabulary import LANGUAGES
from archive.web.door import archive, door, guest, sitting
from archive.web.faults import words_for
from archive.web.gate import LANGUAGE, give_session, public, session_cookie, set_cookie, signed_in
from archive.web.languages import translate as _
from storage.locks import exclusive

_YEAR_SECONDS = 365 * 24 * 3600


@public
def ask_sign_in() -> str | Response:
    """Show the form for handle and passphrase."""
    if guest() is not None:
        return redirect(url_for("home"), 303)
    over = _("Your session is over. Sign in again to go on.") if "over" in request.args else ""
    return render_template("sign_in.html", over=over, fault="", handle="")


@public
def open_session() -> Response:
    """Open the key file that the handle and passphrase name; begin a session."""
    handle = request.form.get("handle", "").strip().lower()
    try:
        opened = _sign_in(archive(), handle, request.form.get("passphrase", ""))
    except KeysError as fault:
        page = render_template("sign_in.html", over="", fault=words_for(_same(fault)), handle=handle)
        return make_response(page, 403)
    response = make_response(redirect(url_for("home"), 303))
    return give_session(response, door().sessions.begin(opened))


@signed_in()
def sign_out() -> Response:
    """End the session and ask the browser to forget everything of this site."""
    door().sessions.end(session_cookie())
    response = make_response(redirect(url_for("ask_sign_in"), 303))
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    for name in list(request.cookies):
        response.delete_cookie(name, path="/", secure=door().https, httponly=True, samesite="Strict")
    return response


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


def _sign_in(archive: Archive, handle: str, passphrase: str) -> Sitting:
    """Open one key file at a time, 128 MiB each; who finds too many waiting is asked to come back."""
    if not door().openings.acquire(blocking=False):
        raise AccessError("A83", "too many are signing in at once")
    try:
        with exclusive(archive.runtime.shared / "opening.lock"):
            opened = sign_in(archive, handle, passphrase)
    finally:
        door().openings.release()
    possible = purposes_of(archive, opened)
    usual = default_purpose(opened.agent.role)
    if possible and usual not in possible:
        return Sitting(opened.agent, opened.handle, opened.secret, possible[0])
    return opened


def _same(fault: KeysError) -> SviedkaError:
    """Give one answer to every passphrase that opens nothing, whatever it is made of."""
    return KeysError("K10", "not opened") if fault.code in ("K10", "K29", "K30") else fault
