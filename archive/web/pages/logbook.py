"""The custody log as anyone may see it, and its tiles and checkpoint for tools (c2sp.org/tlog-tiles)."""

from dataclasses import dataclass

from flask import Response, abort, render_template, request

from archive.access.signin import Sitting
from archive.digests import Digest
from archive.events import format_moment, parse_entry
from archive.ids import Id
from archive.kinds import Kind
from archive.rules_of_audits import audits
from archive.tiles import TILE_WIDTH, parse_tile_path
from archive.web.countersigned import up_to
from archive.web.door import archive, guest
from archive.web.gate import is_inspecting, public
from archive.web.headers import FOR_A_MOMENT, FOR_AN_HOUR, FOREVER

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry as an auditor sees it in the list."""

    index: int
    kind: Kind
    at: str
    id: Id
    agent: Id


@public
def log() -> str:
    """Show how long the log is and its fingerprint; to auditors also the latest events."""
    note, checkpoint = archive().log.published()
    return render_template(
        "log.html",
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        fingerprint=Digest.of(note),
        note=note.decode(),
        keys=archive().log_keys,
        countersigned=up_to(),
        latest=_latest(checkpoint.size) if may_see_entries(guest()) else [],
    )


@public
def checkpoint() -> Response:
    """Serve the published checkpoint, a signed note."""
    response = Response(archive().log.note(), mimetype="text/plain")
    return _cacheable(response, FOR_A_MOMENT)


@public
def tile(path: str) -> Response:
    """Serve a hash tile to anyone, a bundle of entries to auditors only."""
    ref = parse_tile_path(f"tile/{path}")
    if ref.level is None and not is_inspecting() and not may_see_entries(guest()):
        abort(404)
    response = Response(archive().log.tile(ref), mimetype="application/octet-stream")
    if ref.level is None:
        return response
    return _cacheable(response, FOREVER if ref.width == TILE_WIDTH else FOR_AN_HOUR)


def _cacheable(response: Response, how: str) -> Response:
    """Let anyone keep it, and ask whether it is still the same."""
    response.headers["Cache-Control"] = how
    response.add_etag()
    response.make_conditional(request)
    return response


def may_see_entries(sitting: Sitting | None) -> bool:
    """Say whether somebody may see all entries: auditors, and whoever was granted to audit."""
    if sitting is None:
        return False
    return audits(archive().ledger(), sitting.id, format_moment(archive().clock()))


def _latest(size: int) -> list[Logged]:
    first = max(0, size - SHOWN)
    entries = archive().log.entries(first, size)
    events = [(index, parse_entry(entry).event) for index, entry in enumerate(entries, first)]
    return [Logged(index, one.kind, one.at, one.id, one.agent) for index, one in reversed(events)]
