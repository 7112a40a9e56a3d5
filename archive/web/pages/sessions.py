"""One's own sessions, ending them, and locking: oneself out everywhere, or the whole archive."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.events import format_moment
from archive.nouns import Role
from archive.uses import Use
from archive.web.door import door, sitting
from archive.web.gate import forget_everything, session_cookie, signed_in
from archive.web.languages import translate as _
from archive.web.sessions import filed_under
from storage.catalogue.rows import SessionRow


@dataclass(frozen=True, slots=True)
class Shown:
    """A session as its owner sees it."""

    session: str
    begun: str
    used: str
    purpose: Use
    this: bool


@signed_in()
def my_sessions() -> str:
    """List one's own sessions, with the buttons that end them."""
    here = filed_under(session_cookie())
    listed = [_shown(row, this=row.session == here) for row in door().sessions.listed(sitting())]
    return render_template("sessions.html", sessions=listed, done=_done(request.args.get("done", "")))


@signed_in()
def end_session() -> AnyResponse:
    """End one of one's own sessions; this one ends as by signing out."""
    session = request.form.get("session", "")
    door().sessions.end_one(sitting(), session)
    if session == filed_under(session_cookie()):
        return forget_everything(redirect(url_for("ask_sign_in"), 303))
    return redirect(url_for("my_sessions", done="one"), 303)


@signed_in()
def end_other_sessions() -> AnyResponse:
    """End all of one's own sessions but this one."""
    door().sessions.end_others(sitting(), session_cookie())
    return redirect(url_for("my_sessions", done="others"), 303)


@signed_in()
def lock_me() -> AnyResponse:
    """End all of one's own sessions, this one too, and let the browser forget everything."""
    door().sessions.end_all(sitting())
    return forget_everything(redirect(url_for("ask_sign_in"), 303))


@signed_in(Role.CUSTODIAN)
def confirm_lock() -> str:
    """Say what locking the archive does and cannot do, before it is done."""
    return render_template("lock.html", back=url_for("my_sessions"))


@signed_in(Role.CUSTODIAN)
def lock_archive() -> AnyResponse:
    """End all sessions of everybody and throw the boot secret away."""
    door().vigil.lock()
    return forget_everything(redirect(url_for("ask_sign_in", locked=1), 303))


def _shown(row: SessionRow, *, this: bool) -> Shown:
    return Shown(row.session, _moment(row.created_at), _moment(row.seen_at), Use(row.purpose), this)


def _moment(seconds: int) -> str:
    return format_moment(datetime.fromtimestamp(seconds, UTC))


def _done(what: str) -> str:
    words = {"one": _("The session was ended."), "others": _("All your other sessions were ended.")}
    return words.get(what, "")
