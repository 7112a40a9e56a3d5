"""The web application: one open archive behind pages."""

import threading
from pathlib import Path

from flask import Flask

from archive.access.parts import Archive
from archive.web import faults, gate, headers, languages, routes, showing
from archive.web.door import EXTENSION, Door
from archive.web.sessions import Sessions, boot_secret
from archive.web.uploads import StreamingRequest
from search.shelf import Shelf

MOST_OPENINGS = 4


def create_app(archive: Archive, shelf: Shelf, *, https: bool = False, tessdata: Path | None = None) -> Flask:
    """Return the application for an open archive and its shelf, which stay the caller's to close.

    `https` says that browsers reach it encrypted; `tessdata` is where Tesseract's languages are, for OCR.
    """
    app = Flask("archive.web", static_folder=None)
    app.request_class = StreamingRequest
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    boot = boot_secret(archive.runtime, archive.random)
    app.extensions[EXTENSION] = Door(
        archive,
        shelf,
        Sessions(archive, boot),
        threading.BoundedSemaphore(MOST_OPENINGS),
        boot,
        https,
        tessdata,
    )
    headers.keep(app)
    gate.keep(app)
    languages.speak(app)
    showing.show(app)
    faults.catch(app)
    routes.lay(app)
    return app
