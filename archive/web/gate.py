"""Who may come through: every page declares its rule, and a page without one is closed.

A rule (`archive.policy.Rule`, as commands have one too) says only whether one must be signed in, and as what;
what may be seen and done there is decided by `archive.policy.decide`. Every POST needs a form token bound to
the browser's session, or, before there is one, to its visit.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access.inspecting import admit
from archive.errors import AccessError
from archive.nouns import Role
from archive.policy import ANYONE, Rule, admits, agents
from archive.web.door import door
from keys.wrapping import hkdf

SESSION = "session"
VISIT = "visit"
KNOWN = "known"
LANGUAGE = "language"
FORM_FIELD = "form"


class Signed(Enum):
    """What stands in the place of a session where a program asks: a signed request, or a signed entry."""

    REQUEST = auto()
    ENTRY = auto()


View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Let anyone in."""
    return _ruled(view, ANYONE)


def signed_in(*roles: Role, own_keys: bool = True) -> Callable[[View], View]:
    """Let in whoever is signed in, as one of the roles if any are named.

    Unless `own_keys` is False, whoever still has keys that a custodian made is led to replace them first.
    """
    rule = agents(*roles, own_keys=own_keys)
    return lambda view: _ruled(view, rule)


def by_request(view: View) -> View:
    """Let in whoever signs the request under an inspection that an auditor opened; no cookie counts."""
    view.signed = Signed.REQUEST  # type: ignore[attr-defined]
    return _ruled(view, agents(Role.AUDITOR, Role.CUSTODIAN))


def by_entry(view: View) -> View:
    """Let anyone in with a log entry in place of a form: its signature is what the page looks at."""
    view.signed = Signed.ENTRY  # type: ignore[attr-defined]
    return _ruled(view, ANYONE)


def is_for_programs(view: Callable[..., Any]) -> bool:
    """Say whether signatures count there instead of sessions and forms."""
    return hasattr(view, "signed")


def is_inspecting() -> bool:
    """Say whether the request is signed, and rightly, under an inspection; raise A67 or A88 if wrongly."""
    header = request.headers.get("Authorization", "")
    return bool(header) and bool(admit(door().archive, header, request.method, request.path))


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """Return what a page declared, or None where it declared nothing."""
    return getattr(view, "access_rule", None)


def keep(app: Flask) -> None:
    """Set the gate before every page of the application."""
    app.before_request(_admit)
    app.after_request(_remember_visit)
    app.teardown_request(_settle)
    app.context_processor(lambda: {"form_token": form_token, "token_field": FORM_FIELD})


def form_token() -> str:
    """Return the token that this browser's forms must carry."""
    key = hkdf(boot(), salt=b"", info=b"sviedka/form-token")
    bound_to = f"session {_cookie(SESSION)}" if g.get("sitting") else f"visit {g.visit}"
    return hmac.digest(key, bound_to.encode(), "sha256").hex()


def session_cookie() -> str:
    """Return the session cookie that the browser sent, or an empty text."""
    return _cookie(SESSION)


def known_cookie() -> str:
    """Return what a browser that signed in before keeps, or an empty text."""
    return _cookie(KNOWN)


def give_session(response: Response, cookie: str) -> Response:
    """Hand the browser a session cookie, for as long as the browser is open."""
    _set(response, SESSION, cookie)
    return response


def forget_everything(response: AnyResponse, *, but: str = "") -> AnyResponse:
    """Ask the browser to forget everything of this site, all cookies but perhaps one."""
    kept = {door().cookie(but)} if but else set()
    cleared = ("cache", "storage") if kept else ("cache", "cookies", "storage")
    response.headers["Clear-Site-Data"] = ", ".join(f'"{what}"' for what in cleared)
    for name in set(request.cookies) - kept:
        response.delete_cookie(name, path="/", secure=door().https, httponly=True, samesite="Strict")
    return response


def set_cookie(response: AnyResponse, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set one of our cookies as all of them are set."""
    _set(response, name, value, seconds)


def _ruled(view: View, rule: Rule) -> View:
    view.access_rule = rule  # type: ignore[attr-defined]
    return view


def _admit() -> AnyResponse | None:
    boot()
    g.visit = _cookie(VISIT)
    if not g.visit:
        g.visit = urlsafe_b64encode(door().archive.random(18)).decode()
        g.new_visit = True
    if request.endpoint is None:
        return None  # no such address: Flask says so next
    view = current_app.view_functions[request.endpoint]
    rule = rule_of(view)
    if rule is None:
        raise AccessError("A80", "this page declares no rule, so it is closed")
    signed = getattr(view, "signed", None)
    if signed is not None:
        _admit_signed(signed)
        return None
    g.sitting = door().sessions.resume(_cookie(SESSION)) if _cookie(SESSION) else None
    if rule.session and g.sitting is None:
        return redirect(url_for("ask_sign_in", over=1 if _cookie(SESSION) else None), 303)
    if not admits(rule, g.sitting.agent.role if g.sitting else None):
        raise AccessError("A81", "this page is for other roles")
    if rule.session and rule.own_keys and g.sitting.agent.issued:
        return redirect(url_for("my_keys"), 303)
    if request.method == "POST":
        _check_token()
    return None


def _admit_signed(signed: Signed) -> None:
    """Look at the signature instead of a session: it is nothing that a browser would send along unasked."""
    g.sitting = None
    if signed is Signed.REQUEST and not is_inspecting():
        raise AccessError("A67", "the request is not signed as an inspection's are")


def boot() -> bytes:
    """Return the boot secret under which this request began."""
    if "boot" not in g:
        g.boot = door().vigil.boot()
    return cast(bytes, g.boot)


def _settle(_fault: BaseException | None) -> None:
    if "boot" in g:
        door().vigil.settle(g.boot)


def _check_token() -> None:
    if not hmac.compare_digest(request.form.get(FORM_FIELD, "").encode(), form_token().encode()):
        raise AccessError("A82", "the form does not come from this site, or is too old")


def _remember_visit(response: Response) -> Response:
    if g.get("new_visit") and response.mimetype == "text/html":
        _set(response, VISIT, g.visit)
    return response


def _cookie(name: str) -> str:
    return request.cookies.get(door().cookie(name), "")


def _set(response: AnyResponse, name: str, value: str, seconds: int | None = None) -> None:
    response.set_cookie(
        door().cookie(name),
        value,
        max_age=seconds,
        path="/",
        secure=door().https,
        httponly=True,
        samesite="Strict",
    )
