"""What every page works with: the open archive, its shelf of indexes, and the sessions."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Flask, current_app, g

from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.web.entrance import Entrance
from archive.web.sessions import Sessions
from archive.web.vigil import Vigil
from search.disclosure import Library
from search.shelf import Shelf

EXTENSION = "sviedka"


@dataclass(frozen=True, slots=True)
class Door:
    """The parts of one web application. `https` says that browsers reach it encrypted."""

    archive: Archive
    shelf: Shelf
    sessions: Sessions
    entrance: Entrance
    vigil: Vigil
    https: bool
    tessdata: Path | None

    @property
    def library(self) -> Library:
        """What finding and reading need."""
        return Library(self.archive, self.shelf)

    def cookie(self, name: str) -> str:
        """Return a cookie's name: behind https the browser itself then holds it to this host."""
        return f"__Host-{name}" if self.https else name


def door() -> Door:
    """Return the parts of the application that answers this request."""
    return parts_of(current_app)


def parts_of(app: Flask) -> Door:
    """Return the parts of an application."""
    return cast(Door, app.extensions[EXTENSION])


def archive() -> Archive:
    """Return the archive of this request."""
    return door().archive


def sitting() -> Sitting:
    """Return who asks; only for pages that demand a session."""
    return cast(Sitting, g.sitting)


def guest() -> Sitting | None:
    """Return who asks, or None where nobody is signed in."""
    return cast(Sitting | None, g.get("sitting"))
