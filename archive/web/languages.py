"""The language of the pages: chosen by a button, else what the browser asks for, else Belarusian."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Flask, request
from flask_babel import Babel, format_date, format_datetime, get_locale, gettext  # type: ignore[import-untyped]

from archive.vocabulary import LANGUAGES
from archive.web.door import door
from archive.web.gate import LANGUAGE

#: Each language by its own name, as its speakers look for it.
OWN_NAMES = {"be": "Беларуская", "ru": "Русский", "en": "English"}
#: The languages a deposit is most often in; any other may be left unsaid.
CONTENT_NAMES = OWN_NAMES | {"uk": "Українська", "pl": "Polski"}


def speak(app: Flask) -> None:
    """Make the application speak the languages of the archive."""
    Babel(app, default_locale="be", default_timezone="UTC", locale_selector=chosen)
    app.context_processor(lambda: {"language": language(), "own_names": OWN_NAMES})


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak one language where no page is being written, as for a file that a command saves."""
    app = Flask("archive.web", static_folder=None)
    Babel(app, default_locale=language, default_timezone="UTC")
    with app.app_context():
        yield


def chosen() -> str:
    """Return the language of this request."""
    cookie = request.cookies.get(door().cookie(LANGUAGE), "")
    if cookie in LANGUAGES:
        return cookie
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def language() -> str:
    """Return the language in which this page is being written."""
    return str(get_locale() or LANGUAGES[0])


def translate(text: str, **values: object) -> str:
    """Return a text of ours in the language of the page, with values put in."""
    return str(gettext(text, **values))


def format_minute(at: datetime) -> str:
    """Write a moment to the minute, as the language of the page does."""
    return str(format_datetime(at, "d MMMM y, HH:mm"))


def format_day(at: datetime) -> str:
    """Write a day shortly, as the language of the page does."""
    return str(format_date(at, "d MMM y"))
