"""Handing out bytes: always as a file to be saved, never as something a browser would show or run."""

from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote

from flask import Response

from archive.web.headers import SANDBOX


def attach(data: bytes | Iterator[bytes], name: str) -> Response:
    """Answer with a download under a name made safe (RFC 6266). A failing stream is cut, and noticed."""
    response = Response(
        data if isinstance(data, bytes) else _begun(data), mimetype="application/octet-stream"
    )
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def disposition(name: str) -> str:
    """Write the Content-Disposition of a file of this name."""
    tidy = "".join(sign for sign in name if sign.isprintable() and sign not in '/\\:*?"<>|').strip(". ")
    tidy = tidy[-200:] or "file"
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in " ._-") else "_" for sign in tidy)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(tidy, safe='')}"


def _begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Fetch the first chunk now, so that what is missing or damaged still becomes a page."""
    return chain([next(chunks, b"")], chunks)
