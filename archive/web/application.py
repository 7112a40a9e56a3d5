"""The web application: one open archive behind pages."""

from pathlib import Path

from flask import Flask
from flask.typing import ResponseReturnValue

from archive.access.boot import BootSecret
from archive.access.parts import Archive
from archive.web import faults, gate, headers, languages, routes, showing
from archive.web.door import EXTENSION, Door
from archive.web.entrance import Entrance
from archive.web.sessions import Sessions
from archive.web.uploads import StreamingRequest
from archive.web.vigil import Vigil
from search.shelf import Shelf


class Pages(Flask):
    """Flask, whose pages end in nothing worse than an exception."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the request. A panic in a library of other make than Python does not end the process."""
        try:
            return super().dispatch_request()
        except (Exception, KeyboardInterrupt):
            raise
        except BaseException as fault:
            # Python would print what it says, and take every other request of this process down with it.
            raise Panic(type(fault).__name__) from None


class Panic(Exception):
    """Something ended in a page that is no mere exception; known by its type alone."""


def create_app(archive: Archive, shelf: Shelf, *, https: bool = False, tessdata: Path | None = None) -> Flask:
    """Return the application for an open archive and its shelf, which stay the caller's to close.

    `https` says that browsers reach it encrypted; `tessdata` is where Tesseract's languages are, for OCR.
    """
    app = Pages("archive.web", static_folder=None)
    app.request_class = StreamingRequest
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    vigil = Vigil(BootSecret(archive), shelf)
    app.extensions[EXTENSION] = Door(
        archive, shelf, Sessions(archive, vigil.boot), Entrance.of(archive), vigil, https, tessdata
    )
    headers.keep(app)
    gate.keep(app)
    languages.speak(app)
    showing.show(app)
    faults.catch(app)
    routes.lay(app)
    return app
