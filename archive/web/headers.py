"""The headers of every response: nothing from elsewhere, nothing framed, nothing kept."""

from flask import Flask, Response

from archive.web.door import door

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
FOREVER = "public, max-age=31536000, immutable"
FOR_A_MOMENT = "public, max-age=10"
FOR_AN_HOUR = "public, max-age=3600"

_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "camera",
        "microphone",
        "geolocation",
        "payment",
        "usb",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _PERMISSIONS,
    "X-Frame-Options": "DENY",
}


def keep(app: Flask) -> None:
    """Put the headers on every response; a page may have set a stricter one, or one of its own."""
    app.after_request(_harden)


def _harden(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if door().https:
        response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return response
