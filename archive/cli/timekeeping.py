"""Asking an authority for a timestamp: RFC 3161 over HTTP (3.4), again after a while when it fails."""

import http.client
import os
import time
from collections.abc import Callable
from typing import Final

from archive.cli.addresses import Address, parse_address
from archive.errors import IntakeError
from keys.timestamps import LARGEST_TIMESTAMP_BYTES

#: How long to wait before each further attempt. What still fails is due at the next call.
WAITS_SECONDS: Final = (1.0, 4.0, 15.0)

_TIMEOUT_SECONDS: Final = 30
_HEADERS: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
_BUSY: Final = (http.client.TOO_MANY_REQUESTS, http.client.REQUEST_TIMEOUT)


class _NotNow(Exception):
    """Nobody answers, or the authority cannot at the moment."""


def address_of_authority(text: str) -> Address:
    """Read the address of an authority (I35)."""
    return parse_address(text, code="I35", what="an authority")


def ask(url: str, request: bytes, *, sleep: Callable[[float], None] = time.sleep) -> bytes:
    """Return what the authority at `url` answers, unverified.

    Raises I32 where nobody answers, after several attempts, I33 when it answers with something else.
    """
    address, why = address_of_authority(url), ""
    for wait in (0.0, *WAITS_SECONDS):
        if wait:
            sleep(wait)
        try:
            return _ask_once(address, request)
        except _NotNow as fault:
            why = str(fault)
    raise IntakeError("I32", "the authority does not answer; ask again later", found=why)


def _ask_once(address: Address, request: bytes) -> bytes:
    line = address.line(_TIMEOUT_SECONDS)
    try:
        line.request("POST", address.path or "/", request, _HEADERS)
        answer = line.getresponse()
        data = answer.read(LARGEST_TIMESTAMP_BYTES + 1)
    except (OSError, http.client.HTTPException) as fault:
        number = fault.errno if isinstance(fault, OSError) else None
        raise _NotNow(os.strerror(number).casefold() if number else type(fault).__name__) from None
    finally:
        line.close()
    if answer.status >= http.client.INTERNAL_SERVER_ERROR or answer.status in _BUSY:
        raise _NotNow(f"HTTP status {answer.status}")
    if answer.status != http.client.OK:
        raise IntakeError("I33", "no authority for timestamps is there", found=f"HTTP status {answer.status}")
    return data
