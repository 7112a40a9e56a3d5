"""The style sheet and the mark."""

from importlib.resources import files

from flask import Response, abort

from archive.web.gate import public
from archive.web.headers import FOR_AN_HOUR

_TYPES = {"style.css": "text/css", "mark.svg": "image/svg+xml"}


@public
def asset(name: str) -> Response:
    """Serve one of the few files that the pages need."""
    if name not in _TYPES:
        abort(404)
    content = files("archive.web").joinpath("static", name).read_bytes()
    response = Response(content, mimetype=_TYPES[name])
    response.headers["Cache-Control"] = FOR_AN_HOUR
    return response
