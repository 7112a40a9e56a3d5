"""One's own keys: new ones, or a new passphrase over them. Keys that a custodian made are replaced first."""

import itertools
from collections.abc import Callable

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.access.parts import Archive
from archive.access.rotation import change_passphrase, check_passphrase, rotate
from archive.access.signin import Sitting
from archive.errors import IntakeError, KeysError, SviedkaError
from archive.ids import Random
from archive.web.door import archive, door, sitting
from archive.web.entrance import opening
from archive.web.faults import status_of, words_for
from archive.web.gate import boot, give_session, session_cookie, signed_in
from archive.web.languages import language
from archive.web.languages import translate as _
from keys.passphrases import LANGUAGES, generate, normalise
from keys.wrapping import hkdf

Change = Callable[[Archive, Sitting, str], Sitting]


@signed_in(own_keys=False)
def my_keys() -> str:
    """Say what keys are, and offer new ones."""
    words = {
        "keys": _("You have new keys and a new passphrase. Nobody else ever held them."),
        "passphrase": _("You have a new passphrase."),
        "factor": _("From now on, signing in takes a code as well."),
        "no-factor": _("Signing in takes no code any more."),
    }
    return render_template("keys.html", done=words.get(request.args.get("done", ""), ""), fault="")


@signed_in(own_keys=False)
def new_words() -> str:
    """Show six words, for whoever asks for them; they count once they were typed again."""
    return _page()


@signed_in(own_keys=False)
def replace_keys() -> Response:
    """Replace one's keys, under the words just shown."""
    return _change(rotate, done="keys")


@signed_in()
def replace_passphrase() -> Response:
    """Put the words just shown over the same keys."""

    def change(archive: Archive, sitting: Sitting, passphrase: str) -> Sitting:
        change_passphrase(archive, sitting, passphrase)
        return sitting

    return _change(change, done="passphrase")


def _change(change: Change, *, done: str) -> Response:
    where = "again"
    try:
        words = _typed_again(request.form.get("again", ""))
        where = "passphrase"
        with opening(archive()):
            check_passphrase(archive(), sitting(), request.form.get("passphrase", ""))
            renewed = change(archive(), sitting(), words)
    except SviedkaError as fault:
        return make_response(_page(where=where, fault=words_for(fault)), status_of(fault))
    return give_session(
        make_response(redirect(url_for("my_keys", done=done), 303)), door().sessions.begin(renewed)
    )


def _page(*, where: str = "", fault: str = "") -> str:
    return render_template(
        "words.html", words=_words(language()), where=where, fault=fault, back=url_for("my_keys")
    )


def drawn(purpose: str) -> Random:
    """Return what draws the same bytes each time in this session, for a secret that is shown, then confirmed.

    They follow from the session's cookie and the boot secret, and lie nowhere.
    """
    secret, draws = session_cookie().encode() + boot(), itertools.count()

    def draw(size: int) -> bytes:
        return hkdf(secret, salt=b"", info=f"sviedka/{purpose}/{next(draws)}".encode())[:size]

    return draw


def _words(of_language: str) -> str:
    return generate(drawn("new-passphrase"), of_language)


def _typed_again(typed: str) -> str:
    """Return the words if they are those that were shown, in whichever language (I87)."""
    try:
        normal = normalise(typed)
    except KeysError:
        normal = ""
    if normal not in {_words(one) for one in LANGUAGES}:
        raise IntakeError("I87", "not the words that were shown")
    return normal
