"""Addresses that something is sent to: HTTPS, or unencrypted where nobody is on the way.

HTTPS with the system's certificates. Unencrypted only to this computer itself and to onion services, which
encrypt on their own; for those, run the command under `torsocks`.
"""

import http.client
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from archive.errors import IntakeError


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart. `path` is without a final slash."""

    https: bool
    host: str
    port: int | None
    path: str

    def line(self, timeout_seconds: float) -> http.client.HTTPConnection:
        """Return a connection to it, which is not opened yet."""
        if not self.https:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout_seconds)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout_seconds, context=context)


def parse_address(text: str, *, code: str, what: str) -> Address:
    """Read the address of `what`; raise `code` for one that is none, or would not be encrypted."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.username is not None:
        raise IntakeError(code, f"not the address of {what}", expected="https://archive.example")
    if parts.scheme == "http" and not (_is_loopback(host) or host.endswith(".onion")):
        raise IntakeError(
            code, "everybody on the way would see what is sent", expected="https://, or an onion address"
        )
    return Address(parts.scheme == "https", host, port, parts.path.rstrip("/"))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
