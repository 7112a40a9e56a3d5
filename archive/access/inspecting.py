"""Inspections: auditors who read the archive from their own machines, with no session here and no key to it.

An auditor signs an event with her own key, on her own machine, that names a key made for this one inspection;
with that each request is then signed. So nothing is handed out before the log says to whom, nothing that
opens anything ever reaches the server, and who takes the server cannot ask in her name.
"""

from datetime import timedelta
from typing import Final

from archive.access.parts import Archive
from archive.access.replays import Replays
from archive.author import Signed
from archive.errors import AccessError, CustodyError, SviedkaError
from archive.events import LARGEST_ENTRY_BYTES, CustodyEvent, format_moment, parse_entry
from archive.inspections import WINDOW_SECONDS, parse_request, request_message
from archive.kinds import Kind
from archive.nouns import Inspection
from archive.rules import check_signatures
from archive.rules_of_audits import audits
from keys.signing import verify_ed25519

#: How far the moment of an event from outside may be off: nobody uses a right that she has no more.
PATIENCE: Final = timedelta(seconds=WINDOW_SECONDS)


def take_entry(archive: Archive, entry: bytes, kind: Kind) -> int:
    """Log an inspection, or the outcome of an audit, that an auditor signed elsewhere; return its index.

    Raises A67 for anybody who may not audit, A88 where it was not signed just now, C36 where it cites a
    checkpoint that this log never had, C53 and C62 for what is malformed or not signed by her key in force.
    """
    if len(entry) > LARGEST_ENTRY_BYTES:
        raise CustodyError("C53", "log entry is too large", expected=LARGEST_ENTRY_BYTES)
    parsed, ledger = parse_entry(entry), archive.ledger()
    event = parsed.event
    if event.kind is not kind or len(parsed.signatures) != 1:
        raise CustodyError("C53", "another kind of entry than belongs here", expected=kind.value)
    now = archive.clock()
    if not audits(ledger, event.agent, format_moment(now)):
        raise AccessError("A67", "you may not audit here")
    check_signatures(ledger, parsed, verify_ed25519, index=ledger.size)
    if not format_moment(now - PATIENCE) <= event.at <= format_moment(now + PATIENCE):
        raise AccessError(
            "A88", "an entry has to be signed just now", expected=format_moment(now), found=event.at
        )
    _check_seen(archive, event)
    return archive.custody.record([Signed(event.id, entry)]).first_index


def admit(archive: Archive, header: str, method: str, path: str) -> Inspection:
    """Return the inspection under which a request is signed.

    Raises A67 where there is none, or its time or the auditor's right is over, A88 where the request was
    signed at another time than now, or came already.
    """
    request, ledger, now = parse_request(header), archive.ledger(), archive.clock()
    found = ledger.inspections.get(request.key)
    if found is None or not format_moment(now) <= found.until:
        raise AccessError("A67", "there is no such inspection, or it is over")
    if not audits(ledger, found.agent, format_moment(now)):
        raise AccessError("A67", "you may not audit here any more")
    message = request_message(ledger.origin, method, path, time=request.time, nonce=request.nonce)
    try:
        verify_ed25519(request.key, message, request.signature)
    except SviedkaError:
        raise AccessError("A67", "the request's signature does not hold") from None
    present = int(now.timestamp())
    if abs(present - request.time) > WINDOW_SECONDS:
        raise AccessError("A88", "the request was signed too long ago", expected=present, found=request.time)
    if not Replays(archive.runtime.shared).is_new(request.signature):
        raise AccessError("A88", "the request came already")
    return found


def _check_seen(archive: Archive, event: CustodyEvent) -> None:
    """Refuse (C36) what cites another history than this one: else every later audit would name it."""
    seen, size = event.seen, archive.log.checkpoint().size
    if seen.size > size or archive.log.root_at(seen.size) != seen.root:
        raise CustodyError(
            "C36", "the auditor saw another log than this one", expected=f"at most {size} entries of this"
        )
