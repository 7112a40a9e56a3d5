"""A code from one's telephone: setting codes up, and doing without them again."""

import segno
from flask import make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from archive.access import factors
from archive.access.rotation import check_passphrase
from archive.errors import SviedkaError
from archive.web.door import archive, door, sitting
from archive.web.entrance import opening
from archive.web.faults import status_of, words_for
from archive.web.gate import give_session, session_cookie, signed_in
from archive.web.pages.keys import drawn
from keys.otp import Factor


@signed_in()
def ask_factor() -> str:
    """Show a new secret as a picture and in letters, with recovery codes; it counts once a code was typed."""
    return _page()


@signed_in()
def add_factor() -> Response:
    """Demand codes from now on, if the first one is right."""
    where = "passphrase"
    try:
        _check_passphrase()
        where = "code"
        factors.add(archive(), sitting(), _factor(), request.form.get("code", ""))
    except SviedkaError as fault:
        return make_response(_page(where=where, fault=words_for(fault)), status_of(fault))
    return _go_on("factor")


@signed_in()
def remove_factor() -> Response:
    """Do without codes again."""
    try:
        _check_passphrase()
        factors.remove(archive(), sitting(), sitting().handle)
    except SviedkaError as fault:
        page = render_template("keys.html", done="", fault=words_for(fault), back=url_for("my_keys"))
        return make_response(page, status_of(fault))
    return _go_on("no-factor")


def _check_passphrase() -> None:
    with opening(archive()):
        check_passphrase(archive(), sitting(), request.form.get("passphrase", ""))


def _factor() -> Factor:
    return Factor.generate(drawn("new-factor"))


def _go_on(done: str) -> Response:
    """Go on under a new cookie, so that no secret of this session is ever proposed again."""
    cookie = door().sessions.restate(session_cookie(), sitting(), sitting().purpose)
    return give_session(make_response(redirect(url_for("my_keys", done=done), 303)), cookie)


def _page(*, where: str = "", fault: str = "") -> str:
    factor = _factor()
    picture = segno.make(factor.uri, micro=False).svg_inline(scale=5, light="#fff")
    return render_template(
        "factor.html",
        picture=Markup(picture),  # noqa: S704 - made here, of nothing that anybody entered
        letters=factor.letters,
        codes=factor.codes,
        where=where,
        fault=fault,
        back=url_for("my_keys"),
    )
