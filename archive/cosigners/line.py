"""The line to a cosigner: one request, one answer. HTTPS with the system's certificates, no redirects."""

import http.client
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from archive.add_checkpoint import LARGEST_ANSWER_BYTES
from archive.cli.addresses import Address, parse_address
from archive.errors import IntakeError

_TIMEOUT_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cosigner answered."""

    status: int
    kind: str
    body: bytes


#: Sends a request's body to a cosigner at an address, and returns what it answers.
Send = Callable[[str, bytes], Answer]


def send(url: str, body: bytes) -> Answer:
    """Ask the cosigner at `url`; raise I38 for an address that is none, I42 where nobody answers."""
    to = parse_address(url, code="I38", what="a cosigner")
    return _exchange(to, "POST", f"{to.path}/add-checkpoint", body, LARGEST_ANSWER_BYTES)


def fetch(url: str, path: str, largest_bytes: int) -> Answer:
    """Fetch `path` below an address; raise I38, and I42 where nobody answers."""
    to = parse_address(url, code="I38", what="a log")
    return _exchange(to, "GET", f"{to.path}/{path}", None, largest_bytes)


def _exchange(to: Address, method: str, path: str, body: bytes | None, largest_bytes: int) -> Answer:
    line = to.line(_TIMEOUT_SECONDS)
    try:
        headers = {"Content-Type": "text/plain; charset=utf-8"} if body is not None else {}
        line.request(method, path, body, headers)
        answer = line.getresponse()
        # One byte more, so that what is too long is seen to be.
        data = answer.read(largest_bytes + 1)
    except (OSError, http.client.HTTPException) as fault:
        reason = os.strerror(fault.errno).casefold() if isinstance(fault, OSError) and fault.errno else None
        raise IntakeError("I42", "nobody answers there, or the line was cut", found=reason) from None
    finally:
        line.close()
    if len(data) > largest_bytes:
        raise IntakeError("I37", "an answer is too long", expected=largest_bytes)
    return Answer(answer.status, answer.headers.get("Content-Type", ""), data)
