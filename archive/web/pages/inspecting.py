"""The archive as auditors read it from their own machines: `sviedka audit --mirror`.

Every request but the first is signed under an inspection, which the log holds before anything is handed out.
No cookie counts here, and nothing that opens anything is handed out: what is sealed stays sealed.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from flask import Response, jsonify, request

from archive.access.inspecting import take_entry
from archive.access.receipts import trust_of
from archive.digests import Digest
from archive.errors import AccessError, IntakeError
from archive.events import LARGEST_ENTRY_BYTES
from archive.kinds import Kind
from archive.trust import format_trust
from archive.web.door import archive, door
from archive.web.downloads import attach
from archive.web.gate import by_entry, by_request, public
from storage.auditing import local_holdings, stored_body
from storage.locks import one_of
from storage.snapshots import snapshot

#: How many inspections read the catalogue, or bodies, at once: the other threads stay for everybody else.
SNAPSHOTS: Final = 1
BODIES: Final = 4

_REST: Final = re.compile(r"bytes=([0-9]{1,15})-", re.ASCII)


@public
def trust() -> Response:
    """Hand out the trust file: the log's origin and public keys. Its fingerprint is compared elsewhere."""
    return attach(format_trust(trust_of(archive())), "archive.trust")


@by_entry
def open_inspection() -> tuple[Response, int]:
    """Log the inspection that an auditor signed on her own machine."""
    return _logged(Kind.INSPECTION)


@by_entry
def record_audit() -> tuple[Response, int]:
    """Log the outcome of an audit that an auditor signed on her own machine."""
    return _logged(Kind.AUDIT)


@by_request
def holdings() -> Response:
    """Hand out everything that an audit compares but bodies and log, as it is at one moment."""
    with ExitStack() as stack:
        _take_place(stack, "snapshots", SNAPSHOTS)
        held = stack.enter_context(local_holdings(archive().folder))
        return _streamed(stack, snapshot(held))


@by_request
def body(body: str) -> Response:
    """Hand out a sealed body, or what is left of it where the line was cut."""
    try:
        wanted = Digest(body)
    except IntakeError:
        raise IntakeError("I01", "no such body") from None
    with ExitStack() as stack:
        _take_place(stack, "bodies", BODIES)
        start = _start()
        response = _streamed(stack, stored_body(archive().folder, wanted, start=start))
        response.status_code = 206 if start else 200
        return response


def _start() -> int:
    """Return from which byte on somebody wants a body; anything else than `bytes=N-` means all of it."""
    found = _REST.fullmatch(request.headers.get("Range", ""))
    return int(found[1]) if found else 0


def _logged(kind: Kind) -> tuple[Response, int]:
    entry = request.stream.read(LARGEST_ENTRY_BYTES + 1)
    return jsonify(index=take_entry(archive(), entry, kind)), 201


def _take_place(stack: ExitStack, name: str, places: int) -> None:
    """Take one of few places until the stack is closed, or refuse (A65) at once."""
    shared = door().archive.runtime.shared
    if not stack.enter_context(one_of(shared / f"{name}-{place}" for place in range(places))):
        raise AccessError("A65", "others are reading the archive at this moment")


def _streamed(stack: ExitStack, chunks: Iterator[bytes]) -> Response:
    """Answer with a stream; what the stack holds is let go when it ends, or is cut."""
    response = attach(chunks, "inspection")
    response.call_on_close(stack.pop_all().close)
    return response
